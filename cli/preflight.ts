import { Command } from "commander";
import { startUpOnAws } from "../components/aws/start-up";
import { SERVING_DEFAULTS } from "../components/serving-options";
import { loadCatalog } from "../config/catalog";
import { costOnCluster } from "../sizing/aws/cluster-cost";
import { isFeasible, type FeasiblePlan } from "../sizing/serving-plan";
import { EXIT, InvalidInputError } from "./errors";
import { noPlanFits } from "./no-plan";
import { write } from "./output";
import { planFromOptions, withRequestOptions } from "./plan";
import { awsChecks } from "./preflight/aws-checks";
import { asker, type Check } from "./preflight/checks";
import { clusterChecks } from "./preflight/cluster-checks";
import type { GatewayNeeds } from "./preflight/cluster-controllers";
import type { RequestOptions } from "./request-input";
import { clusterOf, configOf, DEFAULT_STACK, stackFile, type StackConfig, hasGatewayTls } from "./stack-cluster";

const EXAMPLES = `
Examples:
  fitserve preflight                       for the stack aws: what its account would refuse
  fitserve preflight --request aws.yaml    for a stack file of another name

Asks the account by the aws command, or the cluster by kubectl, with the credentials that they use; changes nothing.
Exit codes: 0 nothing stands against it, 2 invalid request or settings, 3 nothing fits, 5 something would fail.`;

export function preflightCommand(): Command {
  return withRequestOptions(new Command("preflight"))
    .description(
      "what would fail before it is tried: quotas and offers on AWS, cards and controllers of an existing cluster",
    )
    .addHelpText("after", EXAMPLES)
    .action(async (options: RequestOptions) => {
      const stack = options.stack ?? DEFAULT_STACK;
      const source = options.request ?? stackFile(stack);
      const plan = await feasiblePlan({ ...options, request: source });
      const { title, checks } = await checked(plan, source, stack);
      await write(process.stdout, report(title, checks));
      if (checks.some(({ status }) => status === "fails")) process.exitCode = EXIT.environment;
    });
}

interface Checked {
  readonly title: string;
  readonly checks: readonly Check[];
}

function checked(plan: FeasiblePlan, source: string, stack: string): Promise<Checked> {
  const config = configOf(source);
  const { target } = plan.request;
  if (target === "local")
    throw new InvalidInputError("the target is local, which needs nothing; wanted aws or existing");
  return target === "aws" ? account(plan, config, stack) : existingCluster(plan, config, stack);
}

async function account(plan: FeasiblePlan, config: StackConfig, stack: string): Promise<Checked> {
  const outcome = clusterOf(plan, config, stack);
  if (!outcome.ok) throw new InvalidInputError(outcome.faults.join("\n"));
  const { cluster } = outcome;
  const ask = asker("aws", "there is no aws command; install the AWS CLI, version 2", { output: "json" });
  const { nodes, instanceType } = plan.hardware;
  const { expected } = costOnCluster(plan, cluster, loadCatalog());
  const minutes = Math.round(startUpOnAws(plan, cluster).firstUp.seconds / 60);
  const title =
    `${nodes} x ${instanceType} in ${cluster.region}, account ${cluster.accountId}: ` +
    `$${expected.usdPerMonth.toFixed(0)} a month, about ${minutes} minutes to the first answer`;
  return { title, checks: await awsChecks(plan, cluster, hasGatewayTls(config), ask) };
}

async function existingCluster(plan: FeasiblePlan, config: StackConfig, stack: string): Promise<Checked> {
  const [kubeconfig, context] = [textOf(config["fitserve:kubeconfig"]), textOf(config["fitserve:context"])];
  const ask = asker("kubectl", "there is no kubectl command; install it", {
    ...(kubeconfig === undefined ? {} : { kubeconfig }),
    ...(context === undefined ? {} : { context }),
    output: "json",
  });
  const needs = {
    gateway: gatewayNeeds(config),
    namespace: textOf(config["fitserve:namespace"]) ?? `${SERVING_DEFAULTS.namespace}-${stack}`,
    image: textOf(config["fitserve:engineImage"]) ?? plan.engine.image,
    claim: textOf(config["fitserve:modelCacheClaim"]),
  };
  const { replicas, gpu } = plan.hardware;
  const title = `${replicas} x ${plan.model.key} on ${gpu}, cluster of ${context ?? "the current context"}`;
  return { title, checks: await clusterChecks(plan, needs, ask) };
}

function gatewayNeeds(config: StackConfig): GatewayNeeds {
  const isInstalled = isTrue(config["fitserve:installGateway"]);
  const makesClass = isTrue(config["fitserve:createGatewayClass"] ?? isInstalled);
  if (makesClass) return { isInstalled };
  return { isInstalled, gatewayClass: textOf(config["fitserve:gatewayClass"]) ?? SERVING_DEFAULTS.gatewayClassName };
}

/** A stack's file has it as it is or as a text. */
function isTrue(value: unknown): boolean {
  return value === true || value === "true";
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

async function feasiblePlan({ stack: _stack, ...options }: RequestOptions): Promise<FeasiblePlan> {
  const plan = await planFromOptions(options);
  if (isFeasible(plan)) return plan;
  throw noPlanFits(plan);
}

const MARKS = { ok: "ok     ", warns: "warns  ", fails: "FAILS  ", unknown: "unknown" } as const;

function report(title: string, checks: readonly Check[]): string {
  const lines = checks.map(({ name, status, detail }) => `  ${MARKS[status]}  ${name}: ${detail}`);
  return `${[title, ...lines].join("\n")}\n`;
}
