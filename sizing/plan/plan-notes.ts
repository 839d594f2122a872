import type { Catalog } from "../catalog";
import { FP8_KV_CACHE_QUALITY } from "../memory/kv-cache-choice";
import { gpusOf, parallelismText } from "../model/parallelism";
import { plannedConcurrency } from "../search/cases";
import { compareText, marketOffers } from "../search/configurations";
import { modelFacts } from "../search/planned-model";
import { cheapest, pinRelaxations } from "../search/relaxations";
import { holding, replicaOf, steadyStateOf } from "../search/replica";
import { requestsThatFit, spareRequestsPerDollar, usedGpus, type Solution } from "../search/solution";
import type { PerformancePlan, Reason, RejectedCandidate } from "../serving-plan";
import type { ServingRequest } from "../serving-request";
import { perHour, plural, seconds, tokensPerSecond } from "../wording";
import { dialogueNote } from "./dialogue-note";

/** Cards from which "two GPUs of 80 GB" is usually meant. */
const LARGE_CARD_GB = 80;

/** What somebody should know of an accepted plan before buying it. */
export function notes(
  request: ServingRequest,
  catalog: Catalog,
  chosen: Solution,
  performance: PerformancePlan,
): Reason[] {
  return [
    ...objectiveNote(request, catalog, chosen),
    ...spareNodes(request, chosen),
    ...closeCalls(request, performance),
    ...dialogueNote(request, chosen),
    ...notSold(request, catalog),
    ...reservationOnly(chosen),
    ...idleGpus(request, catalog, chosen),
    ...replicasWithoutWork(request, chosen),
    ...fp8KvCache(chosen),
    ...noCheckpoint(request, catalog, chosen),
  ];
}

/** What the pick is best in where that is not the cost, and what the cheapest plan costs. */
function objectiveNote(request: ServingRequest, catalog: Catalog, chosen: Solution): Reason[] {
  if (request.optimize === "cost") return [];
  const least = cheapest(request, catalog);
  const leastUsd = least?.usdPerHour ?? chosen.usdPerHour;
  const difference = chosen.usdPerHour - leastUsd;
  const price =
    difference > 0
      ? `${perHour(difference)} more than the cheapest that meets the limits (${perHour(leastUsd)}, ${least?.replica.configuration.offer.instanceType})`
      : "also the cheapest that meets the limits";
  const best =
    request.optimize === "latency"
      ? `the shortest time to the first token of the market, ${seconds(chosen.state.ttft.p95Ms)} at p95`
      : `the most room for the money: ${requestsThatFit(request, chosen).toLocaleString("en-US")} requests fit the KV cache, ` +
        `${spareRequestsPerDollar(request, chosen).toFixed(1)} beyond those needed per dollar and hour (of memory; more requests are slower)`;
  return [{ code: `optimized-${request.optimize}`, message: `${best}; ${price}` }];
}

function spareNodes({ availability }: ServingRequest, { nodes, replicas, spareReplicas }: Solution): Reason[] {
  if (availability === undefined) return [];
  const lost = availability.spareNodes;
  const left = replicas - spareReplicas;
  const message =
    `${plural(lost, "node")} of ${nodes} can fail: at least ${plural(left, "replica")} of ${replicas} ${left === 1 ? "stays" : "stay"}, ` +
    "and with those alone the limits are met; speed is predicted for that case, the cost counts every node";
  return [{ code: "spare-nodes", message }];
}

/** Limits that the prediction meets, but not its whole range. */
function closeCalls({ slo }: ServingRequest, performance: PerformancePlan): Reason[] {
  const { ttftP95Ms, firstAnswerTokenP95Ms: answer = ttftP95Ms, tokensPerSecondPerUser, endToEndP95Ms } = performance;
  const { ttftSeconds = Infinity, firstAnswerTokenSeconds = Infinity } = slo;
  const { tokensPerSecondPerUser: speed = 0, endToEndSeconds = Infinity } = slo;
  const calls = [
    ttftP95Ms.high > ttftSeconds * 1000 &&
      closeCall(`a first token within ${ttftSeconds} s is predicted`, `up to ${seconds(ttftP95Ms.high)}`),
    tokensPerSecondPerUser.low < speed &&
      closeCall(`at least ${speed} tokens/s a user are predicted`, `down to ${tokensPerSecondPerUser.low.toFixed(1)}`),
    answer.high > firstAnswerTokenSeconds * 1000 &&
      closeCall(
        `an answer that begins within ${firstAnswerTokenSeconds} s is predicted`,
        `up to ${seconds(answer.high)}`,
      ),
    endToEndP95Ms.high > endToEndSeconds * 1000 &&
      closeCall(`a whole answer within ${endToEndSeconds} s is predicted`, `up to ${seconds(endToEndP95Ms.high)}`),
  ];
  return calls.filter((call) => call !== false);
}

function closeCall(met: string, figure: string): Reason {
  const message = `${met}, but the range goes ${figure}: measure before relying on it`;
  return { code: "close-call", message, fix: "confidence: range plans for the unfavourable end of the range" };
}

/** AWS has listed p5.4xlarge in US regions since August 2025, but neither capture holds a spot price there. */
export function reservationOnly({ replica }: Solution): Reason[] {
  const { instanceType, region } = replica.configuration.offer;
  if (instanceType !== "p5.4xlarge" || !region.startsWith("us-")) return [];
  const message = `${instanceType} has a list price in ${region}, but may be sold there by Capacity Blocks only: check before relying on it`;
  return [{ code: "capacity", message }];
}

/** Large cards that the market does not sell in machines of exactly the pinned size, and what it sells instead. */
function notSold(request: ServingRequest, catalog: Catalog): Reason[] {
  const { tensorParallel } = request;
  if (tensorParallel === "auto" || tensorParallel === 1) return [];
  const offers = marketOffers(request, catalog);
  const cards = catalog.gpus.filter((gpu) => gpu.nominalGB >= LARGE_CARD_GB).map((gpu) => gpu.name);
  const missing = cards.filter((card) => {
    const counts = offers.filter((offer) => offer.gpu === card).map((offer) => offer.gpuCount);
    return counts.length > 0 && !counts.includes(tensorParallel);
  });
  if (missing.length === 0) return [];
  const sold = missing.toSorted(compareText).map((card) => {
    const machines = offers.filter((offer) => offer.gpu === card);
    const names = [...new Map(machines.map((offer) => [offer.gpuCount, offer])).values()]
      .toSorted((a, b) => a.gpuCount - b.gpuCount)
      .map((offer) => `${offer.instanceType} with ${offer.gpuCount} at ${perHour(offer.usdPerHour)}`);
    return `${card} (${names.join(", ")})`;
  });
  const where =
    request.market.regions.length > 0 ? request.market.regions.join(", ") : request.market.clouds.join(", ");
  const message = `${where} sells no machine with exactly ${tensorParallel} of these cards: ${sold.join("; ")}`;
  return [{ code: "shape-not-sold", message }];
}

/** What is paid for anyway, and what more replicas on it would give. */
function idleGpus(request: ServingRequest, catalog: Catalog, chosen: Solution): Reason[] {
  const { configuration } = chosen.replica;
  const idle = chosen.nodes * configuration.offer.gpuCount - usedGpus(chosen);
  if (idle === 0) return [];
  const message = `${plural(idle, "GPU")} of ${plural(chosen.nodes, "machine")} ${idle === 1 ? "is" : "are"} paid for and idle`;
  const copies = Math.floor(idle / gpusOf(configuration));
  if (copies === 0) {
    const few = `${message}: too few for one more copy of the model, which takes ${gpusOf(configuration)}`;
    return [{ code: "idle-gpus", message: few }];
  }
  const serving = chosen.replicas - chosen.spareReplicas;
  const replicas = Math.min(serving + copies, plannedConcurrency(request));
  if (replicas <= serving) return [{ code: "idle-gpus", message: `${message}: every request has a replica already` }];
  const fix = `replicas: ${replicas} would use them at the same price${gainOf(request, catalog, chosen, replicas)}`;
  return [{ code: "idle-gpus", message, fix }];
}

/** Times of the same load on more replicas; nothing to tell where each holds as many requests as before. */
function gainOf(request: ServingRequest, catalog: Catalog, { replica, state }: Solution, replicas: number): string {
  const each = Math.ceil(plannedConcurrency(request) / replicas);
  if (each >= replica.concurrency) return ", for room to grow";
  const filled = replicaOf(request, modelFacts(request, catalog), replica.configuration, each);
  const { ttft, tpot } = steadyStateOf(request, holding(request, request, filled));
  const first = [seconds(ttft.p95Ms), seconds(state.ttft.p95Ms)] as const;
  const speed = [tokensPerSecond(tpot.p95Ms), tokensPerSecond(state.tpot.p95Ms)] as const;
  const gains = [
    ...(first[0] === first[1] ? [] : [`the first token after ${first[0]} instead of ${first[1]}`]),
    ...(speed[0] === speed[1] ? [] : [`${speed[0]} a user instead of ${speed[1]}`]),
  ];
  return gains.length === 0 ? ", for room to grow" : `: at p95 ${gains.join(", ")}`;
}

/** More replicas than requests can only be a slip or a plan for later. */
function replicasWithoutWork(request: ServingRequest, { replicas, spareReplicas }: Solution): Reason[] {
  const without = replicas - spareReplicas - plannedConcurrency(request);
  if (without <= 0) return [];
  const message = `${plural(without, "replica")} of ${(replicas - spareReplicas).toLocaleString("en-US")} would have no request to serve`;
  return [{ code: "idle-replicas", message, fix: "replicas: auto plans as many as the load needs" }];
}

/** A choice that changes answers is never silent. */
function fp8KvCache({ replica }: Solution): Reason[] {
  if (replica.deployment.kvCacheDtype !== "fp8") return [];
  return [{ code: "fp8-kv-cache", message: FP8_KV_CACHE_QUALITY, fix: "kvCacheDtype: auto keeps 16 bit" }];
}

function noCheckpoint(request: ServingRequest, catalog: Catalog, chosen: Solution): Reason[] {
  if (request.checkpoint !== undefined) return [];
  const { quantization } = chosen.replica.configuration;
  const known =
    request.architecture === undefined ? catalog.models.find((model) => model.key === request.model) : undefined;
  if (known?.checkpoints[quantization] !== undefined) return [];
  return [
    {
      code: "no-checkpoint",
      message: `${request.model} is sized in ${quantization}, but the catalog knows no such weights: it cannot be deployed like this`,
      fix: "name them as checkpoint: {repository, revision}",
    },
  ];
}

/** Cheaper plans that one of the user's own pins rules out. */
export function cheaperPins(request: ServingRequest, catalog: Catalog, chosen: Solution): RejectedCandidate[] {
  return pinRelaxations(request).flatMap(({ change, request: relaxed }) => {
    const solution = cheapest(relaxed, catalog);
    if (solution === undefined || solution.usdPerHour >= chosen.usdPerHour) return [];
    const { configuration } = solution.replica;
    const { offer, quantization } = configuration;
    return [
      {
        candidate: `${plural(solution.nodes, "machine")} ${offer.instanceType}, ${quantization}, ${parallelismText(configuration)}, ${plural(solution.replicas, "replica")}`,
        reason: "pinned",
        explanation: change.startsWith("kvCacheDtype")
          ? "cheaper with an FP8 KV cache, which kvCacheDtype: auto (16 bit) rules out"
          : "cheaper, but ruled out by the request",
        needed: change,
        available: `${perHour(solution.usdPerHour)} instead of ${perHour(chosen.usdPerHour)}`,
      },
    ];
  });
}
