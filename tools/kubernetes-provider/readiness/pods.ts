import { asText, isJsonObject, type JsonObject, listAt, stringAt, valueAt } from "../kube-object";
import { condition, inWords, isTrue } from "./conditions";
import { failed, READY, type Readiness, type ReadinessRule, waiting } from "./readiness";

/** A Pod is ready when its Ready condition says so, or when it has run to its end. */
export const pod: ReadinessRule = {
  timeoutSeconds: 300,
  judge: (live): Readiness => {
    const phase = stringAt(live, "status", "phase");
    if (phase === "Succeeded" || isTrue(live, "Ready")) return READY;
    const faults = podFaults(live);
    return phase === "Failed" ? failed(...faults) : waiting("the Pod to be ready", faults);
  },
};

/** What keeps Pods from being ready, one line a fault, each with the name of its Pod. */
export function faultsOfPods(pods: readonly JsonObject[]): readonly string[] {
  return pods.flatMap((one) => {
    const name = stringAt(one, "metadata", "name") ?? "";
    return isTrue(one, "Ready") ? [] : podFaults(one).map((fault) => `[Pod ${name}]: ${fault}`);
  });
}

function podFaults(live: JsonObject): string[] {
  const scheduled = condition(live, "PodScheduled");
  if (scheduled !== undefined && scheduled.status !== "True") return [inWords(scheduled)];
  const statuses = [...listAt(live, "status", "initContainerStatuses"), ...listAt(live, "status", "containerStatuses")];
  const faults = statuses.flatMap(containerFault);
  if (faults.length > 0) return faults;
  const unready = condition(live, "Ready");
  if (unready !== undefined) return [inWords(unready)];
  return [`phase ${stringAt(live, "status", "phase") ?? "unknown"}`];
}

function containerFault(status: unknown): string[] {
  const name = stringAt(status, "name") ?? "";
  for (const state of ["waiting", "terminated"]) {
    const detail = valueAt(status, "state", state);
    if (!isJsonObject(detail)) continue;
    const reason = stringAt(detail, "reason") ?? state;
    // A container that ended well is no fault.
    if (reason === "Completed") continue;
    const message = stringAt(detail, "message") ?? "";
    return [`container "${name}" is not ready: [${reason}]${message === "" ? "" : ` ${message}`}`];
  }
  return [];
}

/** The label selector of a workload in the form of the API's query, or undefined where it selects nothing. */
export function labelSelector(selector: unknown): string | undefined {
  const labels = valueAt(selector, "matchLabels");
  const terms = isJsonObject(labels) ? Object.entries(labels).map(([key, value]) => `${key}=${asText(value)}`) : [];
  for (const expression of listAt(selector, "matchExpressions")) terms.push(expressionTerm(expression));
  return terms.length === 0 ? undefined : terms.join(",");
}

function expressionTerm(expression: unknown): string {
  const key = stringAt(expression, "key") ?? "";
  const values = listAt(expression, "values").join(",");
  const operator = stringAt(expression, "operator");
  if (operator === "In") return `${key} in (${values})`;
  if (operator === "NotIn") return `${key} notin (${values})`;
  return operator === "DoesNotExist" ? `!${key}` : key;
}
