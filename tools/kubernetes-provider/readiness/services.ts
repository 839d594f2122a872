import { isJsonObject, type JsonObject, type KubeObject, listAt, stringAt, valueAt } from "../kube-object";
import { READY, type Readiness, type ReadinessRule, waiting } from "./readiness";

const SERVICE_TIMEOUT_SECONDS = 600;

function hasSelector(live: KubeObject): boolean {
  const selector = valueAt(live, "spec", "selector");
  return isJsonObject(selector) && Object.keys(selector).length > 0;
}

function targetsPods(live: KubeObject): boolean {
  return stringAt(live, "spec", "type") !== "ExternalName" && hasSelector(live);
}

/** Whether a slice names an address that takes traffic; a missing condition means ready, by the API's definition. */
function hasReadyAddress(slice: JsonObject): boolean {
  return listAt(slice, "endpoints").some((endpoint) => valueAt(endpoint, "conditions", "ready") !== false);
}

/** A Service is ready when it has Pods to send to and, as a load balancer, an address. */
export const service: ReadinessRule = {
  timeoutSeconds: SERVICE_TIMEOUT_SECONDS,
  related: (live) =>
    targetsPods(live)
      ? {
          apiVersion: "discovery.k8s.io/v1",
          kind: "EndpointSlice",
          labelSelector: `kubernetes.io/service-name=${live.metadata?.name ?? ""}`,
        }
      : undefined,
  judge: (live, slices): Readiness => {
    const reasons: string[] = [];
    if (targetsPods(live) && !slices.some(hasReadyAddress)) {
      reasons.push(
        "Service does not target any Pods. Selected Pods may not be ready, or field '.spec.selector' may not match labels on any Pods",
      );
    }
    const isBalancer = stringAt(live, "spec", "type") === "LoadBalancer";
    if (isBalancer && listAt(live, "status", "loadBalancer", "ingress").length === 0) {
      reasons.push("Service was not allocated an IP address; does your cloud provider support this?");
    }
    return reasons.length === 0 ? READY : waiting("the Service's endpoints", reasons);
  },
};

export const ingress: ReadinessRule = {
  timeoutSeconds: SERVICE_TIMEOUT_SECONDS,
  judge: (live): Readiness =>
    listAt(live, "status", "loadBalancer", "ingress").length > 0
      ? READY
      : waiting("an address", ["Ingress .status.loadBalancer field was not updated with a hostname/IP address"]),
};
