import { weightsGBPerReplica } from "../../sizing/model/replica-weights";
import type { FeasiblePlan } from "../../sizing/serving-plan";
import type { ServingOptions } from "../serving-options";
import { gpusPerReplica } from "./engine-resources";

/** Weights in a bucket or on the node instead of the hub; the path ends in the repository, by which weights are known. */
export type ModelSource = BucketSource | NodeSource;

export interface BucketSource {
  readonly kind: "bucket";
  /** `s3://bucket/revision/repository` */
  readonly uri: string;
}

/** A folder of the node, which something else fills. */
export interface NodeSource {
  readonly kind: "node";
  /** Folder of the weights as the engine sees it. */
  readonly uri: string;
  /** Of the engine: what of the claim's volume it sees where. */
  readonly mountPath: string;
  /** File that is there once the weights are whole. */
  readonly marker: string;
  /** Made beside the engine, and the volume that it is bound to. */
  readonly claim: string;
  readonly volume: string;
}

/** Whether an engine asks the hub for anything: of weights on its disk nothing is missing but adapters. */
export function needsHub({ modelCacheClaim, modelSource, loraAdapters }: ServingOptions): boolean {
  if (modelCacheClaim !== undefined) return false;
  return modelSource?.kind !== "node" || loraAdapters.length > 0;
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
  const loader = source.kind === "bucket" ? bucketLoader(plan) : NODE_LOADER;
  const streamed = ["--load-format=runai_streamer", `--model-loader-extra-config=${JSON.stringify(loader)}`];
  return [source.uri, ...others, ...streamed];
}

/**
 * From a disk each rank reads for itself, all but the first out of the page cache, into a buffer of its own: as large as the
 * largest tensor and no larger, where the default of 40 GB for each rank would be more than the container may have. Source:
 * run-ai/runai-model-streamer, requests_iterator.py.
 */
const NODE_LOADER = { memory_limit: 0 } as const;

function bucketLoader(plan: FeasiblePlan): object {
  return {
    concurrency: Math.max(1, Math.ceil(weightsGBPerReplica(plan) / GB_PER_READER)),
    // Each rank reads its share and passes it on; alone there is nobody to pass it to.
    ...(gpusPerReplica(plan) > 1 ? { distributed: true } : {}),
  };
}

/** Variables of the streamer; same source as the number of readers. */
export function streamerEnvironment(source: ModelSource | undefined): Readonly<Record<string, string>> {
  if (source?.kind !== "bucket") return {};
  return {
    RUNAI_STREAMER_CHUNK_BYTESIZE: String(2 ** 32),
    RUNAI_STREAMER_S3_REQUEST_TIMEOUT_MS: "3000",
    RUNAI_STREAMER_S3_LOW_SPEED_LIMIT: String(2 ** 20),
  };
}
