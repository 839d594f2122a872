import { acceptedPerReplica } from "../../components/gateway/limits";
import { parseVllmArguments, servedModelName } from "../../components/vllm/vllm-arguments";
import type { FeasiblePlan } from "../../sizing/serving-plan";

/** What a simulated engine is told; times in milliseconds. */
export interface SimulatorSettings {
  readonly model: string;
  readonly servedName: string;
  readonly ttftMs: number;
  /** Between two tokens of one answer. */
  readonly interTokenMs: number;
  readonly maxNumSeqs: number;
  readonly maxModelLen: number;
  /** Requests that wait beside those that run; the next one is refused. */
  readonly maxQueued: number;
}

/** A simulated engine that takes the times which the plan predicts, and as many requests at once as it plans. */
export function plannedSimulator(plan: FeasiblePlan): SimulatorSettings {
  const parsed = parseVllmArguments(plan.engine.args);
  return {
    model: parsed.model ?? plan.model.key,
    servedName: servedModelName(parsed) ?? plan.model.key,
    ttftMs: plan.performance.ttftMeanMs.value,
    interTokenMs: plan.performance.tpotMeanMs.value,
    maxNumSeqs: plan.engine.maxNumSeqs,
    maxModelLen: plan.engine.maxModelLen,
    maxQueued: Math.max(1, acceptedPerReplica(plan) - plan.engine.maxNumSeqs),
  };
}

/** Arguments of llm-d-inference-sim. */
export function simulatorArguments(settings: SimulatorSettings, port: number): string[] {
  return [
    ["--model", settings.model],
    ["--served-model-name", settings.servedName],
    ["--port", String(port)],
    ["--time-to-first-token", milliseconds(settings.ttftMs)],
    ["--inter-token-latency", milliseconds(settings.interTokenMs)],
    ["--max-num-seqs", String(settings.maxNumSeqs)],
    ["--max-model-len", String(settings.maxModelLen)],
    ["--max-waiting-queue-length", String(settings.maxQueued)],
    // vLLM takes any body that fits the context; the gateway's limit is the one that counts.
    ["--max-request-body-size-mb", "512"],
    // Else it asks a server for the real model's tokenizer.
    ["--force-dummy-tokenizer"],
  ].flat();
}

function milliseconds(count: number): string {
  return `${Math.max(1, Math.round(count))}ms`;
}
