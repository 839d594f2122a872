import { resolve } from "node:path";
import type { Api } from "../../load/workload";
import { FileTooLargeError, readUpTo } from "../bounded-file";
import { InvalidInputError } from "../errors";
import { optionFault, whyUnreadable } from "../option-faults";
import type { RequestOptions } from "../request-input";

/** Of a key or certificates. */
const LARGEST_FILE_BYTES = 1_000_000;

/** The command line as commander gives it. */
export interface BenchFlags extends RequestOptions {
  readonly url?: string;
  readonly endpoint: Api;
  readonly model?: string;
  readonly concurrency?: string;
  readonly numPrompts?: string;
  readonly inputTokens?: string;
  readonly outputTokens?: string;
  readonly spread: string;
  readonly warmUp?: string;
  readonly seed?: string;
  readonly ignoreEos: boolean;
  readonly stagger: boolean;
  readonly timeout: string;
  readonly apiKeyFile?: string;
  readonly caFile?: string;
  readonly format: "table" | "json";
  readonly output?: string;
  readonly calibrationRow?: string;
  readonly failOnMiss: boolean;
  /** Name of a Job to print in place of a run. */
  readonly job?: string;
  readonly jobNamespace: string;
  readonly jobImage?: string;
  /** `secret/key` that holds the API key. */
  readonly jobKeySecret?: string;
}

/** The command line, checked; what is not given follows from the plan or a default. */
export interface BenchSettings {
  readonly url: URL;
  readonly concurrency?: number;
  readonly prompts?: number;
  readonly inputTokens?: number;
  readonly outputTokens?: number;
  readonly spread: number;
  readonly warmUp?: number;
  readonly seed?: number;
  readonly timeoutMs: number;
  readonly apiKey?: string;
  readonly ca?: string;
}

export const API_KEY_VARIABLE = "FITSERVE_API_KEY";

const MOST_CLIENTS = 10_000;
const MOST_PROMPTS = 1_000_000;
const MOST_TOKENS = 10_485_760;
const MOST_SECONDS = 86_400;
const MOST_SEED = 2 ** 31 - 1;

/** Checks every option; all that is wrong is said at once. */
export function benchSettings(flags: BenchFlags, env: NodeJS.ProcessEnv, cwd: string): BenchSettings {
  const reader = new FlagReader(cwd);
  const url = reader.url("--url", flags.url);
  const settings: Parsed = {
    concurrency: reader.whole("--concurrency", flags.concurrency, 1, MOST_CLIENTS),
    prompts: reader.whole("--num-prompts", flags.numPrompts, 1, MOST_PROMPTS),
    inputTokens: reader.whole("--input-tokens", flags.inputTokens, 1, MOST_TOKENS),
    outputTokens: reader.whole("--output-tokens", flags.outputTokens, 1, MOST_TOKENS),
    warmUp: reader.whole("--warm-up", flags.warmUp, 0, MOST_PROMPTS),
    seed: reader.whole("--seed", flags.seed, 0, MOST_SEED),
    apiKey:
      flags.apiKeyFile === undefined
        ? reader.key(API_KEY_VARIABLE, env[API_KEY_VARIABLE])
        : reader.key("--api-key-file", reader.file("--api-key-file", flags.apiKeyFile)),
    ca: flags.caFile === undefined ? undefined : reader.certificates("--ca-file", flags.caFile),
  };
  const spread = reader.share("--spread", flags.spread);
  const seconds = reader.whole("--timeout", flags.timeout, 1, MOST_SECONDS);
  if (flags.model !== undefined && (flags.model.trim() === "" || /\p{C}/u.test(flags.model)))
    reader.say("--model", flags.model, "the name of a model");
  if (flags.failOnMiss && !comparesWithPlan(flags))
    reader.faults.push("--fail-on-miss: there is nothing to miss; wanted a plan too (--request, --stack or --set)");
  if (flags.calibrationRow !== undefined && !comparesWithPlan(flags))
    reader.faults.push(
      "--calibration-row: nothing says what was measured; wanted a plan (--request, --stack or --set)",
    );
  if (reader.faults.length > 0 || url === undefined || spread === undefined || seconds === undefined)
    throw new InvalidInputError(reader.faults.join("\n"));
  return { url, spread, timeoutMs: seconds * 1000, ...withoutMissing(settings) };
}

/** A plan is compared with only where one was named: the address alone does not say what runs there. */
export function comparesWithPlan({ request, stack, set, optimize }: RequestOptions): boolean {
  return request !== undefined || stack !== undefined || optimize !== undefined || set.length > 0;
}

type Optional = Omit<BenchSettings, "url" | "spread" | "timeoutMs">;
type Parsed = { readonly [Key in keyof Optional]-?: Optional[Key] | undefined };

/** Without the options that were not given. */
function withoutMissing({
  concurrency,
  prompts,
  inputTokens,
  outputTokens,
  warmUp,
  seed,
  apiKey,
  ca,
}: Parsed): Optional {
  return {
    ...(concurrency === undefined ? {} : { concurrency }),
    ...(prompts === undefined ? {} : { prompts }),
    ...(inputTokens === undefined ? {} : { inputTokens }),
    ...(outputTokens === undefined ? {} : { outputTokens }),
    ...(warmUp === undefined ? {} : { warmUp }),
    ...(seed === undefined ? {} : { seed }),
    ...(apiKey === undefined ? {} : { apiKey }),
    ...(ca === undefined ? {} : { ca }),
  };
}

class FlagReader {
  readonly faults: string[] = [];

  constructor(private readonly cwd: string) {}

  say(flag: string, given: string, wanted: string): undefined {
    this.faults.push(optionFault(flag, given, wanted));
    return undefined;
  }

  whole(flag: string, text: string | undefined, least: number, most: number): number | undefined {
    if (text === undefined) return undefined;
    const value = /^\d{1,12}$/.test(text) ? Number(text) : Number.NaN;
    if (value >= least && value <= most) return value;
    return this.say(flag, text, `a whole number from ${least} to ${most.toLocaleString("en-US")}`);
  }

  share(flag: string, text: string): number | undefined {
    const value = /^\d*\.?\d+$/.test(text) ? Number(text) : Number.NaN;
    if (value >= 0 && value < 1) return value;
    return this.say(flag, text, "a number from 0 to below 1, such as 0.2");
  }

  url(flag: string, text: string | undefined): URL | undefined {
    const wanted = "the address of an OpenAI-compatible server, such as http://127.0.0.1:8000";
    if (text === undefined) {
      this.faults.push(`${flag}: missing; wanted ${wanted}`);
      return undefined;
    }
    const url = URL.canParse(text) ? new URL(text) : undefined;
    if (url !== undefined && (url.username !== "" || url.password !== "")) {
      // The value is not repeated: it holds a password.
      this.faults.push(`${flag}: holds a user or a password; wanted the key in a file (--api-key-file)`);
      return undefined;
    }
    if (url === undefined || !/^https?:$/.test(url.protocol) || url.search !== "" || url.hash !== "")
      return this.say(flag, text, wanted);
    url.pathname = url.pathname.replace(/\/v1(\/(chat\/)?completions)?\/*$/, "/");
    return url;
  }

  file(flag: string, path: string): string | undefined {
    try {
      return readUpTo(resolve(this.cwd, path), LARGEST_FILE_BYTES).toString("utf8");
    } catch (error) {
      const reason = error instanceof FileTooLargeError ? "more than 1 MB" : whyUnreadable(error);
      this.faults.push(`${flag} ${path}: ${reason}; wanted a file that can be read`);
      return undefined;
    }
  }

  /** Never repeats what it was given. */
  key(from: string, text: string | undefined): string | undefined {
    if (text === undefined) return undefined;
    const key = text.trim();
    if (/^[\x21-\x7e]+$/.test(key)) return key;
    this.faults.push(`${from}: wanted an API key alone, one word of printable characters`);
    return undefined;
  }

  certificates(flag: string, path: string): string | undefined {
    const text = this.file(flag, path);
    if (text === undefined || text.includes("-----BEGIN CERTIFICATE-----")) return text;
    this.faults.push(`${flag} ${path}: holds no certificate; wanted PEM`);
    return undefined;
  }
}
