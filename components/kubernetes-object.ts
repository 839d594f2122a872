import { fnv1a } from "../sizing/search/hash";

/** What every Kubernetes object has; the manifest functions return narrower types that fit this one. */
export interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMetadata;
}

export interface ObjectMetadata {
  readonly name: string;
  /** Absent on objects that are not namespaced. */
  readonly namespace?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** Requests in flight, over all replicas, that a deployment was planned for; policies read it. */
export const CONCURRENCY_LABEL = "fitserve.dev/concurrency";

/** Mean prompt plus answer of one request in tokens; policies multiply it by the concurrency. */
export const TOKENS_PER_REQUEST_ANNOTATION = "fitserve.dev/tokens-per-request";

/** Nodes of one pool; simulated nodes and the pods that are meant for them share its value. */
export const POOL_LABEL = "fitserve.dev/pool";

/** Set by NVIDIA's GPU feature discovery on real nodes, by us on simulated ones. */
export const GPU_PRODUCT_LABEL = "nvidia.com/gpu.product";

/** Resource name under which the device plugin offers whole cards. */
export const GPU_RESOURCE = "nvidia.com/gpu";

/** Lets a pod onto GPU nodes, whose taint keeps off whatever does not ask for a card. */
export const GPU_TOLERATION = { key: GPU_RESOURCE, operator: "Exists", effect: "NoSchedule" } as const;

/** Label of nodes for everything that needs no card, and selector of what is to stay on them. */
export const SYSTEM_POOL = { [POOL_LABEL]: "system" } as const;

const MANAGED_BY = { "app.kubernetes.io/managed-by": "fitserve" } as const;

/** Labels of everything that fitserve makes for one instance. */
export function instanceLabels(instance: string, component: string): Record<string, string> {
  return { ...MANAGED_BY, "app.kubernetes.io/instance": instance, "app.kubernetes.io/component": component };
}

/** Labels by which the Service, the budget and the network policy find the engine's pods; never change on update. */
export function engineSelector(instance: string): Record<string, string> {
  return { "app.kubernetes.io/name": "vllm", "app.kubernetes.io/instance": instance };
}

/** Memory or disk as the API server writes it back: 1,024 Gi would return as 1 Ti and look like a change. */
export function gibQuantity(gib: number): string {
  const mib = Math.round(gib * 1024);
  if (mib % 1024 !== 0) return `${mib}Mi`;
  return mib % 2 ** 20 === 0 ? `${mib / 2 ** 20}Ti` : `${mib / 1024}Gi`;
}

const LONGEST_BASE_NAME = 40;

/**
 * A name that Kubernetes takes for a Service (RFC 1035: letter first, at most 63), short enough for suffixes.
 * Names that would be cut keep a hash of the whole, so that two long names stay apart.
 */
export function kubernetesName(text: string): string {
  const plain = text
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^-+|-+$/g, "");
  // A Service called `vllm` puts VLLM_PORT=tcp://… into the pods of its namespace, which the engine refuses.
  const named = plain === "vllm" || !/^[a-z]/.test(plain) ? `llm-${plain}`.replace(/-$/, "") : plain;
  return named.length <= LONGEST_BASE_NAME
    ? named
    : `${named.slice(0, LONGEST_BASE_NAME - 7)}-${fnv1a(text).slice(0, 6)}`;
}

/** A name that every kind takes (RFC 1123): at most 63 lower-case letters, digits and dashes. */
export function isKubernetesName(text: string): boolean {
  return /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(text);
}

/** A name of the kinds that also take dots, such as Secrets and classes (RFC 1123 subdomain). */
export function isDottedName(text: string): boolean {
  return text.length <= 253 && text.split(".").every((part) => /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/.test(part));
}
