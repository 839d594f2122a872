import type { InstanceOffer } from "../catalog";
import { isNegotiated, priceBasis } from "../cost/negotiated-prices";
import { gpusOf } from "../model/parallelism";
import type { ModelFacts } from "../search/planned-model";
import type { Replica } from "../search/replica";
import type { Assumption } from "../serving-plan";
import type { ServingRequest } from "../serving-request";
import { loadText, workloadAssumptions } from "./workload-assumptions";

/** Newest release whose source was read; later ones rest on threads and logs. */
const ENGINE_READ_UP_TO = "0.28";

/** Day on which the sources of what has no date of its own were read. */
const READ_ON = "2026-11-22";

/** What the plan rests on that was not measured for exactly this case. */
export function assumptionsOf(request: ServingRequest, model: ModelFacts, replica: Replica): Assumption[] {
  const { gpu, offer } = replica.configuration;
  return [
    {
      text:
        `Limits hold at the 95th percentile in steady state with staggered arrivals of ${loadText(request.workload)}; ` +
        `a burst of all requests at once is reported apart`,
      source: "fitserve:serving",
      date: READ_ON,
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
      date: READ_ON,
      basis: replica.memory.basis,
    },
    priceAssumption(offer),
    ...workloadAssumptions(request, model, replica).map((assumption) => ({ ...assumption, date: READ_ON })),
    ...linkAssumption(replica),
    ...checkpointAssumption(model, replica),
  ];
}

function priceAssumption(offer: InstanceOffer): Assumption {
  const where = `${offer.instanceType} in ${offer.region}`;
  const text = isNegotiated(offer)
    ? `the price of ${where} is the one that the request gives; capacity is not promised by it`
    : `the list price of ${where} is that of the day of capture; capacity is not promised by it`;
  return { text, source: offer.source, date: offer.date, basis: priceBasis(offer) };
}

function linkAssumption({ configuration }: Replica): Assumption[] {
  if (gpusOf(configuration) === 1) return [];
  const { instanceType, link } = configuration.offer;
  const kind = link.kind === "nvlink" ? "NVLink" : "PCIe";
  return [
    {
      text: `cards of ${instanceType} are joined by ${kind} (${link.gigabytesPerSecond} GB/s both ways)`,
      source: "product pages of the cloud",
      date: READ_ON,
      basis: "assumed",
    },
  ];
}

function checkpointAssumption(model: ModelFacts, { configuration: { quantization } }: Replica): Assumption[] {
  if (model.checkpoints[quantization] !== undefined) return [];
  return [
    {
      text: `weights of ${model.key} in ${quantization} exist; the catalog knows none, so deploying needs fitserve:serving.checkpoint`,
      source: "catalog",
      date: READ_ON,
      basis: "assumed",
    },
  ];
}
