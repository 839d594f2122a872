// Two models on one EKS cluster. Network, control plane, system nodes and controllers are there once; each model has GPU
// nodes, weights, a namespace, an engine, a way in and a plan of its own. Pulumi.aws.yaml is the configuration.
// A project of your own imports the same names from "fitserve" and "fitserve/aws".
import * as pulumi from "@pulumi/pulumi";
import { isFeasible, loadCatalog, parseServingRequest, planServing, type FeasiblePlan } from "../../library";
import {
  buildCluster,
  costTogether,
  parseAwsSettings,
  planModelsOnAws,
  serveOnCluster,
  type AwsSettings,
  type ModelOnAws,
} from "../../library-aws";

/** A model that is taken out of this list goes with all it has; what it is called is its namespace, and stays. */
const MODELS = [
  { name: "llm-large", serving: { model: "qwen3-32b", quantization: "int4-w4a16", workload: { concurrency: 50 } } },
  { name: "llm-small", serving: { model: "qwen3-14b", quantization: "int4-w4a16", workload: { concurrency: 50 } } },
] as const;

const config = new pulumi.Config();
const clientKeys = config.requireSecretObject<Record<string, string>>("clientKeys");
const settings = awsSettings();
const planned = planModelsOnAws({
  settings,
  project: pulumi.getProject(),
  stack: pulumi.getStack(),
  models: planEach(),
});
if (!planned.ok) throw new pulumi.RunError(lines("No cluster can be made for these models:", planned.faults));

const built = buildCluster(planned.cluster, `${pulumi.getProject()}-${pulumi.getStack()}`, planned.models);
const served = planned.models.map((model) => ({ ...model, ...serveOnCluster(built, { ...model, clientKeys }) }));
const cost = costTogether(planned.models.map(({ plan }) => plan.cost));

export const endpoints = Object.fromEntries(served.map(({ name, endpoint }) => [name, endpoint]));

/** How to open each model's dashboard. */
export const dashboards = built.monitoring;

/** For kubectl, by the credentials of whoever uses it. */
export const kubeconfig = built.target.kubeconfig;

export const nodes = Object.fromEntries(
  planned.models.map(({ name, plan: { hardware } }) => [name, `${hardware.nodes} x ${hardware.instanceType}`]),
);

/** List prices: the cluster, what each model adds to it, and all of it together. */
export const usdPerMonth = {
  cluster: Math.round(cost.shared.usdPerMonth),
  ...Object.fromEntries(planned.models.map(({ name }, index) => [name, rounded(cost.added[index])])),
  together: Math.round(cost.expected.usdPerMonth),
  togetherAtLeast: Math.round(cost.floor.usdPerMonth),
  togetherAtWorst: Math.round(cost.worst.usdPerMonth),
};

function awsSettings(): AwsSettings {
  const read = parseAwsSettings(config.requireObject("aws"));
  if (read.ok) return read.settings;
  const faults = read.faults.map(({ message }) => `aws.${message}`);
  throw new pulumi.RunError(lines("The configuration of this stack is not valid:", faults));
}

/** All models or none: what is wrong with any is said before the first resource is made. */
function planEach(): ModelOnAws[] {
  const faults: string[] = [];
  const plans = MODELS.flatMap(({ name, serving }) => {
    const outcome = planOf(serving);
    if (outcome.ok) return [{ name, plan: outcome.plan }];
    faults.push(...outcome.faults.map((fault) => `${name}: ${fault}`));
    return [];
  });
  if (faults.length > 0) throw new pulumi.RunError(lines("These models cannot be served:", faults));
  return plans;
}

function planOf(serving: object): { ok: true; plan: FeasiblePlan } | { ok: false; faults: readonly string[] } {
  const catalog = loadCatalog();
  const market = { clouds: ["aws"], regions: [settings.region] };
  const parsed = parseServingRequest({ ...serving, target: "aws", market }, catalog);
  if (!parsed.ok) return { ok: false, faults: parsed.faults.map(({ message }) => message) };
  const plan = planServing(parsed.request, catalog);
  if (isFeasible(plan)) return { ok: true, plan };
  return { ok: false, faults: plan.verdict.reasons.map(({ message }) => message) };
}

function rounded(figure: { readonly usdPerMonth: number } | undefined): number {
  return Math.round(figure?.usdPerMonth ?? 0);
}

function lines(title: string, items: readonly string[]): string {
  return [title, ...items.map((item) => `  ${item}`)].join("\n");
}
