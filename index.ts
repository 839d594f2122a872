import { existsSync } from "node:fs";
import { resolve } from "node:path";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { deployabilityFaults, GatewayControllers, ServingStack, type ServingEndpoint } from "./components";
import { clusterOfStack } from "./components/aws/cluster-inputs";
import type { MonitoringAccess } from "./components/aws/monitoring/monitoring.manifest";
import { startUpOnAws } from "./components/aws/start-up";
import { rateLimitRedis, redisFaults } from "./components/gateway/shared-limits";
import { hasTlsAtGateway } from "./components/serving-options";
import { readProgramSettings, type ProgramSettings } from "./components/settings/program-settings";
import { clusterOutput, costOutput, sizingOutput, verdictOutput } from "./components/stack-outputs";
import { nodeCacheElsewhere, parseAwsSettings } from "./config/aws-settings";
import { loadCatalog } from "./config/catalog";
import { parseServingRequest } from "./config/request";
import { costOnCluster } from "./sizing/aws/cluster-cost";
import type { AwsClusterPlan } from "./sizing/aws/cluster-plan";
import { planServing } from "./sizing/plan";
import { isFeasible, type FeasiblePlan } from "./sizing/serving-plan";
import type { ServingRequest } from "./sizing/serving-request";

const config = new pulumi.Config();
const settings = programSettings();
const request = servingRequest();
checkInstall(request);
const plan = feasiblePlan(request);
const placed = request.target === "aws" ? placeOnAws(plan) : placeOnCluster(plan);

export const sizing = sizingOutput(plan);
export const cost = costOutput(placed.plan ?? plan);
export const verdict = verdictOutput(plan);
export const endpoint = placed.endpoint;
export const cluster = { target: request.target, ...placed.cluster };

interface Placed {
  readonly endpoint: pulumi.Output<ServingEndpoint>;
  /** With the cost on the cluster that is made; absent: what the plan says is all that is known. */
  readonly plan?: FeasiblePlan;
  /** What the stack makes of the cluster beneath: nothing, unless the target is AWS. */
  readonly cluster?: ReturnType<typeof clusterOutput> & {
    /** For kubectl, by the credentials of whoever uses it. */
    readonly kubeconfig: pulumi.Output<string>;
    /** How to open the dashboard. */
    readonly monitoring: pulumi.Output<MonitoringAccess | undefined>;
  };
}

function placeOnCluster(feasible: FeasiblePlan): Placed {
  const fault = nodeCacheElsewhere(config.getObject("aws"), request.target);
  if (fault !== undefined) throw new pulumi.RunError(fault);
  const provider = new k8s.Provider("cluster", {
    ...(settings.kubeconfig === undefined ? {} : { kubeconfig: settings.kubeconfig }),
    ...(settings.context === undefined ? {} : { context: settings.context }),
    // A stack belongs to one cluster, however it is reached. Without this, a new kubeconfig or a renamed context would
    // replace everything on it; another cluster is another stack.
    clusterIdentifier: clusterIdentifier(),
    // A new client's key changes the Secret in place, so that the others are never without theirs.
    enableSecretMutable: true,
  });
  const providers = { kubernetes: provider };
  const before = settings.installGateway === true ? [gatewayControllers(providers).ready] : [];
  const stack = new ServingStack(
    "serving",
    { plan: feasible, options: settings.options, clientKeys: config.requireSecretObject("clientKeys") },
    { providers, dependsOn: before },
  );
  return { endpoint: stack.endpoint };
}

function gatewayControllers(providers: { readonly kubernetes: k8s.Provider }): GatewayControllers {
  const redis = rateLimitRedis([settings.options]);
  return new GatewayControllers("gateway", redis === undefined ? {} : { rateLimitRedis: redis }, { providers });
}

/** The shape is decided here; the SDK of AWS, which takes a second to load, is loaded only for this target. */
function placeOnAws(feasible: FeasiblePlan): Placed {
  const planned = awsCluster(feasible);
  const { startUp, firstUp } = startUpOnAws(feasible, planned);
  const built = pulumi.output(
    import("./components/aws/program").then(({ buildOnAws }) =>
      buildOnAws({
        plan: feasible,
        cluster: planned,
        options: settings.options,
        clientKeys: config.requireSecretObject("clientKeys"),
        clusterIdentifier: clusterIdentifier(),
      }),
    ),
  );
  return {
    endpoint: built.endpoint,
    plan: { ...feasible, cost: costOnCluster(feasible, planned, loadCatalog()) },
    cluster: {
      ...clusterOutput(planned, startUp, firstUp),
      kubeconfig: built.kubeconfig,
      monitoring: built.monitoring,
    },
  };
}

function awsCluster(feasible: FeasiblePlan): AwsClusterPlan {
  const read = parseAwsSettings(config.getObject("aws"));
  if (!read.ok) {
    const faults = read.faults.map(({ message }) => `aws.${message}`);
    throw new pulumi.RunError(lines("fitserve:aws is not valid (Pulumi.aws.yaml has an example):", faults));
  }
  const outcome = clusterOfStack(feasible, read.settings, {
    project: pulumi.getProject(),
    stack: pulumi.getStack(),
    namespace: settings.options.namespace,
    tlsAtGateway: hasTlsAtGateway(settings.options),
  });
  const faults = [
    ...(outcome.ok ? [] : outcome.faults),
    ...redisFaults(settings.options).map((fault) => `fitserve:${fault}`),
  ];
  if (!outcome.ok || faults.length > 0) {
    throw new pulumi.RunError(lines("No cluster can be made for this plan:", faults));
  }
  return outcome.cluster;
}

function clusterIdentifier(): string {
  return `${pulumi.getProject()}-${pulumi.getStack()}`;
}

function programSettings(): ProgramSettings {
  const read = readProgramSettings(pulumi.runtime.allConfig(), pulumi.getStack());
  if (!read.ok) throw new pulumi.RunError(lines("The configuration of this stack is not valid:", read.faults));
  const { kubeconfig: file } = read.settings;
  if (file !== undefined && !existsSync(resolve(file))) {
    throw new pulumi.RunError(`fitserve:kubeconfig is ${file}, but there is no such file.`);
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
  const parsed = parseServingRequest(config.requireObject("serving"), loadCatalog());
  if (!parsed.ok) {
    const faults = parsed.faults.map(({ message }) => message);
    throw new pulumi.RunError(lines("fitserve:serving is not valid:", faults));
  }
  return parsed.request;
}

/** On the local target nothing runs that could be installed, and the aws target brings its own. */
function checkInstall({ target }: ServingRequest): void {
  if (settings.installGateway !== true || target === "existing") return;
  throw new pulumi.RunError(
    `fitserve:installGateway is for the target existing, and target is ${target}` +
      (target === "aws" ? ", which installs the gateway anyway." : ", on which no controller runs."),
  );
}

/** A refused plan is built all the same: it is the policy pack that judges resources, and it must be seen to stop them. */
function feasiblePlan(asked: ServingRequest): FeasiblePlan {
  const planned = planServing(asked, loadCatalog());
  const reasons = planned.verdict.reasons.map(({ message, fix }) =>
    fix === undefined ? message : `${message}\n    ${fix}`,
  );
  if (!isFeasible(planned)) throw new pulumi.RunError(lines("No plan fits this request:", reasons));
  const faults = deployabilityFaults(planned, settings.options);
  if (faults.length > 0) throw new pulumi.RunError(lines("This plan cannot be deployed:", faults));
  if (planned.verdict.status === "refused") {
    void pulumi.log.warn(lines("The policies of fitserve refuse this plan:", reasons));
  }
  return planned;
}

function lines(title: string, items: readonly string[]): string {
  return [title, ...items.map((item) => `  ${item}`)].join("\n");
}
