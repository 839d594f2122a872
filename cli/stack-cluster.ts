import { join, resolve } from "node:path";
import { clusterOfStack } from "../components/aws/cluster-inputs";
import { parseAwsSettings } from "../config/aws-settings";
import { loadCatalog } from "../config/catalog";
import { parseRequestText } from "../config/request/text";
import { costOnCluster } from "../sizing/aws/cluster-cost";
import type { AwsClusterOutcome } from "../sizing/aws/cluster-plan";
import { isFeasible, type FeasiblePlan, type ServingPlan } from "../sizing/serving-plan";
import { InvalidInputError } from "./errors";
import { isObject, projectFolder, readTextFile, type RequestOptions } from "./request-input";

/** Values of a stack file by their full keys, such as `fitserve:aws`. */
export type StackConfig = Readonly<Record<string, unknown>>;

/** Either gives the gateway a certificate; the values are judged by the program. */
const GATEWAY_TLS_KEYS = ["fitserve:tlsSecret", "fitserve:certificateIssuer"] as const;

/** Where nothing else is named. */
export const DEFAULT_STACK = "aws";

export function stackFile(stack: string): string {
  const folder = projectFolder(process.cwd());
  if (folder === undefined)
    throw new InvalidInputError("no Pulumi project here or above; wanted --request <stack file>");
  return join(folder, `Pulumi.${stack}.yaml`);
}

/** The whole configuration of the file that holds the request. */
export function configOf(source: string): StackConfig {
  const parsed = parseRequestText(readTextFile(resolve(source), "--request", source));
  const config = parsed.ok && isObject(parsed.value) ? parsed.value["config"] : undefined;
  return isObject(config) ? config : {};
}

/** The cluster of the file's `fitserve:aws`, or everything that stands against it. */
export function clusterOf(plan: FeasiblePlan, config: StackConfig, stack: string): AwsClusterOutcome {
  const read = parseAwsSettings(config["fitserve:aws"]);
  if (!read.ok) return { ok: false, faults: read.faults.map(({ message }) => `fitserve:aws.${message}`) };
  const namespace = config["fitserve:namespace"];
  return clusterOfStack(plan, read.settings, {
    project: "fitserve",
    stack,
    namespace: typeof namespace === "string" ? namespace : undefined,
    tlsAtGateway: hasGatewayTls(config),
  });
}

export function hasGatewayTls(config: StackConfig): boolean {
  return GATEWAY_TLS_KEYS.some((key) => config[key] !== undefined);
}

/** A plan, and what its reader has to know of its cost. */
export interface CountedPlan {
  readonly plan: ServingPlan;
  readonly warning?: string;
}

/**
 * The plan for AWS of a stack, or of a file that is one, with the cost of the cluster that it makes. Where none can be
 * made the plan keeps that of a usual one, and the warning says why.
 */
export function withClusterCost(
  plan: ServingPlan,
  { stack, request }: Pick<RequestOptions, "stack" | "request">,
): CountedPlan {
  const source = stack === undefined ? request : stackFile(stack);
  if (source === undefined || source === "-" || !isFeasible(plan) || plan.request.target !== "aws") return { plan };
  const config = configOf(source);
  // A file of a request alone says nothing of a cluster.
  if (stack === undefined && config["fitserve:aws"] === undefined) return { plan };
  const outcome = clusterOf(plan, config, stack ?? DEFAULT_STACK);
  if (outcome.ok) return { plan: { ...plan, cost: costOnCluster(plan, outcome.cluster, loadCatalog()) } };
  const said = outcome.faults.map((fault) => `  ${fault}`).join("\n");
  return { plan, warning: `the cost is that of a usual cluster, because this one cannot be made:\n${said}\n` };
}
