import type { MemoryValues } from "../../sizing/coefficients";
import { estimateMemoryWith } from "../../sizing/memory/memory";
import type { Startup, StartupFigures } from "./startups";

/** Deviation of one predicted figure from its measurement. */
export interface Deviation {
  readonly id: string;
  readonly quantity: string;
  readonly predicted: number;
  readonly measured: number;
  /** predicted − measured. */
  readonly difference: number;
}

const MEMORY_QUANTITIES = ["weightsGiB", "activationGiB", "nonTorchGiB", "kvCacheGiB", "kvCacheTokens"] as const;

/** Figures as the engine logs them: from 0.29 on the graph estimate is part of the activation. */
function predictedFigures({ deployment }: Startup, v: MemoryValues): Required<StartupFigures> {
  const memory = estimateMemoryWith(deployment, v);
  const activationGiB = memory.activationGiB + (memory.cudaGraphsInActivation ? memory.cudaGraphGiB : 0);
  const { weightsGiB, nonTorchGiB, kvCacheGiB, kvCacheTokens, cudaGraphGiB } = memory;
  return { weightsGiB, activationGiB, nonTorchGiB, kvCacheGiB, kvCacheTokens, cudaGraphGiB };
}

/** All deviations of one start-up; figures that the log does not give are left out. */
export function memoryDeviations(startup: Startup, v: MemoryValues): readonly Deviation[] {
  const predicted = predictedFigures(startup, v);
  return MEMORY_QUANTITIES.flatMap((quantity) => {
    const measured = startup.measured[quantity];
    if (measured === undefined) return [];
    return [
      {
        id: startup.id,
        quantity,
        predicted: predicted[quantity],
        measured,
        difference: predicted[quantity] - measured,
      },
    ];
  });
}
