import { isNegotiated } from "./negotiated-prices";
import { gpusOf } from "./parallelism";
import type { ModelFacts } from "./planned-model";
import type { Replica } from "./replica";
import type { Assumption } from "./serving-plan";
import type { ServingRequest } from "./serving-request";
import { loadText, workloadAssumptions } from "./workload-assumptions";

/** Newest release whose source was read; later ones rest on threads and logs. */
const ENGINE_READ_UP_TO = "0.28";

/** What the plan rests on that was not measured for exactly this case. */
export function assumptionsOf(request: ServingRequest, model: ModelFacts, replica: Replica): Assumption[] {
  const { gpu, offer, quantization } = replica.configuration;
  const date = "2026-11-22";
  const assumptions: Assumption[] = [
    {
      text:
        `Limits hold at the 95th percentile in steady state with staggered arrivals of ${loadText(request.workload)}; ` +
        `a burst of all requests at once is reported apart`,
      source: "fitserve:serving",
      date,
      basis: "assumed",
    },
    {
      text: `${gpu.name}: ${gpu.usableGiB} GiB are usable by the engine`,
      source: gpu.source,
      date: gpu.date,
      basis: gpu.usableBasis,
    },
    {
      text: `memory constants of vLLM ${request.engine.version} are those of its newest measured release (source read up to ${ENGINE_READ_UP_TO})`,
      source: "vLLM source and start-up logs",
      date,
      basis: replica.memory.basis,
    },
    {
      text: isNegotiated(offer)
        ? `the price of ${offer.instanceType} in ${offer.region} is the one that the request gives; capacity is not promised by it`
        : `the list price of ${offer.instanceType} in ${offer.region} is that of the day of capture; capacity is not promised by it`,
      source: offer.source,
      date: offer.date,
      basis: isNegotiated(offer) ? "assumed" : offer.source.startsWith("computed") ? "computed" : "published",
    },
  ];
  assumptions.push(...workloadAssumptions(request, model, replica).map((text) => ({ ...text, date })));
  if (gpusOf(replica.configuration) > 1) {
    assumptions.push({
      text: `cards of ${offer.instanceType} are joined by ${offer.link.kind === "nvlink" ? "NVLink" : "PCIe"} (${offer.link.gigabytesPerSecond} GB/s both ways)`,
      source: "product pages of the cloud",
      date,
      basis: "assumed",
    });
  }
  if (model.checkpoints[quantization] === undefined) {
    assumptions.push({
      text: `weights of ${model.key} in ${quantization} exist; the catalog knows none, so deploying needs fitserve:serving.checkpoint`,
      source: "catalog",
      date,
      basis: "assumed",
    });
  }
  return assumptions;
}
