import type { FeasiblePlan } from "../sizing/serving-plan";
import { plannedFlags } from "./planned-deployment";
import type { MeasuredLoad } from "./prediction";
import type { LoadSummary } from "./statistics";

/** A measured run in the format of test/calibration/cases-latency.jsonl; `request` is a line for `fitserve predict`. */
export interface CalibrationRow {
  readonly id: string;
  readonly request: object;
  readonly regime: "closed_loop";
  /** Of one replica; means but for the gap, which is the median. */
  readonly measured: {
    readonly ttftMs: number | null;
    readonly tpotMs: number | null;
    readonly itlP50Ms: number | null;
    readonly e2eMs: number | null;
    readonly outputTokensPerSecond: number | null;
  };
  readonly source: string;
}

/** Flags of one planned replica, as `fitserve predict` takes them. */
export function predictFields(plan: FeasiblePlan, modelConfig: unknown): object {
  return {
    model: plan.model.key,
    ...(modelConfig === undefined ? {} : { modelConfig }),
    gpu: plan.hardware.gpu,
    ...plannedFlags(plan),
  };
}

/** The run as one replica saw it, of a load that began with a burst and that the replicas share evenly. */
export function calibrationRow(
  plan: FeasiblePlan,
  load: MeasuredLoad,
  summary: LoadSummary,
  about: { readonly modelConfig: unknown; readonly source: string; readonly measuredOn: string },
): CalibrationRow {
  const { replicas, gpu, tensorParallel } = plan.hardware;
  const concurrency = load.concurrency / replicas;
  const inputTokens = rounded(load.promptTokens);
  const outputTokens = rounded(load.outputTokens);
  const shape = `${Math.round(load.promptTokens)}x${Math.round(load.outputTokens)}`;
  const id = `bench-${plan.model.key}-${plan.quantization}-${gpu}-tp${tensorParallel}-${shape}-c${concurrency}-${about.measuredOn}`;
  return {
    id,
    request: {
      id,
      ...predictFields(plan, about.modelConfig),
      load: { concurrency },
      inputTokens,
      outputTokens,
    },
    regime: "closed_loop",
    measured: {
      ttftMs: orNull(summary.ttft?.meanMs),
      tpotMs: orNull(summary.tpot?.meanMs),
      itlP50Ms: orNull(summary.itl?.p50Ms),
      e2eMs: orNull(summary.endToEnd?.meanMs),
      outputTokensPerSecond: rounded(summary.outputTokensPerSecond / replicas),
    },
    source: about.source,
  };
}

function orNull(value: number | undefined): number | null {
  return value === undefined ? null : rounded(value);
}

function rounded(value: number): number {
  return Math.round(value * 1000) / 1000;
}
