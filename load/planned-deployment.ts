import type { Catalog } from "../sizing/catalog";
import type { Deployment } from "../sizing/deployment";
import type { FeasiblePlan } from "../sizing/serving-plan";

/** What the engine of one planned replica is told, in the names of the sizing model and of `fitserve predict`. */
export function plannedFlags(plan: FeasiblePlan) {
  const { hardware, engine } = plan;
  return {
    quantization: plan.quantization,
    tensorParallel: hardware.tensorParallel,
    pipelineParallel: hardware.pipelineParallel,
    engine: { name: engine.name, version: engine.version },
    gpuMemoryUtilization: engine.gpuMemoryUtilization,
    maxModelLen: engine.maxModelLen,
    maxNumSeqs: engine.maxNumSeqs,
    maxNumBatchedTokens: engine.maxNumBatchedTokens,
    kvCacheDtype: plan.kvCache.dtype,
  };
}

/** One replica of a plan as the sizing model takes it; undefined where the catalog is not the one of the plan. */
export function plannedDeployment(plan: FeasiblePlan, catalog: Catalog): Deployment | undefined {
  const { request, hardware } = plan;
  const architecture =
    request.architecture ?? catalog.models.find((model) => model.key === plan.model.key)?.architecture;
  const gpu = catalog.gpus.find(({ name }) => name === hardware.gpu);
  const offer = catalog.offers.find(
    ({ cloud, instanceType }) => cloud === hardware.cloud && instanceType === hardware.instanceType,
  );
  if (architecture === undefined || gpu === undefined || offer === undefined) return undefined;
  return {
    architecture,
    gpu,
    link: offer.link,
    ...plannedFlags(plan),
    enforceEager: false,
  };
}
