import { longestAnswerSeconds, longestQueueSeconds } from "../../sizing/plan/longest-request";
import type { FeasiblePlan } from "../../sizing/serving-plan";
import { countOf, parseVllmArguments } from "../vllm/vllm-arguments";
import { acceptedPerReplica } from "./limits";

/** Every limit of time on the way of a request, in seconds; each outer hop outlasts the inner one. */
export interface ServingTimeouts {
  /** Whole answer, all streamed chunks included: more than the wait in a full queue and the longest answer together. */
  readonly requestSeconds: number;
  /** No byte in either direction. An answer that is not streamed is silent until it is complete. */
  readonly streamIdleSeconds: number;
  /** From the first to the last byte of a request's body. */
  readonly requestReceivedSeconds: number;
  /** An idle connection of the gateway to the engine; the engine keeps its side open for longer. */
  readonly upstreamIdleSeconds: number;
  readonly engineKeepAliveSeconds: number;
  /** Between a replica's removal from the endpoints and SIGTERM: until no proxy sends it anything new. */
  readonly preStopSeconds: number;
  /** What the engine gives running requests after SIGTERM, from its own argument. */
  readonly shutdownSeconds: number;
  readonly terminationGraceSeconds: number;
  /** What a proxy of the gateway gives its open streams before it ends. */
  readonly proxyDrainSeconds: number;
  /** Until the engine answers /health for the first time: download, load, compilation, graph capture. */
  readonly startupSeconds: number;
  /** One replica makes room for the next: its end, and the start of the other. */
  readonly replacementSeconds: number;
  /** All of them, one after the other. */
  readonly rolloutSeconds: number;
}

/** Chosen, not derived; see the fields of the same name. */
export const TIMEOUT_DEFAULTS = {
  shortestRequestSeconds: 600,
  /** Of the longest answer, at the slow end of the prediction. */
  requestMargin: 1.25,
  hopMarginSeconds: 30,
  requestReceivedSeconds: 60,
  upstreamIdleSeconds: 60,
  /** How often the proxies look up the replicas again. */
  dnsRefreshSeconds: 5,
  /** The cluster's DNS caches a name for 30 s, the proxy for `dnsRefreshSeconds`; ten more to be sure. */
  preStopSeconds: 45,
  startupSeconds: 1800,
  /** Until a pod has a node and its image is there. */
  schedulingSeconds: 600,
} as const;

export function servingTimeouts(plan: FeasiblePlan): ServingTimeouts {
  const d = TIMEOUT_DEFAULTS;
  const { performance, engine } = plan;
  const queueSeconds = longestQueueSeconds(performance, acceptedPerReplica(plan) / engine.maxNumSeqs);
  const needed = (queueSeconds + longestAnswerSeconds(performance, engine.maxModelLen)) * d.requestMargin;
  const requestSeconds = Math.max(d.shortestRequestSeconds, Math.ceil(needed / 60) * 60);
  const shutdownSeconds = countOf(parseVllmArguments(engine.args), "--shutdown-timeout") ?? 0;
  const terminationGraceSeconds = d.preStopSeconds + shutdownSeconds + d.hopMarginSeconds;
  const replacementSeconds = terminationGraceSeconds + d.startupSeconds + d.schedulingSeconds;
  return {
    requestSeconds,
    streamIdleSeconds: requestSeconds + d.hopMarginSeconds,
    requestReceivedSeconds: d.requestReceivedSeconds,
    upstreamIdleSeconds: d.upstreamIdleSeconds,
    engineKeepAliveSeconds: d.upstreamIdleSeconds + d.hopMarginSeconds,
    preStopSeconds: d.preStopSeconds,
    shutdownSeconds,
    terminationGraceSeconds,
    proxyDrainSeconds: requestSeconds,
    startupSeconds: d.startupSeconds,
    replacementSeconds,
    rolloutSeconds: plan.hardware.replicas * replacementSeconds,
  };
}
