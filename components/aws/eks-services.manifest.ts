import type { SharedClusterPlan } from "../../sizing/aws/cluster-plan";
import type { Chart } from "../chart-release";
import { AI_GATEWAY_NAMESPACE, ENVOY_NAMESPACE } from "../gateway/gateway-charts.manifest";
import { GPU_TOLERATION } from "../kubernetes-object";
import { MONITORING_NAMESPACE } from "./monitoring/monitoring.manifest";

/** Of what fills Secrets with certificates. */
const CERTIFICATE_NAMESPACE = "cert-manager";
/** Of what offers and watches the cards. */
export const GPU_NAMESPACE = "nvidia";

/** Namespaces of these charts, which no model can have. */
export const SERVICE_NAMESPACES: readonly string[] = [
  ENVOY_NAMESPACE,
  AI_GATEWAY_NAMESPACE,
  CERTIFICATE_NAMESPACE,
  GPU_NAMESPACE,
  MONITORING_NAMESPACE,
];

/** Account of the load balancer controller, to which its role is bound. */
export const CONTROLLER_ACCOUNT = { namespace: "kube-system", serviceAccount: "aws-load-balancer-controller" } as const;

/**
 * Offers the cards to pods. The labels of the cards come from the node group, so that feature discovery is left out;
 * GDRCopy and MOFED were on by default from 0.19.0 to 0.19.2 and stay off (NVIDIA/k8s-device-plugin#1692).
 */
export function devicePlugin(): Chart {
  return {
    name: "nvidia-device-plugin",
    chart: "nvidia-device-plugin",
    version: "0.19.3",
    repository: "https://nvidia.github.io/k8s-device-plugin",
    namespace: GPU_NAMESPACE,
    values: { gfd: { enabled: false }, gdrcopyEnabled: false, mofedEnabled: false },
  };
}

/** Metrics of the cards. Source of the version: NVIDIA/dcgm-exporter#711, release 4.6.0-4.8.3. */
export function dcgmExporter(): Chart {
  return {
    name: "dcgm-exporter",
    chart: "dcgm-exporter",
    version: "4.8.3",
    repository: "https://nvidia.github.io/dcgm-exporter/helm-charts",
    namespace: GPU_NAMESPACE,
    values: {
      nodeSelector: { "nvidia.com/gpu.present": "true" },
      tolerations: [GPU_TOLERATION],
      // There is no Prometheus operator on the cluster; what scrapes finds the pods by their annotations.
      serviceMonitor: { enabled: false },
      podAnnotations: { "prometheus.io/scrape": "true", "prometheus.io/port": "9400" },
    },
  };
}

/** Registers the gateway's pods at the load balancer. Region and VPC are values: pods do not reach the metadata service. */
export function loadBalancerController(cluster: SharedClusterPlan, vpcId: unknown): Chart {
  return {
    name: "aws-load-balancer-controller",
    chart: "aws-load-balancer-controller",
    version: "3.5.0",
    repository: "https://aws.github.io/eks-charts",
    namespace: CONTROLLER_ACCOUNT.namespace,
    values: {
      clusterName: cluster.clusterName,
      region: cluster.region,
      vpcId,
      serviceAccount: { name: CONTROLLER_ACCOUNT.serviceAccount },
      // It would take over every Service of type LoadBalancer, which it has no permission to serve.
      enableServiceMutatorWebhook: false,
      createIngressClassResource: false,
    },
  };
}

/**
 * Where the proxies run. A new one counts as ready when the load balancer finds it healthy and not before, or a rollout
 * of two would leave it without any. Source: aws-load-balancer-controller, deploy/pod_readiness_gate.
 */
export function envoyNamespace() {
  const labels = { "elbv2.k8s.aws/pod-readiness-gate-inject": "enabled" };
  return { metadata: { name: ENVOY_NAMESPACE, labels } } as const;
}

/**
 * Fills the Secret of a Gateway's listener from an issuer, which is the user's. Source of the value: cert-manager/website#1586;
 * the Gateway API has to be there when it starts.
 */
export function certManager(): Chart {
  return {
    name: "cert-manager",
    chart: "cert-manager",
    version: "v1.19.1",
    repository: "https://charts.jetstack.io",
    namespace: CERTIFICATE_NAMESPACE,
    values: {
      crds: { enabled: true },
      config: {
        apiVersion: "controller.config.cert-manager.io/v1alpha1",
        kind: "ControllerConfiguration",
        enableGatewayAPI: true,
      },
    },
  };
}
