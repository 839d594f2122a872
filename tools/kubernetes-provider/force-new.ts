import { isJsonObject, type JsonObject, kindId, valueAt } from "./kube-object";
import type { PathStep } from "./path";

/** Which objects the provider is told may change in place. */
export interface Mutability {
  readonly configMaps: boolean;
  readonly secrets: boolean;
}

const SELECTOR = ["spec.selector"];

const CONTAINER = [
  "args",
  "command",
  "env",
  "image",
  "imagePullPolicy",
  "lifecycle",
  "livenessProbe",
  "ports",
  "readinessProbe",
  "resources",
  "securityContext",
  "stdin",
  "stdinOnce",
  "terminationMessagePath",
  "terminationMessagePolicy",
  "tty",
  "volumeDevices",
  "volumeMounts",
  "workingDir",
];

const POD = [
  "affinity",
  "automountServiceAccountToken",
  "dnsConfig",
  "dnsPolicy",
  "enableServiceLinks",
  "hostAliases",
  "hostIPC",
  "hostNetwork",
  "hostPID",
  "hostname",
  "imagePullSecrets",
  "nodeName",
  "nodeSelector",
  "overhead",
  "preemptionPolicy",
  "priority",
  "priorityClassName",
  "readinessGates",
  "restartPolicy",
  "runtimeClassName",
  "schedulerName",
  "securityContext",
  "serviceAccount",
  "serviceAccountName",
  "shareProcessNamespace",
  "subdomain",
  "terminationGracePeriodSeconds",
  "volumes",
  ...CONTAINER.flatMap((field) => [`containers[*].${field}`, `initContainers[*].${field}`]),
];

const VOLUME_SOURCES = [
  "awsElasticBlockStore",
  "azureDisk",
  "azureFile",
  "cephfs",
  "cinder",
  "csi",
  "fc",
  "flexVolume",
  "flocker",
  "gcePersistentDisk",
  "glusterfs",
  "hostPath",
  "iscsi",
  "local",
  "nfs",
  "photonPersistentDisk",
  "portworxVolume",
  "quobyte",
  "rbd",
  "scaleIO",
  "storageos",
  "vsphereVolume",
];

/** The fields whose change needs a new object, as the official provider has them. */
const FORCE_NEW: Readonly<Record<string, readonly string[]>> = {
  "apps/v1/DaemonSet": SELECTOR,
  "apps/v1/Deployment": SELECTOR,
  "apps/v1/StatefulSet": [
    "spec.podManagementPolicy",
    "spec.revisionHistoryLimit",
    "spec.selector",
    "spec.serviceName",
    "spec.volumeClaimTemplates",
  ],
  "batch/v1/Job": ["spec.completions", "spec.parallelism", "spec.selector", "spec.template"],
  "rbac.authorization.k8s.io/v1/ClusterRoleBinding": ["roleRef"],
  "rbac.authorization.k8s.io/v1/RoleBinding": ["roleRef"],
  "storage.k8s.io/v1/StorageClass": ["parameters", "provisioner"],
  "v1/PersistentVolume": VOLUME_SOURCES.map((source) => `spec.${source}`),
  "v1/PersistentVolumeClaim": ["spec.accessModes", "spec.selector", "spec.storageClassName", "spec.volumeName"],
  "v1/Pod": POD.map((field) => `spec.${field}`),
  "v1/ResourceQuota": ["spec.scopes"],
  "v1/Secret": ["type"],
  "v1/Service": ["spec.clusterIP"],
};

const IDENTITY = ["metadata.name", "metadata.namespace"];

/** The patterns of fields of these inputs whose change replaces the object; `[*]` stands for any item. */
export function forceNewFields(inputs: JsonObject, mutability: Mutability): readonly string[] {
  const kind = kindId(inputs);
  const immutable = inputs["immutable"] === true;
  const fields = [...IDENTITY, ...(FORCE_NEW[kind] ?? [])];
  if (kind === "v1/Secret" && (!mutability.secrets || immutable)) fields.push("stringData", "data");
  if (kind === "v1/ConfigMap" && (!mutability.configMaps || immutable)) fields.push("binaryData", "data");
  return fields;
}

/** For resources that only patch: nothing but another object to patch makes them new. */
export const PATCH_FORCE_NEW: readonly string[] = IDENTITY;

/** Whether a change at a path, to this value, touches a field that a pattern names, or one above or below it. */
export function touches(pattern: string, path: readonly PathStep[], value: unknown): boolean {
  const wanted = pattern.split(/\.|(?=\[)/);
  for (const [index, step] of wanted.entries()) {
    const actual = path[index];
    if (actual === undefined) return reaches(value, wanted.slice(index));
    if (step === "[*]" ? typeof actual !== "number" : step !== actual) return false;
  }
  return true;
}

function reaches(value: unknown, steps: readonly string[]): boolean {
  const [step, ...rest] = steps;
  if (step === undefined) return true;
  if (step === "[*]") return Array.isArray(value) && value.some((item) => reaches(item, rest));
  return isJsonObject(value) && Object.hasOwn(value, step) && reaches(valueAt(value, step), rest);
}
