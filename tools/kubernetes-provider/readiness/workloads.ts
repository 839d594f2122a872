import { type KubeObject, numberAt, stringAt, valueAt } from "../kube-object";
import { condition, inWords, isTrue } from "./conditions";
import { faultsOfPods, labelSelector } from "./pods";
import { failed, READY, type Readiness, type ReadinessRule, type RelatedQuery, waiting } from "./readiness";

const WORKLOAD_TIMEOUT_SECONDS = 600;

function podsOf(live: KubeObject): RelatedQuery | undefined {
  const selector = labelSelector(valueAt(live, "spec", "selector"));
  return selector === undefined ? undefined : { apiVersion: "v1", kind: "Pod", labelSelector: selector };
}

/** Whether the controller has not yet seen what was applied, so that its status speaks of an older version. */
function isStale(live: KubeObject): boolean {
  return (numberAt(live, "status", "observedGeneration") ?? 0) < (live.metadata?.generation ?? 0);
}

/** A Deployment is ready when its newest revision is rolled out and enough of its Pods are available. */
export const deployment: ReadinessRule = {
  timeoutSeconds: WORKLOAD_TIMEOUT_SECONDS,
  related: podsOf,
  judge: (live, pods): Readiness => {
    const wanted = numberAt(live, "spec", "replicas") ?? 1;
    const updated = numberAt(live, "status", "updatedReplicas") ?? 0;
    const available = numberAt(live, "status", "availableReplicas") ?? 0;
    const progressing = condition(live, "Progressing");
    const unavailable = numberAt(live, "status", "unavailableReplicas") ?? Math.max(wanted - available, 0);
    if (isStale(live)) return waiting("the Deployment to be observed");
    const rolledOut = progressing === undefined || progressing.reason === "NewReplicaSetAvailable" || wanted === 0;
    const ready = updated >= wanted && available >= updated && (wanted === 0 || isTrue(live, "Available"));
    if (rolledOut && ready) return READY;
    const stuck = progressing?.status === "False" ? [inWords(progressing)] : [];
    return waiting(`${unavailable} Pods to become available`, [
      `the rollout is not complete: ${unavailable} Pods are unavailable, ${updated} of ${wanted} are of the new revision`,
      ...stuck,
      ...faultsOfPods(pods),
    ]);
  },
};

export const statefulSet: ReadinessRule = {
  timeoutSeconds: WORKLOAD_TIMEOUT_SECONDS,
  related: podsOf,
  judge: (live, pods): Readiness => {
    const wanted = numberAt(live, "spec", "replicas") ?? 1;
    const ready = numberAt(live, "status", "readyReplicas") ?? 0;
    const current = stringAt(live, "status", "currentRevision");
    const settled = current === stringAt(live, "status", "updateRevision");
    const partitioned = numberAt(live, "spec", "updateStrategy", "rollingUpdate", "partition") ?? 0;
    if (!isStale(live) && ready >= wanted && (settled || partitioned > 0)) return READY;
    return waiting(`${ready} of ${wanted} Pods to become ready`, [
      `${ready} of ${wanted} Pods are ready`,
      ...faultsOfPods(pods),
    ]);
  },
};

export const daemonSet: ReadinessRule = {
  timeoutSeconds: WORKLOAD_TIMEOUT_SECONDS,
  related: podsOf,
  judge: (live, pods): Readiness => {
    const wanted = numberAt(live, "status", "desiredNumberScheduled") ?? 0;
    const updated = numberAt(live, "status", "updatedNumberScheduled") ?? 0;
    const available = numberAt(live, "status", "numberAvailable") ?? 0;
    if (!isStale(live) && updated >= wanted && available >= wanted) return READY;
    return waiting(`${available} of ${wanted} Pods to become available`, [
      `${available} of ${wanted} Pods are available`,
      ...faultsOfPods(pods),
    ]);
  },
};

/** A Job is ready when it is done. */
export const job: ReadinessRule = {
  timeoutSeconds: WORKLOAD_TIMEOUT_SECONDS,
  related: podsOf,
  judge: (live, pods): Readiness => {
    if (isTrue(live, "Complete")) return READY;
    const failure = condition(live, "Failed");
    if (failure?.status === "True") return failed(`Job failed: ${inWords(failure)}`, ...faultsOfPods(pods));
    // A suspended Job does not start by itself.
    if (valueAt(live, "spec", "suspend") === true) return READY;
    return waiting("the Job to complete", ["the Job has not completed", ...faultsOfPods(pods)]);
  },
};
