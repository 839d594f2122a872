import type { types } from "@pulumi/kubernetes";
import type { Checkpoint } from "../../../sizing/catalog";
import type { FeasiblePlan } from "../../../sizing/serving-plan";
import { GPU_TOLERATION, POOL_LABEL, instanceLabels, kubernetesName } from "../../kubernetes-object";
import { CLOSED_CONTAINER, ENGINE_USER } from "../../pod-security";
import type { ServingOptions } from "../../serving-options";
import { FREE_DISK_SHARE } from "../../vllm/engine-resources";
import type { NodeSource } from "../../vllm/model-source";
import { engineNodeSelector } from "../../vllm/vllm-pod.manifest";
import { NOMINAL_SIZE } from "../../vllm/weights-claim.manifest";
import { checkpointPrefix } from "./model-cache.manifest";
import { COPY_PY } from "./node-cache-script";

/**
 * Where a node that joins its NVMe disks has them, and how the joined device is called.
 * Source: awslabs/amazon-eks-ami templates/shared/runtime/bin/setup-local-disks.
 */
const NODE_DISK = { path: "/mnt/k8s-disks/0", device: "/dev/md" } as const;

/** Of the engine. */
const WEIGHTS_PATH = "/weights";

/** Of what copies. */
const ROOT = "/cache";

/** Its folder comes first when Python looks for a module: no name of the standard library, such as copy. */
const PROGRAM = "copy_weights.py";

/** Folder of one checkpoint: one level, so that what is not it can be told and removed. */
function folderOf(checkpoint: Checkpoint): string {
  return kubernetesName(checkpointPrefix(checkpoint));
}

/** Each server has a folder of its own on a node that several share. */
function hostFolder(options: ServingOptions): string {
  return `${NODE_DISK.path}/fitserve/${options.namespace}`;
}

/** The weights of a checkpoint as an engine finds them on its node. */
export function nodeModel(options: ServingOptions, checkpoint: Checkpoint): NodeSource {
  const uri = `${WEIGHTS_PATH}/${folderOf(checkpoint)}/${checkpoint.repository}`;
  return {
    kind: "node",
    uri,
    mountPath: WEIGHTS_PATH,
    marker: `${uri}/.complete`,
    claim: `${options.name}-weights`,
    volume: kubernetesName(`${options.namespace}-${options.name}-weights`),
  };
}

/** Alone in it: a pod that writes to a folder of its node is let in nowhere else. */
export function nodeCacheNamespace(options: ServingOptions) {
  return {
    apiVersion: "v1",
    kind: "Namespace",
    metadata: {
      name: `${options.namespace}-node-cache`,
      labels: {
        ...instanceLabels(options.name, "model-cache"),
        // The next stricter standard forbids every hostPath.
        "pod-security.kubernetes.io/enforce": "privileged",
      },
    },
  } as const satisfies types.input.core.v1.Namespace;
}

function metadata(options: ServingOptions) {
  const namespace = nodeCacheNamespace(options).metadata.name;
  return { name: "weights-copy", namespace, labels: instanceLabels(options.name, "model-cache") };
}

/** Account of what copies; its role may read the bucket. */
export function copyAccount(options: ServingOptions) {
  return { apiVersion: "v1", kind: "ServiceAccount", metadata: metadata(options) } as const;
}

/** Its program. */
export function copyScript(options: ServingOptions) {
  return {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: metadata(options),
    data: { [PROGRAM]: COPY_PY },
  } as const;
}

/** The folder as a volume that a claim can name: on whichever node of the pool a pod stands, it is that node's own. */
export function weightsVolume(options: ServingOptions, { claim, volume }: NodeSource) {
  return {
    apiVersion: "v1",
    kind: "PersistentVolume",
    metadata: { name: volume, labels: instanceLabels(options.name, "model-cache") },
    spec: {
      accessModes: ["ReadOnlyMany"],
      capacity: { storage: NOMINAL_SIZE },
      // Nobody else's claim takes it.
      claimRef: { apiVersion: "v1", kind: "PersistentVolumeClaim", namespace: options.namespace, name: claim },
      local: { path: hostFolder(options) },
      // By the pool alone, which stays when the card changes: a volume's nodes cannot change.
      nodeAffinity: {
        required: {
          nodeSelectorTerms: [{ matchExpressions: [{ key: POOL_LABEL, operator: "In", values: [options.namespace] }] }],
        },
      },
      // Nothing can recycle a folder; it goes with its node.
      persistentVolumeReclaimPolicy: "Retain",
    },
  } as const satisfies types.input.core.v1.PersistentVolume;
}

/** Copies the weights to each GPU node when it comes; a pod of it counts as ready when they are there. */
export function copyDaemonSet(plan: FeasiblePlan, options: ServingOptions, bucket: string, checkpoint: Checkpoint) {
  const selector = { "app.kubernetes.io/name": "weights-copy", "app.kubernetes.io/instance": options.name };
  const base = metadata(options);
  return {
    apiVersion: "apps/v1",
    kind: "DaemonSet",
    metadata: base,
    spec: {
      selector: { matchLabels: selector },
      // All nodes at once: engines read only when they start, and none does before its node is done.
      updateStrategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: "100%" } },
      template: {
        metadata: { labels: { ...base.labels, ...selector } },
        spec: copyPod(plan, options, {
          BUCKET: bucket,
          PREFIX: `${checkpointPrefix(checkpoint)}/`,
          ROOT,
          FOLDER: folderOf(checkpoint),
          REPOSITORY: checkpoint.repository,
          DEVICE: NODE_DISK.device,
          FREE_SHARE: String(FREE_DISK_SHARE),
          HOME: "/tmp",
        }),
      },
    },
  } as const satisfies types.input.apps.v1.DaemonSet & { apiVersion: string; kind: string };
}

function copyPod(plan: FeasiblePlan, options: ServingOptions, environment: Readonly<Record<string, string>>) {
  const image = options.engineImage ?? plan.engine.image;
  const { imagePullSecret } = options;
  const small = { requests: { cpu: "10m", memory: "32Mi" }, limits: { memory: "64Mi" } };
  const cache = { name: "cache", mountPath: ROOT };
  return {
    serviceAccountName: "weights-copy",
    ...(imagePullSecret === undefined ? {} : { imagePullSecrets: [{ name: imagePullSecret }] }),
    automountServiceAccountToken: false,
    // What waits has nothing to end, and a copy that is broken off goes on where it was.
    terminationGracePeriodSeconds: 1,
    nodeSelector: engineNodeSelector(plan, options),
    tolerations: [GPU_TOLERATION],
    securityContext: {
      runAsNonRoot: true,
      runAsUser: ENGINE_USER.uid,
      runAsGroup: ENGINE_USER.gid,
      seccompProfile: { type: "RuntimeDefault" },
    },
    initContainers: [
      {
        // The kubelet makes the folder as root's: its owner, without any capability, lets the group in.
        name: "folder",
        image,
        command: ["chmod", "0775", ROOT],
        resources: small,
        securityContext: { ...CLOSED_CONTAINER, runAsNonRoot: false, runAsUser: 0 },
        volumeMounts: [cache],
      },
      {
        name: "copy",
        image,
        command: ["python3", `/program/${PROGRAM}`],
        env: Object.entries(environment).map(([name, value]) => ({ name, value })),
        resources: { requests: { cpu: "100m", memory: "256Mi" }, limits: { memory: "4Gi" } },
        securityContext: CLOSED_CONTAINER,
        volumeMounts: [cache, { name: "tmp", mountPath: "/tmp" }, { name: "program", mountPath: "/program" }],
      },
    ],
    containers: [
      { name: "wait", image, command: ["sleep", "infinity"], resources: small, securityContext: CLOSED_CONTAINER },
    ],
    volumes: [
      { name: "cache", hostPath: { path: hostFolder(options), type: "DirectoryOrCreate" } },
      { name: "tmp", emptyDir: { sizeLimit: "1Gi" } },
      { name: "program", configMap: { name: "weights-copy" } },
    ],
  };
}
