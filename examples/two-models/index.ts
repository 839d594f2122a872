// Two models on a cluster that is there already, each with a namespace, an engine, a way in and a plan of its own.
//   pulumi config set gpu L40S      (the card of the cluster's nodes; left out: any)
//   pulumi config set --secret --path clientKeys.ada "$(openssl rand -hex 32)"
// A project of your own imports the same names from "fitserve".
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import {
  deployabilityFaults,
  isFeasible,
  loadCatalog,
  parseServingRequest,
  planServing,
  ServingStack,
  type FeasiblePlan,
} from "../../library";

/** What each serves may change under the same name; the names are those of namespaces, so that they differ. */
const MODELS = [
  { name: "llm-large", serving: { model: "qwen3-32b", workload: { concurrency: 50 } } },
  { name: "llm-small", serving: { model: "qwen3-14b", workload: { concurrency: 50 } } },
] as const;

const config = new pulumi.Config();
const gpu = config.get("gpu");
const clientKeys = config.requireSecretObject<Record<string, string>>("clientKeys");
const planned = planAll();

const cluster = new k8s.Provider("cluster", {
  // However the cluster is reached, it is the same one; another cluster is another stack.
  clusterIdentifier: `${pulumi.getProject()}-${pulumi.getStack()}`,
  // A new client's key changes the Secret in place, so that the others are never without theirs.
  enableSecretMutable: true,
});

// Cluster-wide, so that it belongs to neither model. Each Gateway of the class has proxies of its own all the same.
const gatewayClass = new k8s.apiextensions.CustomResource(
  "gateway-class",
  {
    apiVersion: "gateway.networking.k8s.io/v1",
    kind: "GatewayClass",
    metadata: { name: "llm" },
    spec: { controllerName: "gateway.envoyproxy.io/gatewayclass-controller" },
  },
  { provider: cluster },
);

const stacks = planned.map(({ name, plan }) => {
  const options = { name, namespace: name, gatewayClass: { name: "llm", create: false } };
  const opts = { providers: { kubernetes: cluster }, dependsOn: gatewayClass };
  return { name, stack: new ServingStack(name, { plan, options, clientKeys }, opts) };
});

export const endpoints = Object.fromEntries(stacks.map(({ name, stack }) => [name, stack.endpoint]));

/** List prices. Each plan has its machines to itself: what idles of one is not lent to the other. */
export const usdPerMonth = Math.round(planned.reduce((sum, { plan }) => sum + plan.cost.expected.usdPerMonth, 0));

/** All models or none: what is wrong with any is said before the first resource is made. */
function planAll(): { name: string; plan: FeasiblePlan }[] {
  const faults: string[] = [];
  const plans = MODELS.flatMap(({ name, serving }) => {
    const outcome = planOf({ ...serving, ...(gpu === undefined ? {} : { gpu }), target: "existing" });
    if (outcome.ok) return [{ name, plan: outcome.plan }];
    faults.push(...outcome.faults.map((fault) => `  ${name}: ${fault}`));
    return [];
  });
  if (faults.length > 0) throw new pulumi.RunError(["These models cannot be served:", ...faults].join("\n"));
  return plans;
}

function planOf(serving: object): { ok: true; plan: FeasiblePlan } | { ok: false; faults: readonly string[] } {
  const catalog = loadCatalog();
  const parsed = parseServingRequest(serving, catalog);
  if (!parsed.ok) return { ok: false, faults: parsed.faults.map(({ message }) => message) };
  const plan = planServing(parsed.request, catalog);
  if (!isFeasible(plan)) return { ok: false, faults: plan.verdict.reasons.map(({ message }) => message) };
  const faults = deployabilityFaults(plan);
  return faults.length > 0 ? { ok: false, faults } : { ok: true, plan };
}
