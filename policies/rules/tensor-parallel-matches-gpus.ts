import { GPU_RESOURCE } from "../../components/kubernetes-object";
import { countOf } from "../../components/vllm/vllm-arguments";
import { tensorParallelFault } from "../../sizing/model/tensor-parallel";
import { findWeights } from "../known/lookup";
import { loadedPrecision, parallelism } from "../reading/deployment";
import { UNKNOWN, textOf } from "../reading/known-values";
import type { VllmServer } from "../reading/server";
import { complies, violates, type Judgement, type Rule } from "../rule";

export const tensorParallelMatchesGpus: Rule = {
  name: "tensor-parallel-matches-gpus",
  description:
    "Tensor-parallel ranks are processes of one pod with a card each: with fewer cards the engine does not start, " +
    "with more the rest is paid for and idle, and a model whose heads do not divide is refused at start-up.",
  enforcementLevel: "mandatory",
  severity: "high",
  remediationSteps: `Set the container's ${GPU_RESOURCE} limit to tensor-parallel × pipeline-parallel × data-parallel size.`,
  judge,
};

/** Signs that the ranks are spread over several pods, whose sum no single resource shows. */
const SEVERAL_PODS = ["--nnodes", "--node-rank", "--data-parallel-address", "--headless", "--data-parallel-rank"];

function judge(server: VllmServer): Judgement {
  const { command, containerName, limits, image } = server;
  const several = SEVERAL_PODS.find((flag) => command.values.has(flag));
  if (several !== undefined) return { kind: "not-applicable", reason: `${several}: the ranks are spread over pods` };
  if (command.values.get("--distributed-executor-backend") === "ray") {
    return { kind: "not-applicable", reason: "Ray spreads the ranks over pods" };
  }
  if (/-(?:cpu|tpu|neuron|xpu|gaudi)\b/.test(image)) return { kind: "not-applicable", reason: "not a GPU image" };
  const limit = limits[GPU_RESOURCE];
  if (limit === UNKNOWN) return { kind: "unknown", what: `the limit ${GPU_RESOURCE}` };
  const otherDevice = Object.keys(limits).find((resource) => resource.includes("/") && resource !== GPU_RESOURCE);
  if (limit === undefined && otherDevice !== undefined) {
    return { kind: "not-applicable", reason: `asks for ${otherDevice}, not for whole NVIDIA cards` };
  }
  const { tensorParallel, pipelineParallel } = parallelism(server);
  if (command.hasUnknownWords && !command.values.has("--tensor-parallel-size")) {
    return { kind: "unknown", what: "--tensor-parallel-size" };
  }
  const dataParallel = countOf(command, "--data-parallel-size-local") ?? countOf(command, "--data-parallel-size") ?? 1;
  const wanted = tensorParallel * pipelineParallel * dataParallel;
  const findings = [
    ...(Number(textOf(limit) ?? 0) === wanted
      ? []
      : [
          `container ${containerName} has the limit ${GPU_RESOURCE}: ${textOf(limit) ?? "none"}, wanted: ${wanted} = ` +
            `tensor-parallel ${tensorParallel} × pipeline-parallel ${pipelineParallel} × data-parallel ${dataParallel}`,
        ]),
    ...splitFindings(server),
  ];
  return findings.length === 0 ? complies : violates(...findings);
}

function splitFindings(server: VllmServer): string[] {
  const weights = findWeights(server.command.model ?? "");
  if (weights === undefined) return [];
  const { tensorParallel, pipelineParallel } = parallelism(server);
  const precision = loadedPrecision(server, weights);
  const fault = tensorParallelFault(weights.model.architecture, precision, tensorParallel, pipelineParallel);
  return fault === undefined ? [] : [`${weights.repository} cannot be split like this: ${fault}`];
}
