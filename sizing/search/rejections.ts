import type { Catalog } from "../catalog";
import { gpusOf } from "../model/parallelism";
import type { RejectedCandidate } from "../serving-plan";
import type { ServingRequest } from "../serving-request";
import { plural } from "../wording";
import { compareText } from "./configurations";
import type { Failure } from "./search";

const REASONS = [
  "pinned",
  "ttft",
  "speed",
  "first-answer",
  "end-to-end",
  "kv-cache",
  "memory",
  "host-memory",
  "precision",
  "tensor-parallel",
  "catalog",
] as const satisfies readonly RejectedCandidate["reason"][];

/** Every kind of rejection once, in a fixed order, whatever the order of the catalog. */
export function rejectionsOf(
  request: ServingRequest,
  catalog: Catalog,
  refused: readonly RejectedCandidate[],
  failures: readonly Failure[],
): RejectedCandidate[] {
  const all = [...refused, ...failures.map(failed), ...unusable(request, catalog)];
  const byKind = new Map<string, RejectedCandidate>();
  for (const candidate of all) {
    const kind = `${candidate.candidate.replace(/ \(.*\)$/, "")} ${candidate.reason}`;
    if (!byKind.has(kind)) byKind.set(kind, candidate);
  }
  return [...byKind.values()].toSorted(compareRejected);
}

export function compareRejected(a: RejectedCandidate, b: RejectedCandidate): number {
  return REASONS.indexOf(a.reason) - REASONS.indexOf(b.reason) || compareText(a.candidate, b.candidate);
}

function failed({ configuration, shortfall }: Failure): RejectedCandidate {
  const { gpu, quantization, kvCacheDtype, offer } = configuration;
  const weights = kvCacheDtype === "fp8" ? `${quantization}, FP8 KV cache` : quantization;
  return { candidate: `${gpusOf(configuration)}x ${gpu.name} ${weights} (${offer.instanceType})`, ...shortfall };
}

/** One row for each reason, naming the instance types that it bars. */
function unusable(request: ServingRequest, catalog: Catalog): RejectedCandidate[] {
  if (request.gpu !== undefined) return [];
  const types = new Map<string, string[]>();
  for (const { cloud, instanceType, reason } of catalog.unusable) {
    if (!request.market.clouds.includes(cloud)) continue;
    const key = `${cloud}\n${reason}`;
    types.set(key, [...(types.get(key) ?? []), instanceType]);
  }
  return [...types].map(([key, names]) => {
    const [cloud = "", reason = ""] = key.split("\n");
    return {
      candidate: `${cloud} ${names.toSorted(compareText).join(", ")}`,
      reason: "catalog",
      explanation: reason,
      needed: "whole GPUs with known figures and a price",
      available: plural(names.length, "instance type"),
    };
  });
}

function power({ configuration }: Failure): number {
  return configuration.gpu.bandwidthGBPerSecond * configuration.tensorParallel;
}

/** The failure that came nearest to success: the last hurdle, and there the most capable hardware. */
export function nearestFailure(failures: readonly Failure[]): Failure | undefined {
  return failures.toSorted(
    (a, b) =>
      REASONS.indexOf(a.shortfall.reason) - REASONS.indexOf(b.shortfall.reason) ||
      power(b) - power(a) ||
      compareText(a.configuration.offer.instanceType, b.configuration.offer.instanceType),
  )[0];
}
