import { execFile } from "node:child_process";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { Command } from "commander";
import { nodeStorageGiB } from "../components/engine-resources";
import { parseAwsSettings } from "../config/aws-settings";
import { loadCatalog } from "../config/catalog";
import { AWS_MACHINES } from "../config/data/aws-machines";
import { parseRequestText } from "../config/request-text";
import { planAwsCluster, type AwsClusterPlan } from "../sizing/aws/cluster-plan";
import { isFeasible, type FeasiblePlan } from "../sizing/serving-plan";
import { awsChecks, type Check } from "./aws-checks";
import { CliError, EnvironmentError, EXIT, InvalidInputError } from "./errors";
import { write } from "./output";
import { planFromOptions, withRequestOptions } from "./plan";
import { isObject, projectFolder, readTextFile, type RequestOptions } from "./request-input";

const EXAMPLES = `
Examples:
  fitserve preflight                       for the stack aws: what its account would refuse
  fitserve preflight --request aws.yaml    for a stack file of another name

Asks the account by the aws command, with the credentials that it uses; changes nothing.
Exit codes: 0 nothing stands against it, 2 invalid request or settings, 3 nothing fits, 5 something would fail.`;

const DEFAULT_STACK = "aws";
const LONGEST_ANSWER_MS = 30_000;

export function preflightCommand(): Command {
  return withRequestOptions(new Command("preflight"))
    .description("what would fail on AWS before it is tried: credentials, offers, quotas, reservations")
    .addHelpText("after", EXAMPLES)
    .action(async (options: RequestOptions) => {
      const source = options.request ?? stackFile(options.stack ?? DEFAULT_STACK);
      const plan = await feasiblePlan({ ...options, request: source, set: [...options.set, "target=aws"] });
      const cluster = clusterOf(plan, source);
      const checks = await awsChecks(plan, cluster, askAws);
      await write(process.stdout, report(plan, cluster, checks));
      if (checks.some(({ status }) => status === "fails")) process.exitCode = EXIT.environment;
    });
}

function stackFile(stack: string): string {
  const folder = projectFolder(process.cwd());
  if (folder === undefined)
    throw new InvalidInputError("no Pulumi project here or above; wanted --request <stack file>");
  return join(folder, `Pulumi.${stack}.yaml`);
}

async function feasiblePlan({ stack: _stack, ...options }: RequestOptions): Promise<FeasiblePlan> {
  const plan = await planFromOptions(options);
  if (isFeasible(plan)) return plan;
  const reasons = plan.verdict.reasons.map(({ message }) => message);
  throw new CliError(["no plan fits", ...reasons].join("\n"), EXIT.infeasible);
}

/** The cluster of the same file's `fitserve:aws`; every fault in one message. */
function clusterOf(plan: FeasiblePlan, source: string): AwsClusterPlan {
  const parsed = parseRequestText(readTextFile(resolve(source), "--request", source));
  const config = parsed.ok && isObject(parsed.value) ? parsed.value["config"] : undefined;
  const read = parseAwsSettings(isObject(config) ? config["fitserve:aws"] : undefined);
  if (!read.ok) throw new InvalidInputError(read.faults.map(({ message }) => `fitserve:aws.${message}`).join("\n"));
  const outcome = planAwsCluster({
    plan,
    settings: read.settings,
    project: "fitserve",
    stack: DEFAULT_STACK,
    offers: loadCatalog().offers,
    machines: AWS_MACHINES,
    nodeStorageGiB: nodeStorageGiB(plan),
    tlsAtGateway: isObject(config) && config["fitserve:tlsSecret"] !== undefined,
    today: new Date().toISOString().slice(0, 10),
  });
  if (!outcome.ok) throw new InvalidInputError(outcome.faults.join("\n"));
  return outcome.cluster;
}

const run = promisify(execFile);

async function askAws(command: string, options: Readonly<Record<string, string>>): Promise<unknown> {
  const given = Object.entries({ ...options, output: "json" }).flatMap(([name, value]) => [`--${name}`, value]);
  try {
    const { stdout } = await run("aws", [...command.split(" "), ...given], { timeout: LONGEST_ANSWER_MS });
    return JSON.parse(stdout);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") {
      throw new EnvironmentError("there is no aws command; install the AWS CLI, version 2");
    }
    if (error instanceof Error && "stderr" in error) throw new Error(String(error.stderr), { cause: error });
    throw error;
  }
}

const MARKS = { ok: "ok     ", fails: "FAILS  ", unknown: "unknown" } as const;

function report(plan: FeasiblePlan, cluster: AwsClusterPlan, checks: readonly Check[]): string {
  const { nodes, instanceType } = plan.hardware;
  const lines = checks.map(({ name, status, detail }) => `  ${MARKS[status]}  ${name}: ${detail}`);
  return `${[`${nodes} x ${instanceType} in ${cluster.region}, account ${cluster.accountId}`, ...lines].join("\n")}\n`;
}
