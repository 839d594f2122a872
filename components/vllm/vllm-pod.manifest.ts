import type { types } from "@pulumi/kubernetes";
import type { FeasiblePlan } from "../../sizing/serving-plan";
import { servingTimeouts, type ServingTimeouts } from "../gateway/serving-timeouts";
import { gpuProductLabel } from "../gpu-product-label";
import {
  GPU_PRODUCT_LABEL,
  GPU_RESOURCE,
  GPU_TOLERATION,
  POOL_LABEL,
  engineSelector,
  gibQuantity,
} from "../kubernetes-object";
import { CLOSED_CONTAINER, ENGINE_USER } from "../pod-security";
import { clientKeysSecretName, type ServingOptions } from "../serving-options";
import { deployedArguments } from "./deployed-arguments";
import { engineResources } from "./engine-resources";
import { needsHub, streamerEnvironment, type NodeSource } from "./model-source";
import { ENGINE_PORT } from "./vllm-addresses";

const HOME = "/home/vllm";
/** Not under the home: the folders between two mounts would be root's, and the engine could make none beside them. */
const CLAIM_PATH = "/weights";

/** Where the engine's pods may run: the card of the plan, and on simulated nodes the pool that was made for it. */
export function engineNodeSelector(plan: FeasiblePlan, options: ServingOptions): Record<string, string> {
  if (options.nodeSelector !== undefined) return { ...options.nodeSelector };
  return {
    [GPU_PRODUCT_LABEL]: gpuProductLabel(plan.hardware.gpu),
    ...(options.simulateNodes ? { [POOL_LABEL]: options.namespace } : {}),
  };
}

/** The pod of one replica: all its GPUs in one pod, because tensor parallelism stays within a node. */
export function enginePodSpec(plan: FeasiblePlan, options: ServingOptions) {
  const timeouts = servingTimeouts(plan);
  const { priorityClass } = options;
  const weights = weightsOf(options);
  const resources = engineResources(plan, { hasWeightsClaim: weights !== undefined });
  return {
    serviceAccountName: options.name,
    ...(options.imagePullSecret === undefined ? {} : { imagePullSecrets: [{ name: options.imagePullSecret }] }),
    automountServiceAccountToken: false,
    // A Service that is called like the engine would inject VLLM_PORT, which the engine reads as its own setting.
    enableServiceLinks: false,
    terminationGracePeriodSeconds: timeouts.terminationGraceSeconds,
    securityContext: {
      runAsNonRoot: true,
      runAsUser: ENGINE_USER.uid,
      runAsGroup: ENGINE_USER.gid,
      fsGroup: ENGINE_USER.gid,
      // A claim with many files is not gone through at each start.
      fsGroupChangePolicy: "OnRootMismatch",
      seccompProfile: { type: "RuntimeDefault" },
    },
    ...(priorityClass === undefined ? {} : { priorityClassName: priorityClass.name }),
    nodeSelector: engineNodeSelector(plan, options),
    topologySpreadConstraints: spreadConstraints(options),
    tolerations: [GPU_TOLERATION],
    ...(options.modelSource?.kind === "node"
      ? { initContainers: [weightsWait(plan, options, options.modelSource)] }
      : {}),
    containers: [engineContainer(plan, options, timeouts)],
    volumes: [
      { name: "home", emptyDir: { sizeLimit: gibQuantity(resources.cacheGiB) } },
      { name: "tmp", emptyDir: { sizeLimit: "4Gi" } },
      { name: "shm", emptyDir: { medium: "Memory", sizeLimit: gibQuantity(resources.sharedMemoryGiB) } },
      ...(weights === undefined ? [] : [{ name: "weights", persistentVolumeClaim: weights.claim }]),
    ],
  } satisfies types.input.core.v1.PodSpec;
}

/** Weights that are there before the pod: by which claim, and where the engine sees them. */
function weightsOf({ modelCacheClaim, modelSource }: ServingOptions) {
  if (modelSource?.kind === "node") {
    const { claim, mountPath } = modelSource;
    return { claim: { claimName: claim, readOnly: true }, mount: { name: "weights", mountPath, readOnly: true } };
  }
  if (modelCacheClaim === undefined) return undefined;
  return { claim: { claimName: modelCacheClaim }, mount: { name: "weights", mountPath: CLAIM_PATH } };
}

/** A node that has just come is still copying. */
function weightsWait(plan: FeasiblePlan, options: ServingOptions, { marker, mountPath }: NodeSource) {
  return {
    name: "weights",
    image: options.engineImage ?? plan.engine.image,
    command: ["sh", "-c", 'until [ -f "$MARKER" ]; do sleep 1; done'],
    env: [{ name: "MARKER", value: marker }],
    resources: { requests: { cpu: "10m", memory: "16Mi" }, limits: { memory: "64Mi" } },
    securityContext: CLOSED_CONTAINER,
    volumeMounts: [{ name: "weights", mountPath, readOnly: true }],
  } satisfies types.input.core.v1.Container;
}

/** The loss of a zone or of a node takes as few replicas as it can; a replica that fits nowhere else still starts. */
function spreadConstraints(options: ServingOptions) {
  return ["topology.kubernetes.io/zone", "kubernetes.io/hostname"].map((topologyKey) => ({
    maxSkew: 1,
    topologyKey,
    whenUnsatisfiable: "ScheduleAnyway",
    labelSelector: { matchLabels: engineSelector(options.name) },
    // A rollout spreads the new replicas among themselves.
    matchLabelKeys: ["pod-template-hash"],
  }));
}

function engineContainer(plan: FeasiblePlan, options: ServingOptions, timeouts: ServingTimeouts) {
  const weights = weightsOf(options);
  const resources = engineResources(plan, { hasWeightsClaim: weights !== undefined });
  const gpus = String(resources.gpus);
  return {
    name: "vllm",
    image: options.engineImage ?? plan.engine.image,
    imagePullPolicy: "IfNotPresent",
    args: deployedArguments(plan, options),
    env: engineEnvironment(options, timeouts),
    ports: [{ name: "http", containerPort: ENGINE_PORT }],
    resources: {
      limits: { [GPU_RESOURCE]: gpus, memory: gibQuantity(resources.memoryLimitGiB) },
      requests: {
        [GPU_RESOURCE]: gpus,
        cpu: String(resources.vcpus),
        memory: gibQuantity(resources.memoryRequestGiB),
        "ephemeral-storage": gibQuantity(resources.cacheGiB),
      },
    },
    ...engineProbes(timeouts),
    // The endpoint has to be gone everywhere before SIGTERM: a draining engine refuses new requests and stays healthy.
    lifecycle: { preStop: { sleep: { seconds: timeouts.preStopSeconds } } },
    securityContext: CLOSED_CONTAINER,
    volumeMounts: [
      { name: "home", mountPath: HOME },
      { name: "tmp", mountPath: "/tmp" },
      { name: "shm", mountPath: "/dev/shm" },
      ...(weights === undefined ? [] : [weights.mount]),
    ],
  } satisfies types.input.core.v1.Container;
}

/** There is no readiness path of its own; the port is closed until the engine has loaded, so /health serves all. */
function engineProbes(timeouts: ServingTimeouts) {
  const health = { httpGet: { path: "/health", port: "http" } };
  const startupPeriodSeconds = 10;
  return {
    startupProbe: {
      ...health,
      periodSeconds: startupPeriodSeconds,
      timeoutSeconds: 5,
      failureThreshold: Math.ceil(timeouts.startupSeconds / startupPeriodSeconds),
    },
    readinessProbe: { ...health, periodSeconds: 5, timeoutSeconds: 5, failureThreshold: 3 },
    // A long prefill or a burst delays answers; a dead engine ends its process by itself within seconds.
    livenessProbe: { ...health, periodSeconds: 10, timeoutSeconds: 10, failureThreshold: 6 },
  };
}

export interface EnvironmentVariable {
  readonly name: string;
  readonly value?: string;
  readonly valueFrom?: { readonly secretKeyRef: { readonly name: string; readonly key: string } };
}

/** Every folder that the engine or its compilers write to lies under the mounted home; the root is read-only. */
function engineEnvironment(options: ServingOptions, timeouts: ServingTimeouts): EnvironmentVariable[] {
  const plain: Record<string, string> = {
    HOME,
    HF_HOME: `${HOME}/.cache/huggingface`,
    ...(options.modelCacheClaim === undefined ? {} : { HF_HUB_CACHE: `${CLAIM_PATH}/hub` }),
    ...(needsHub(options) ? {} : { HF_HUB_OFFLINE: "1" }),
    XDG_CACHE_HOME: `${HOME}/.cache`,
    XDG_CONFIG_HOME: `${HOME}/.config`,
    VLLM_CACHE_ROOT: `${HOME}/.cache/vllm`,
    VLLM_CONFIG_ROOT: `${HOME}/.config/vllm`,
    TRITON_CACHE_DIR: `${HOME}/.triton/cache`,
    TORCHINDUCTOR_CACHE_DIR: `${HOME}/.cache/torchinductor`,
    FLASHINFER_WORKSPACE_BASE: HOME,
    VLLM_NO_USAGE_STATS: "1",
    DO_NOT_TRACK: "1",
    VLLM_ENGINE_READY_TIMEOUT_S: String(timeouts.startupSeconds),
    VLLM_HTTP_TIMEOUT_KEEP_ALIVE: String(timeouts.engineKeepAliveSeconds),
    ...streamerEnvironment(options.modelSource),
  };
  const { hubTokenSecret, gateway, sharedKeyClient } = options;
  const variables: EnvironmentVariable[] = Object.entries(plain).map(([name, value]) => ({ name, value }));
  return [
    ...variables,
    ...(hubTokenSecret === undefined ? [] : [fromSecret("HF_TOKEN", hubTokenSecret, "token")]),
    // Nobody else asks for a key where the gateway does not.
    ...(gateway === "gateway-api" ? [fromSecret("VLLM_API_KEY", clientKeysSecretName(options), sharedKeyClient)] : []),
  ];
}

function fromSecret(variable: string, name: string, key: string): EnvironmentVariable {
  return { name: variable, valueFrom: { secretKeyRef: { name, key } } };
}
