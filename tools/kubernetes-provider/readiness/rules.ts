import { annotation, isAnnotated, SKIP_AWAIT, WAIT_FOR } from "../annotations";
import { type JsonObject, kindId } from "../kube-object";
import { isTrue } from "./conditions";
import { pod } from "./pods";
import { READY, type ReadinessRule, waiting } from "./readiness";
import { ingress, service } from "./services";
import { persistentVolume, persistentVolumeClaim } from "./storage";
import { waitForRule } from "./wait-for";
import { daemonSet, deployment, job, statefulSet } from "./workloads";

/** A definition is ready when its kind is served. */
const customResourceDefinition: ReadinessRule = {
  timeoutSeconds: 60,
  judge: (live) => (isTrue(live, "Established") ? READY : waiting("the kind to be served")),
};

const RULES: Readonly<Record<string, ReadinessRule>> = {
  "apiextensions.k8s.io/v1/CustomResourceDefinition": customResourceDefinition,
  "apps/v1/DaemonSet": daemonSet,
  "apps/v1/Deployment": deployment,
  "apps/v1/StatefulSet": statefulSet,
  "batch/v1/Job": job,
  "networking.k8s.io/v1/Ingress": ingress,
  "v1/PersistentVolume": persistentVolume,
  "v1/PersistentVolumeClaim": persistentVolumeClaim,
  "v1/Pod": pod,
  "v1/Service": service,
};

/** The rule by which to wait for an object with these inputs, or undefined where nothing is to be waited for. */
export function readinessRule(inputs: JsonObject): ReadinessRule | undefined {
  if (isAnnotated(inputs, SKIP_AWAIT)) return undefined;
  const custom = annotation(inputs, WAIT_FOR);
  return custom === undefined || custom === "" ? RULES[kindId(inputs)] : waitForRule(custom);
}
