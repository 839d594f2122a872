import { stringAt } from "../kube-object";
import { READY, type Readiness, type ReadinessRule, waiting } from "./readiness";

const VOLUME_TIMEOUT_SECONDS = 300;

export const persistentVolume: ReadinessRule = {
  timeoutSeconds: VOLUME_TIMEOUT_SECONDS,
  judge: (live): Readiness => {
    const phase = stringAt(live, "status", "phase") ?? "Pending";
    return phase === "Available" || phase === "Bound" ? READY : waiting("the volume", [`the volume is ${phase}`]);
  },
};

/** A claim is ready when it is bound, or when its class binds only once a Pod uses it. */
export const persistentVolumeClaim: ReadinessRule = {
  timeoutSeconds: VOLUME_TIMEOUT_SECONDS,
  related: () => ({ apiVersion: "storage.k8s.io/v1", kind: "StorageClass", labelSelector: "" }),
  judge: (live, classes): Readiness => {
    const phase = stringAt(live, "status", "phase") ?? "Pending";
    const wanted = stringAt(live, "spec", "storageClassName");
    const storageClass = classes.find((one) => stringAt(one, "metadata", "name") === wanted);
    const bindsLater = stringAt(storageClass, "volumeBindingMode") === "WaitForFirstConsumer";
    return phase === "Bound" || bindsLater ? READY : waiting("the claim to be bound", [`the claim is ${phase}`]);
  },
};
