import type { types } from "@pulumi/kubernetes";
import type { FeasiblePlan } from "../../sizing/serving-plan";
import { proxyLabels } from "../gateway/ingress-gateway.manifest";
import { engineSelector } from "../kubernetes-object";
import type { ServingOptions } from "../serving-options";
import { needsHub } from "./model-source";
import { engineMetadata } from "./vllm-deployment.manifest";

/** Addresses from which a cloud's machines give away their credentials. */
const METADATA_SERVICES = { ipv4: "169.254.169.254/32", ipv6: "fd00:ec2::254/128" } as const;

/** Where kube-dns is asked on clusters with a cache on each node. */
const NODE_LOCAL_DNS = "169.254.20.10/32";

/** Where a node of EKS gives a pod the credentials of its own role. */
const POD_IDENTITY_AGENT = { ipv4: "169.254.170.23/32", ipv6: "fd00:ec2::23/128" } as const;

/**
 * The engine's own key guards only some of its paths, so that no pod but this Gateway's proxies and the scraper comes
 * near; and an engine that reads prompts sends nothing out but what it asks of the hub.
 */
export function engineNetworkPolicy(plan: FeasiblePlan, options: ServingOptions) {
  return {
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata: engineMetadata(plan, options),
    spec: {
      podSelector: { matchLabels: engineSelector(options.name) },
      policyTypes: ["Ingress", "Egress"],
      ingress: [{ from: clients(options), ports: [{ port: "http", protocol: "TCP" }] }],
      // Weights that are there already: nothing to ask for, so no rule, so nothing is let out.
      ...(needsHub(options) ? { egress: egress(options) } : {}),
    },
  } satisfies types.input.networking.v1.NetworkPolicy & { apiVersion: string; kind: string };
}

function inNamespace(name: string) {
  return { namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": name } } };
}

function clients(options: ServingOptions): types.input.networking.v1.NetworkPolicyPeer[] {
  // The picker reads the replicas' metrics; a pool takes one only of its own namespace.
  const picker = options.endpointPicker === undefined ? [] : [options.namespace];
  return [proxies(options), ...[...options.clientNamespaces, ...picker].map(inNamespace)];
}

/** Proxies carry the name of their Gateway under Envoy Gateway; of other controllers only the namespace is known. */
function proxies(options: ServingOptions) {
  const there = inNamespace(options.gatewayNamespace);
  return options.gateway === "gateway-api" ? there : { ...there, podSelector: { matchLabels: proxyLabels(options) } };
}

function egress({ modelSource }: ServingOptions) {
  return [toDns(), toHub(), ...(modelSource?.kind === "bucket" ? [toPodIdentity()] : [])];
}

function toPodIdentity() {
  const { ipv4, ipv6 } = POD_IDENTITY_AGENT;
  return {
    to: [{ ipBlock: { cidr: ipv4 } }, { ipBlock: { cidr: ipv6 } }],
    ports: [{ port: 80, protocol: "TCP" }],
  };
}

function toDns() {
  return {
    to: [inNamespace("kube-system"), { ipBlock: { cidr: NODE_LOCAL_DNS } }],
    ports: [
      { port: 53, protocol: "UDP" },
      { port: 53, protocol: "TCP" },
    ],
  };
}

function toHub() {
  return {
    to: [
      { ipBlock: { cidr: "0.0.0.0/0", except: [METADATA_SERVICES.ipv4] } },
      { ipBlock: { cidr: "::/0", except: [METADATA_SERVICES.ipv6] } },
    ],
    ports: [{ port: 443, protocol: "TCP" }],
  };
}
