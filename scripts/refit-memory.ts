import {
  MEMORY_COEFFICIENTS,
  MEMORY_VALUES,
  type MemoryCoefficientName,
  type MemoryValues,
} from "../sizing/coefficients";
import { memoryDeviations } from "../test/calibration/errors";
import { loadStartups, type Startup } from "../test/calibration/startups";

/** What is fitted; the rest is read off logs or follows from sources. */
const FITTED: readonly MemoryCoefficientName[] = [
  "samplerBytesPerEntrySorting",
  "samplerBytesPerEntry",
  "activationConstantGiB",
  "towerActivationGiB",
  "coldCompileGiBPerLayer",
  "nonTorchGiB",
  "nonTorchTensorParallelGiB",
  "nonTorchGiBPerDoubling",
];
const SWEEPS = 6;
const FIRST_STEP = 0.04;

/**
 * Constants with the least mean absolute error, GiB, over activation, non-torch and KV pool: every coefficient in turn is
 * moved by shrinking steps as long as that helps. Runs of one model count as one, so that a model measured six times
 * does not decide alone.
 */
function fitMemory(startups: readonly Startup[], start: MemoryValues = MEMORY_VALUES): MemoryValues {
  let best = start;
  let least = meanError(startups, best);
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    for (const name of FITTED) {
      const step = Math.abs(MEMORY_COEFFICIENTS[name].value) * (FIRST_STEP / 2 ** sweep);
      for (const direction of [step, -step]) {
        for (;;) {
          const candidate = { ...best, [name]: withinRange(name, best[name] + direction) };
          const error = meanError(startups, candidate);
          if (error >= least - 1e-9) break;
          best = candidate;
          least = error;
        }
      }
    }
  }
  return best;
}

function withinRange(name: MemoryCoefficientName, value: number): number {
  const { low, high } = MEMORY_COEFFICIENTS[name];
  return Math.min(high, Math.max(low, value));
}

function meanError(startups: readonly Startup[], v: MemoryValues): number {
  const byModel = new Map<string, number[]>();
  for (const startup of startups) {
    const deviations = memoryDeviations(startup, v).filter(
      ({ quantity }) => quantity.endsWith("GiB") && quantity !== "weightsGiB",
    );
    const key = `${startup.shapes} ${startup.deployment.engine.version} ${startup.deployment.gpu.name}`;
    byModel.set(key, [...(byModel.get(key) ?? []), ...deviations.map(({ difference }) => Math.abs(difference))]);
  }
  const means = [...byModel.values()].filter((errors) => errors.length > 0).map(mean);
  return mean(means);
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
}

/** Deviations of every run by constants that were fitted without the runs that share its key. */
export function crossValidated(startups: readonly Startup[], keyOf: (startup: Startup) => string) {
  const keys = [...new Set(startups.map(keyOf))];
  return keys.flatMap((key) => {
    const kept = startups.filter((startup) => keyOf(startup) !== key);
    const v = fitMemory(kept, neutralStart());
    return startups.filter((startup) => keyOf(startup) === key).flatMap((startup) => memoryDeviations(startup, v));
  });
}

/** A start that knows nothing of the fit: the middle of each plausible range. */
function neutralStart(): MemoryValues {
  const middles = FITTED.map((name) => [name, (MEMORY_COEFFICIENTS[name].low + MEMORY_COEFFICIENTS[name].high) / 2]);
  return { ...MEMORY_VALUES, ...Object.fromEntries(middles) };
}

/** Constants and errors before and after, as a text. */
export function reportMemoryRefit(): string {
  const startups = loadStartups();
  const fitted = fitMemory(startups);
  const rows = FITTED.map((name) => {
    const { unit } = MEMORY_COEFFICIENTS[name];
    return `${name.padEnd(30)} ${MEMORY_VALUES[name].toFixed(4).padStart(9)} → ${fitted[name].toFixed(4).padStart(9)} ${unit}`;
  });
  const before = meanError(startups, MEMORY_VALUES).toFixed(4);
  return [
    `memory: mean error ${before} → ${meanError(startups, fitted).toFixed(4)} GiB over ${startups.length} runs`,
    ...rows,
  ].join("\n");
}
