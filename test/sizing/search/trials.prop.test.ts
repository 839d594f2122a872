import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { Catalog } from "../../../sizing/catalog";
import { configurations, type Configuration } from "../../../sizing/search/configurations";
import { modelFacts } from "../../../sizing/search/planned-model";
import { Trials } from "../../../sizing/search/trials";
import type { ServingRequest } from "../../../sizing/serving-request";
import { CATALOG, isValid, requestOf } from "../../support/requests";
import { richInputs, scenarios } from "../../support/rich-requests";

const RUNS = { numRuns: 40 };

/** One thing asked otherwise, as the searches of a plan and of a comparison ask. */
const changes = fc.oneof(
  fc.constant({}),
  fc.record({ slo: fc.constantFrom({}, { ttftSeconds: 0.5 }, { tokensPerSecondPerUser: 25 }) }),
  fc.record({ confidence: fc.constantFrom("expected", "range") }),
  fc.record({ optimize: fc.constantFrom("cost", "latency", "headroom") }),
  fc.record({ quantization: fc.constantFrom("auto", "fp8", "int4-w4a16") }),
  fc.record({ kvCacheDtype: fc.constantFrom("auto", "fp8", "any") }),
  fc.record({ tensorParallel: fc.constantFrom("auto", 1, 2) }),
  fc.record({ replicas: fc.constantFrom("auto", 1, 2, 5) }),
  fc.record({ availability: fc.record({ spareNodes: fc.constantFrom(0, 1, 2) }) }),
  fc.record({ scenarios }),
  fc.record({ maxModelLen: fc.constantFrom("auto", 8192) }),
  fc.record({ market: fc.constantFrom({ clouds: ["aws"], regions: [] }, { clouds: ["gcp"], regions: [] }) }),
);

const workloads = fc.oneof(
  fc.constant({}),
  fc.record({ concurrency: fc.integer({ min: 1, max: 60 }) }),
  fc.record({ promptTokens: fc.integer({ min: 1, max: 3000 }) }),
  fc.record({ outputTokens: fc.integer({ min: 1, max: 800 }) }),
  fc.record({ reasoningTokens: fc.integer({ min: 1, max: 500 }) }),
  fc.record({ turns: fc.integer({ min: 1, max: 4 }) }),
);

/** What a search learns of one replica, as data. */
function trialOf(request: ServingRequest, catalog: Catalog, configuration: Configuration, concurrency: number) {
  const { replica, state, shortfall } = new Trials(request, modelFacts(request, catalog), catalog).at(
    configuration,
    concurrency,
  );
  const { medianGapMs, ...times } = state;
  return { memory: replica.memory, times, gapMs: medianGapMs(), shortfall };
}

/** Machines and KV caches on which a replica is the same, or nearly. */
function siblings(configuration: Configuration, possible: readonly Configuration[]): readonly Configuration[] {
  return possible.filter(
    ({ gpu, quantization, tensorParallel, pipelineParallel }) =>
      gpu.name === configuration.gpu.name &&
      quantization === configuration.quantization &&
      tensorParallel === configuration.tensorParallel &&
      pipelineParallel === configuration.pipelineParallel,
  );
}

test("what other searches have simulated changes nothing of what a search learns", { timeout: 60_000 }, () => {
  const requests = fc.integer({ min: 1, max: 40 });
  fc.assert(
    fc.property(richInputs, changes, workloads, fc.nat(), requests, (input, change, workload, pick, n) => {
      const changed = { ...input, ...change, workload: { ...input.workload, ...workload } };
      fc.pre(isValid(changed));
      const [before, request] = [requestOf(input), requestOf(changed)];
      const shared = { ...CATALOG };
      const { possible } = configurations(request, shared, modelFacts(request, shared));
      const configuration = possible[pick % possible.length];
      if (configuration === undefined) return;
      for (const sibling of siblings(configuration, possible)) {
        trialOf(before, shared, sibling, n);
        if (sibling !== configuration) trialOf(request, shared, sibling, n);
      }
      expect(trialOf(request, shared, configuration, n)).toEqual(trialOf(request, { ...CATALOG }, configuration, n));
    }),
    RUNS,
  );
});
