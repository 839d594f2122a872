import type { FeasiblePlan } from "../sizing/serving-plan";
import { gpusPerReplica, weightsGiBPerReplica } from "./engine-resources";

/** Weights in a bucket instead of the hub; the path ends in the repository, by which weights are known. */
export interface ModelSource {
  /** `s3://bucket/revision/repository` */
  readonly uri: string;
}

/** Weights of one reader thread, in GB. Source: EKS User Guide, ml-inference-fast-model-loading. */
const GB_PER_READER = 4;

/** The arguments with the weights streamed from the source, where there is one. */
export function withModelSource(
  plan: FeasiblePlan,
  args: readonly string[],
  source: ModelSource | undefined,
): readonly string[] {
  if (source === undefined) return args;
  const others = args.slice(1).filter((arg) => !arg.startsWith("--revision="));
  const weightsGB = (weightsGiBPerReplica(plan) * 2 ** 30) / 1e9;
  const loader = {
    concurrency: Math.max(1, Math.ceil(weightsGB / GB_PER_READER)),
    // Each rank reads its share and passes it on; alone there is nobody to pass it to.
    ...(gpusPerReplica(plan) > 1 ? { distributed: true } : {}),
  };
  return [
    source.uri,
    ...others,
    "--load-format=runai_streamer",
    `--model-loader-extra-config=${JSON.stringify(loader)}`,
  ];
}

/** Variables of the streamer; same source as the number of readers. */
export function streamerEnvironment(source: ModelSource | undefined): Readonly<Record<string, string>> {
  if (source === undefined) return {};
  return {
    RUNAI_STREAMER_CHUNK_BYTESIZE: String(2 ** 32),
    RUNAI_STREAMER_S3_REQUEST_TIMEOUT_MS: "3000",
    RUNAI_STREAMER_S3_LOW_SPEED_LIMIT: String(2 ** 20),
  };
}
