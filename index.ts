import { existsSync } from "node:fs";
import { resolve } from "node:path";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { deployabilityFaults, ServingStack } from "./components";
import { readProgramSettings, type ProgramSettings } from "./components/program-settings";
import { costOutput, sizingOutput, verdictOutput } from "./components/stack-outputs";
import { loadCatalog } from "./config/catalog";
import { parseServingRequest } from "./config/request";
import { planServing } from "./sizing/plan";
import { isFeasible, type FeasiblePlan } from "./sizing/serving-plan";
import type { ServingRequest } from "./sizing/serving-request";

const config = new pulumi.Config();
const settings = programSettings();
const plan = feasiblePlan(servingRequest());

const provider = new k8s.Provider("cluster", {
  ...(settings.kubeconfig === undefined ? {} : { kubeconfig: settings.kubeconfig }),
  ...(settings.context === undefined ? {} : { context: settings.context }),
  // A stack belongs to one cluster, however it is reached. Without this, a new kubeconfig or a renamed context would
  // replace everything on it; another cluster is another stack.
  clusterIdentifier: `${pulumi.getProject()}-${pulumi.getStack()}`,
  // A new client's key changes the Secret in place, so that the others are never without theirs.
  enableSecretMutable: true,
});

const stack = new ServingStack(
  "serving",
  { plan, options: settings.options, clientKeys: config.requireSecretObject("clientKeys") },
  { providers: { kubernetes: provider } },
);

export const sizing = sizingOutput(plan);
export const cost = costOutput(plan);
export const verdict = verdictOutput(plan);
export const endpoint = stack.endpoint;

function programSettings(): ProgramSettings {
  const read = readProgramSettings(pulumi.runtime.allConfig(), pulumi.getStack());
  if (!read.ok) throw new pulumi.RunError(lines("The configuration of this stack is not valid:", read.faults));
  const { kubeconfig } = read.settings;
  if (kubeconfig !== undefined && !existsSync(resolve(kubeconfig))) {
    throw new pulumi.RunError(`fitserve:kubeconfig is ${kubeconfig}, but there is no such file.`);
  }
  return read.settings;
}

function servingRequest(): ServingRequest {
  const serving = pulumi.runtime.getConfig("fitserve:serving");
  if (serving === undefined) {
    throw new pulumi.RunError(
      "fitserve:serving is missing: it says what to serve. Pulumi.local.yaml has an example, " +
        "or set one value: pulumi config set --path fitserve:serving.model qwen3-32b",
    );
  }
  const request = parseServingRequest(config.requireObject("serving"), loadCatalog());
  if (!request.ok) {
    const faults = request.faults.map(({ message }) => message);
    throw new pulumi.RunError(lines("fitserve:serving is not valid:", faults));
  }
  if (request.request.target === "aws") {
    throw new pulumi.RunError(
      "fitserve:serving.target is aws, which this version plans and prices but does not carry out. " +
        "It carries out local (simulated nodes) and existing (a cluster that you have).",
    );
  }
  return request.request;
}

/** A refused plan is built all the same: it is the policy pack that judges resources, and it must be seen to stop them. */
function feasiblePlan(request: ServingRequest): FeasiblePlan {
  const planned = planServing(request, loadCatalog());
  const reasons = planned.verdict.reasons.map(({ message, fix }) =>
    fix === undefined ? message : `${message}\n    ${fix}`,
  );
  if (!isFeasible(planned)) throw new pulumi.RunError(lines("No plan fits this request:", reasons));
  const faults = deployabilityFaults(planned);
  if (faults.length > 0) throw new pulumi.RunError(lines("This plan cannot be deployed:", faults));
  if (planned.verdict.status === "refused") {
    void pulumi.log.warn(lines("The policies of fitserve refuse this plan:", reasons));
  }
  return planned;
}

function lines(title: string, items: readonly string[]): string {
  return [title, ...items.map((item) => `  ${item}`)].join("\n");
}
