import { ProbeError } from "../load/bench";
import type { Endpoint } from "../load/endpoint";
import type { RequestFailure } from "../load/outcome";
import { fetchText, modelNames } from "../load/served-models";
import { INTERRUPTED } from "../load/stream-request";
import { API_PATHS, type Api } from "../load/workload";
import { API_KEY_VARIABLE } from "./bench/options";
import { EnvironmentError } from "./errors";

const MODELS_TIMEOUT_MS = 30_000;
const MOST_NAMES = 8;

const NOBODY_THERE: ReadonlySet<string> = new Set(["connection refused", "unknown host", "unreachable"]);
const IS_IT_RUNNING =
  "\nIs the address right, and does the server run? An engine answers only once its weights are loaded.";

/** The model to ask for: the named one, else the first that the endpoint lists, as `vllm bench serve` takes it. */
export async function servedModel(
  endpoint: Endpoint,
  url: URL,
  named: string | undefined,
  { timeoutMs, signal }: { readonly timeoutMs: number; readonly signal: AbortSignal },
): Promise<{ readonly model: string; readonly notes: readonly string[] }> {
  if (named !== undefined) return { model: named, notes: [] };
  const listed = await fetchText(endpoint, "/v1/models", { timeoutMs: Math.min(timeoutMs, MODELS_TIMEOUT_MS), signal });
  if (!listed.ok && listed.failure.kind === INTERRUPTED) throw new ProbeError(listed.failure);
  if (!listed.ok) throw unreachable(url, "/v1/models", listed.failure);
  const names = modelNames(listed.text);
  const [model] = names ?? [];
  if (names === undefined || model === undefined)
    throw new EnvironmentError(`${url.href}v1/models lists no model; name it with --model`);
  const others = names.length > 1 ? [`the endpoint serves ${shown(names)}; ${model} was asked`] : [];
  return { model, notes: others };
}

function shown(names: readonly string[]): string {
  const more = names.length > MOST_NAMES ? ` and ${names.length - MOST_NAMES} more` : "";
  return `${names.slice(0, MOST_NAMES).join(", ")}${more}`;
}

/** The first request got no answer: why, and what to do about it. */
export function unanswered(url: URL, api: Api, failure: RequestFailure): EnvironmentError {
  return unreachable(url, API_PATHS[api], failure);
}

function unreachable(url: URL, path: string, failure: RequestFailure): EnvironmentError {
  return new EnvironmentError(`${failureText(url, path, failure)}${advice(failure.kind, path)}`);
}

/** The engine's metrics page could not be read; a key, a certificate or patience are another program's to give. */
export function unreadableMetrics(url: URL, path: string, failure: RequestFailure): EnvironmentError {
  const isThere = !NOBODY_THERE.has(failure.kind);
  const own = isThere ? "\nAnother program may get it: curl … | fitserve verify --metrics -" : IS_IT_RUNNING;
  return new EnvironmentError(`${failureText(url, path, failure)}${own}`);
}

function failureText({ origin, pathname }: URL, path: string, { kind, detail }: RequestFailure): string {
  return `${origin}${pathname.replace(/\/$/, "")}${path}: ${detail === "" ? kind : `${kind}: ${detail}`}`;
}

/** What a failure of an endpoint means to its user. */
function advice(kind: string, path: string): string {
  if (NOBODY_THERE.has(kind)) return IS_IT_RUNNING;
  switch (kind) {
    case "HTTP 401":
    case "HTTP 403":
      return `\nThe endpoint wants a valid API key: put it into a file for --api-key-file, or into ${API_KEY_VARIABLE}.`;
    case "HTTP 404":
      return path === API_PATHS.completions
        ? "\nThe path or the model is not served there: --endpoint chat takes the other API, --model another name."
        : "\nThe path or the model is not served there; wanted an OpenAI-compatible server and one of its models.";
    case "certificate":
      return "\nThe certificate is not trusted here: give the authority that signed it with --ca-file.";
    case "no TLS":
      return "\nThe server does not speak TLS there: does its address begin with http://?";
    case "HTTP 301":
    case "HTTP 302":
    case "HTTP 307":
    case "HTTP 308":
      return "\nRedirects are not followed, since they would be measured too: give the address that they lead to.";
    case "timeout":
      return "\n--timeout allows more.";
    default:
      return "";
  }
}
