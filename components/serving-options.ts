import type { FeasiblePlan } from "../sizing/serving-plan";
import type { Target } from "../sizing/serving-request";
import { kubernetesName } from "./kubernetes-object";
import type { ModelSource } from "./vllm/model-source";

/**
 * `ai-gateway`: Envoy Gateway with Envoy AI Gateway, which routes by model and knows each client. `gateway-api`: any
 * controller of the Gateway API; the engine itself checks one key that all clients share.
 */
export const GATEWAY_KINDS = ["ai-gateway", "gateway-api"] as const;
export type GatewayKind = (typeof GATEWAY_KINDS)[number];

/** Service that picks a replica for each request, by its queue and its cache; what runs there is not fitserve's. */
export interface EndpointPicker {
  readonly service: string;
  readonly port: number;
}

export interface GatewayClassChoice {
  readonly name: string;
  /** A class is cluster-wide: it is made only on the local target or when asked. */
  readonly create: boolean;
}

/** What one client may use; an absent figure does not limit. */
export interface ClientLimits {
  readonly requestsPerMinute?: number;
  /** Prompt and answer together; an answer is charged when it is complete. */
  readonly tokensPerMinute?: number;
}

export interface RateLimits {
  /**
   * `proxy`: each proxy counts for itself, requests only. `shared`: all proxies count together, tokens too; Envoy
   * Gateway has to be installed with its rate-limit service and Redis.
   */
  readonly scope: "proxy" | "shared";
  /** `host:port` of the Redis in which `shared` counts; for an Envoy Gateway that comes with the stack. */
  readonly redis?: string;
  /** Of each client that `clients` does not name. */
  readonly everyClient?: ClientLimits;
  /** By the name under which the client has its key. */
  readonly clients?: Readonly<Record<string, ClientLimits>>;
}

/** A fine-tuned variant of the model that the same engine serves; clients ask for it by its name. */
export interface LoraAdapter {
  /** `model` of a request's body. */
  readonly name: string;
  /** Of the hub; or a path within the engine's pod. */
  readonly repository: string;
}

export interface PriorityClassChoice {
  readonly name: string;
  /** A priority class is cluster-wide: it is made only when asked. */
  readonly create: boolean;
}

export interface CertificateIssuer {
  readonly kind: "Issuer" | "ClusterIssuer";
  readonly name: string;
}

/** How a plan is put onto a cluster: names and the few things that the plan does not decide. */
export interface ServingOptions {
  /** Base name of the objects; the instance label. */
  readonly name: string;
  readonly namespace: string;
  readonly createNamespace: boolean;
  readonly gateway: GatewayKind;
  readonly gatewayClass: GatewayClassChoice;
  /** With `gateway-api`: the client whose key the engine asks for. */
  readonly sharedKeyClient: string;
  /** Replicas by an InferencePool instead of by their load alone; needs its definitions and such a Service. */
  readonly endpointPicker?: EndpointPicker;
  /**
   * Header of requests whose value names a dialogue: all of one dialogue go to one replica, which has its history
   * cached. Absent: each request goes to the less loaded one.
   */
  readonly sessionHeader?: string;
  /** Proxies with an access log and a drain of their own; false leaves them to what the class says. */
  readonly createEnvoyProxy: boolean;
  /** Name for the Service of the proxies, which then orders no load balancer: the one in front is made elsewhere. */
  readonly proxyService?: string;
  /** Absent: clients are not limited. */
  readonly rateLimits?: RateLimits;
  /** For the Service of the gateway's proxies: what its load balancer is to be. */
  readonly loadBalancerAnnotations?: Readonly<Record<string, string>>;
  /** Nodes without machines, for a cluster where kwok plays the kubelet. */
  readonly simulateNodes: boolean;
  /** Where the engine's pods may run; replaces what follows from the plan. */
  readonly nodeSelector?: Readonly<Record<string, string>>;
  /** Name under which clients reach the gateway; absent: any. */
  readonly hostname?: string;
  /** Secret of type kubernetes.io/tls in the same namespace; with it the listener is HTTPS on 443. */
  readonly tlsSecret?: string;
  /** Issuer of cert-manager that fills the Secret; needs `hostname`. */
  readonly certificateIssuer?: CertificateIssuer;
  /** In place of the plan's image of the same version: from another registry, or by its digest. */
  readonly engineImage?: string;
  /** Secret of type kubernetes.io/dockerconfigjson in the same namespace, for that registry. */
  readonly imagePullSecret?: string;
  /** Secret in the same namespace whose key `token` opens gated repositories of the hub. */
  readonly hubTokenSecret?: string;
  /** Weights of the engine in a bucket or on its node; absent: it downloads them from the hub. */
  readonly modelSource?: ModelSource;
  /** Claim in the same namespace with a filled cache of the hub; the engine then needs nothing from outside. */
  readonly modelCacheClaim?: string;
  /** Namespace of the gateway's proxies; of its pods only those of this Gateway reach the engine. */
  readonly gatewayNamespace: string;
  /** Further namespaces whose pods may talk to the engine: the scraper of metrics. */
  readonly clientNamespaces: readonly string[];
  readonly priorityClass?: PriorityClassChoice;
  readonly loraAdapters: readonly LoraAdapter[];
  /** Largest rank of the adapters. */
  readonly maxLoraRank: LoraRank;
  /** Parser of tool calls, in place of the model's; `none` for plain text. */
  readonly toolCallParser?: string;
  /** Parser of thinking, in place of the model's; `none` for plain text. */
  readonly reasoningParser?: string;
}

/** Defaults that do not depend on the plan. */
export const SERVING_DEFAULTS = {
  namespace: "fitserve",
  /** The name that Envoy Gateway's own quickstart gives its class. */
  gatewayClassName: "eg",
  /** Where Envoy Gateway's chart runs its proxies. */
  gatewayNamespace: "envoy-gateway-system",
  clientNamespaces: ["monitoring"],
  sharedKeyClient: "clients",
  /** The engine's own. */
  maxLoraRank: 16,
} as const;

/** Ranks for which the engine has kernels. */
export const LORA_RANKS = [1, 8, 16, 32, 64, 128, 256, 320, 512] as const;
export type LoraRank = (typeof LORA_RANKS)[number];

/** Whether the gateway has a certificate: of a Secret that is there, or of one that an issuer fills. */
export function hasTlsAtGateway({
  tlsSecret,
  certificateIssuer,
}: Pick<ServingOptions, "tlsSecret" | "certificateIssuer">): boolean {
  return (tlsSecret ?? certificateIssuer) !== undefined;
}

/** Fills in what the caller left open. */
export function servingOptions(plan: FeasiblePlan, given: Partial<ServingOptions> = {}): ServingOptions {
  const target: Target = plan.request.target;
  const namespace = given.namespace ?? SERVING_DEFAULTS.namespace;
  const gateway = given.gateway ?? "ai-gateway";
  return {
    ...given,
    name: given.name ?? kubernetesName(plan.model.key),
    namespace,
    createNamespace: given.createNamespace ?? true,
    gateway,
    sharedKeyClient: given.sharedKeyClient ?? SERVING_DEFAULTS.sharedKeyClient,
    gatewayClass: given.gatewayClass ?? defaultGatewayClass(target, namespace),
    createEnvoyProxy: given.createEnvoyProxy ?? gateway === "ai-gateway",
    simulateNodes: given.simulateNodes ?? target === "local",
    gatewayNamespace: given.gatewayNamespace ?? SERVING_DEFAULTS.gatewayNamespace,
    clientNamespaces: given.clientNamespaces ?? SERVING_DEFAULTS.clientNamespaces,
    loraAdapters: given.loraAdapters ?? [],
    maxLoraRank: given.maxLoraRank ?? SERVING_DEFAULTS.maxLoraRank,
  };
}

function defaultGatewayClass(target: Target, namespace: string): GatewayClassChoice {
  return target === "local"
    ? { name: namespace, create: true }
    : { name: SERVING_DEFAULTS.gatewayClassName, create: false };
}

/** Secret that holds the clients: name of the client → its API key, without "Bearer ". */
export function clientKeysSecretName(options: ServingOptions): string {
  return `${options.name}-client-keys`;
}
