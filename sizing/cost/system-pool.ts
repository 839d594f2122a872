/** What pods ask for, and what nodes have to give. */
export interface Share {
  readonly milliCpus: number;
  readonly memoryMiB: number;
}

/** What the monitoring's containers ask for; the charts get these figures. Assumed: some thousand time series. */
export const MONITORING_REQUESTS = {
  prometheus: { milliCpus: 200, memoryMiB: 768 },
  reloader: { milliCpus: 10, memoryMiB: 32 },
  grafana: { milliCpus: 100, memoryMiB: 384 },
  dashboards: { milliCpus: 10, memoryMiB: 64 },
} as const satisfies Record<string, Share>;

/** What each of the two pods of Karpenter's controller asks for; the chart gets it. Assumed: a handful of nodes. */
export const KARPENTER_REQUESTS: Share = { milliCpus: 250, memoryMiB: 512 };

/**
 * What else runs on system nodes, in all, or on each of them. Sources: defaults of the add-ons and charts, assumed; what
 * asks for nothing (load balancer and AI gateway controllers) is left out.
 */
const IN_ALL: readonly Share[] = [
  { milliCpus: 2 * 100, memoryMiB: 2 * 70 }, // coredns
  { milliCpus: 2 * 100, memoryMiB: 2 * 200 }, // metrics-server
  { milliCpus: 2 * 60, memoryMiB: 2 * 240 }, // EBS controller
  { milliCpus: 100, memoryMiB: 256 }, // Envoy Gateway
];
const PROXIES_OF_A_MODEL: Share = { milliCpus: 2 * 100, memoryMiB: 2 * 512 };
const ON_EACH: readonly Share[] = [
  { milliCpus: 50, memoryMiB: 0 }, // network add-on with its policy agent
  { milliCpus: 100, memoryMiB: 0 }, // kube-proxy
  { milliCpus: 30, memoryMiB: 120 }, // EBS on the node
  { milliCpus: 10, memoryMiB: 30 }, // node monitoring agent
];

interface Pool {
  readonly instanceType: string;
  readonly nodes: number;
}

/** Sum of the requests of all pods of the system nodes, where so many models are served. */
export function systemRequests({ nodes }: Pool, monitoring: boolean, models = 1, karpenter = false): Share {
  const each = total(ON_EACH);
  return total([
    ...IN_ALL,
    { milliCpus: models * PROXIES_OF_A_MODEL.milliCpus, memoryMiB: models * PROXIES_OF_A_MODEL.memoryMiB },
    { milliCpus: nodes * each.milliCpus, memoryMiB: nodes * each.memoryMiB },
    ...(monitoring ? Object.values(MONITORING_REQUESTS) : []),
    ...(karpenter ? [KARPENTER_REQUESTS, KARPENTER_REQUESTS] : []),
  ]);
}

/** GiB of a `large` and its vCPUs, by the letters of the families whose sizes follow one rule. Source: EC2 types. */
const LARGE: Readonly<Record<string, number>> = { c: 4, m: 8, r: 16, t: 8 };
const LARGE_VCPUS = 2;

/** Sizes below `large`, as parts of its memory; burstable ones have its two vCPUs all the same. */
const SMALLER: Readonly<Record<string, number>> = { nano: 1 / 16, micro: 1 / 8, small: 1 / 4, medium: 1 / 2 };

/** What the kubelet keeps of a node of two to four vCPUs. Source: EKS bootstrap of AL2023, with 29 pods; assumed. */
const KEPT: Share = { milliCpus: 80, memoryMiB: 900 };

/** What the nodes have for pods; undefined for families whose sizes say nothing of their memory. */
export function systemCapacity({ instanceType, nodes }: Pool): Share | undefined {
  const [, letter = "", size = ""] = /^([cmrt])\d[a-z0-9-]*\.(\w+)$/.exec(instanceType) ?? [];
  const memoryGiB = LARGE[letter];
  const times = timesLarge(size);
  if (memoryGiB === undefined || times === undefined) return undefined;
  const vcpus = letter === "t" ? Math.max(LARGE_VCPUS, LARGE_VCPUS * times) : LARGE_VCPUS * times;
  return {
    milliCpus: nodes * (vcpus * 1000 - KEPT.milliCpus),
    memoryMiB: nodes * Math.max(0, memoryGiB * times * 1024 - KEPT.memoryMiB),
  };
}

/** How many `large` a size is; undefined for one that says nothing, such as `metal`. */
export function timesLarge(size: string): number | undefined {
  if (size === "large") return 1;
  const [, count] = /^(\d*)xlarge$/.exec(size) ?? [];
  return count === undefined ? SMALLER[size] : 2 * Number(count === "" ? 1 : count);
}

/** Why the system nodes are too small for what runs on them; undefined where they are not, or nothing is known of them. */
export function systemPoolFault(pool: Pool, monitoring: boolean, models = 1, karpenter = false): string | undefined {
  const capacity = systemCapacity(pool);
  const asked = systemRequests(pool, monitoring, models, karpenter);
  if (capacity === undefined || fits(asked, capacity)) return undefined;
  const without = monitoring && fits(systemRequests(pool, false, models, karpenter), capacity);
  return (
    `fitserve:aws.system: ${pool.nodes} x ${pool.instanceType} have ${shown(capacity)} for pods, but what runs there asks ` +
    `for ${shown(asked)}. Take larger or more of them${without ? ", or set fitserve:aws.monitoring to false" : ""}.`
  );
}

function fits(asked: Share, capacity: Share): boolean {
  return asked.milliCpus <= capacity.milliCpus && asked.memoryMiB <= capacity.memoryMiB;
}

/** Such as "1.7 vCPUs and 3.8 GiB". */
export function shown({ milliCpus, memoryMiB }: Share): string {
  return `${(milliCpus / 1000).toFixed(1)} vCPUs and ${(memoryMiB / 1024).toFixed(1)} GiB`;
}

function total(shares: readonly Share[]): Share {
  return shares.reduce(
    (sum, one) => ({ milliCpus: sum.milliCpus + one.milliCpus, memoryMiB: sum.memoryMiB + one.memoryMiB }),
    { milliCpus: 0, memoryMiB: 0 },
  );
}
