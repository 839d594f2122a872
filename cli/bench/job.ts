import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { stringify } from "yaml";
import { isKubernetesName } from "../../components/kubernetes-object";
import { benchJobManifests, CA_PATH, NODE_IMAGE, REQUEST_PATH } from "../../load/job.manifest";
import { allOf } from "../all-of";
import { InvalidInputError } from "../errors";
import { optionFault } from "../option-faults";
import { write } from "../output";
import { plannedRun } from "../planned-run";
import { API_KEY_VARIABLE, benchSettings, comparesWithPlan, type BenchFlags, type BenchSettings } from "./options";

const IMAGE = /^[a-z0-9][\w.:/@-]{0,250}$/;

/** Options whose files a pod does not have. */
const LOCAL_FILES = {
  "--api-key-file": "apiKeyFile",
  "--output": "output",
  "--calibration-row": "calibrationRow",
} as const;

/** Options that the pod gets as they were given. */
const PASSED_ON = {
  "--model": "model",
  "--endpoint": "endpoint",
  "--concurrency": "concurrency",
  "--num-prompts": "numPrompts",
  "--input-tokens": "inputTokens",
  "--output-tokens": "outputTokens",
  "--spread": "spread",
  "--warm-up": "warmUp",
  "--seed": "seed",
  "--timeout": "timeout",
  "--format": "format",
} as const;

/** Prints the Job that would do what the options say, from inside the cluster. */
export async function benchJob(flags: BenchFlags & { readonly job: string }): Promise<void> {
  const [, settings, request] = await allOf([
    () => checkJobFlags(flags),
    // The key of whoever prints the Job is not the Job's.
    () => benchSettings(flags, {}, process.cwd()),
    () => (comparesWithPlan(flags) ? checkedRequest(flags) : undefined),
  ]);
  const [name = "", key = ""] = flags.jobKeySecret?.split("/") ?? [];
  const manifests = benchJobManifests({
    name: flags.job,
    namespace: flags.jobNamespace,
    image: flags.jobImage ?? NODE_IMAGE,
    programGzip: gzipSync(readFileSync(__filename)).toString("base64"),
    args: jobArguments(flags, settings, request !== undefined),
    ...(request === undefined ? {} : { request }),
    ...(settings.ca === undefined ? {} : { ca: settings.ca }),
    ...(flags.jobKeySecret === undefined ? {} : { keySecret: { name, key } }),
    keyVariable: API_KEY_VARIABLE,
  });
  await write(process.stdout, manifests.map((object) => stringify(object, { lineWidth: 0 })).join("---\n"));
}

function jobArguments(flags: BenchFlags, settings: BenchSettings, hasRequest: boolean): string[] {
  return [
    "bench",
    `--url=${settings.url.href}`,
    ...Object.entries(PASSED_ON).flatMap(([flag, key]) => (flags[key] === undefined ? [] : [`${flag}=${flags[key]}`])),
    ...(flags.ignoreEos ? ["--ignore-eos"] : []),
    ...(flags.stagger ? ["--stagger"] : []),
    ...(flags.failOnMiss ? ["--fail-on-miss"] : []),
    ...(hasRequest ? [`--request=${REQUEST_PATH}`] : []),
    ...(settings.ca === undefined ? [] : [`--ca-file=${CA_PATH}`]),
  ];
}

/** The request in one piece, known to have a plan: the pod has neither the stack's file nor the command line that was laid over it. */
async function checkedRequest(flags: BenchFlags): Promise<string> {
  const { input } = await plannedRun(flags);
  return JSON.stringify(input);
}

function checkJobFlags(flags: BenchFlags & { readonly job: string }): void {
  const faults = Object.entries(LOCAL_FILES).flatMap(([flag, key]) =>
    flags[key] === undefined ? [] : [`${flag}: a Job has no files of this machine; wanted it without${help(flag)}`],
  );
  for (const [flag, name] of [
    ["--job", flags.job],
    ["--job-namespace", flags.jobNamespace],
  ] as const) {
    if (!isKubernetesName(name))
      faults.push(optionFault(flag, name, "lower-case letters, digits and dashes, at most 63"));
  }
  if (flags.jobImage !== undefined && !IMAGE.test(flags.jobImage))
    faults.push(optionFault("--job-image", flags.jobImage, "an image such as registry.example.org/node:22"));
  if (
    flags.jobKeySecret !== undefined &&
    !/^[a-z0-9][a-z0-9.-]{0,252}\/[A-Za-z0-9._-]{1,253}$/.test(flags.jobKeySecret)
  )
    faults.push(optionFault("--job-key-secret", flags.jobKeySecret, "secret/key, such as clients/bench"));
  if (faults.length > 0) throw new InvalidInputError(faults.join("\n"));
}

function help(flag: string): string {
  return flag === "--api-key-file" ? ", and --job-key-secret" : "; its log has the result (--format json)";
}
