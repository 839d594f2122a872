import * as aws from "@pulumi/aws";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { AwsClusterPlan } from "../sizing/aws/cluster-plan";
import type { FeasiblePlan } from "../sizing/serving-plan";
import { AwsFront } from "./aws-front";
import { servingDashboard } from "./aws-dashboard.manifest";
import { frontName, frontPorts, idleWarning } from "./aws-front.manifest";
import { EksCluster } from "./eks-cluster";
import { EksGpuNodeGroup } from "./eks-gpu-node-group";
import { EksServices } from "./eks-services";
import { gpuProductLabel } from "./gpu-product-label";
import type { IngressGatewayArgs } from "./ingress-gateway";
import { GPU_PRODUCT_LABEL, POOL_LABEL } from "./kubernetes-object";
import { ModelCache } from "./model-cache";
import { cachedModel } from "./model-cache.manifest";
import { servingOptions, type ServingOptions } from "./serving-options";
import { ServingStack, type ServingEndpoint } from "./serving-stack";
import { servingTimeouts } from "./serving-timeouts";

export interface OnAwsArgs {
  readonly plan: FeasiblePlan;
  readonly cluster: AwsClusterPlan;
  readonly options: Partial<ServingOptions>;
  readonly clientKeys: IngressGatewayArgs["clientKeys"];
  /** Of the stack that is being deployed: a cluster belongs to one. */
  readonly clusterIdentifier: string;
}

export interface OnAws {
  readonly endpoint: pulumi.Output<ServingEndpoint & { readonly url: string }>;
  readonly kubeconfig: pulumi.Output<string>;
  /** For a Grafana that somebody has or adds. */
  readonly dashboard: k8s.core.v1.ConfigMap;
}

/** The whole of a plan on AWS, from the network to the endpoint, in the order in which it can be made and unmade. */
export function buildOnAws(args: OnAwsArgs): OnAws {
  const { plan, cluster } = args;
  const options = optionsOnAws(args);
  const provider = new aws.Provider("aws", {
    region: cluster.region,
    // Credentials of another account end the run before anything is made.
    allowedAccountIds: [cluster.accountId],
    defaultTags: { tags: cluster.tags },
  });
  const target = new EksCluster("cluster", { cluster }, { providers: { aws: provider } });
  const kubernetes = new k8s.Provider(
    "kubernetes",
    { kubeconfig: target.kubeconfig, clusterIdentifier: args.clusterIdentifier, enableSecretMutable: true },
    // Nothing on the cluster works before its nodes and add-ons do, and all of it goes before they go.
    { dependsOn: [...target.ready] },
  );
  const providers = { aws: provider, kubernetes };
  const gpuNodes = new EksGpuNodeGroup(
    "gpu",
    { cluster, target, gpu: plan.hardware.gpu, pool: options.namespace },
    { providers },
  );
  const services = new EksServices("services", { cluster, target }, { providers });
  const front = new AwsFront("front", { plan, cluster, target, services, options }, { providers });
  const nodes = [gpuNodes.nodeGroup, ...services.gpuServices];
  const weights = createCache(args, options, target, nodes, providers);
  const stack = new ServingStack(
    "serving",
    { plan, options, clientKeys: args.clientKeys },
    { providers, dependsOn: [services.gatewayController, ...nodes, ...weights] },
  );
  warnOfIdleTimeout(plan, cluster, options);
  return {
    endpoint: pulumi.all([stack.endpoint, front.url]).apply(([endpoint, url]) => ({
      ...endpoint,
      url: `${url}${endpoint.path}`,
    })),
    kubeconfig: target.kubeconfig,
    // In the namespace that the stack makes.
    dashboard: new k8s.core.v1.ConfigMap("dashboard", servingDashboard(plan, options), {
      provider: kubernetes,
      dependsOn: [stack],
    }),
  };
}

/** The node group sets both labels; the proxies stand behind the load balancer that the stack makes; the weights come from the bucket. */
function optionsOnAws({ plan, cluster, options }: OnAwsArgs): ServingOptions {
  const { modelBucket } = cluster;
  const { checkpoint } = plan.model;
  const whole = servingOptions(plan, options);
  return {
    ...whole,
    nodeSelector: {
      [POOL_LABEL]: whole.namespace,
      [GPU_PRODUCT_LABEL]: gpuProductLabel(plan.hardware.gpu),
      ...options.nodeSelector,
    },
    gatewayClass: { name: whole.namespace, create: true },
    proxyService: frontName(whole),
    ...(modelBucket === undefined || checkpoint === undefined
      ? {}
      : { modelSource: cachedModel(modelBucket, checkpoint) }),
  };
}

function createCache(
  { plan, cluster }: OnAwsArgs,
  options: ServingOptions,
  target: EksCluster,
  nodes: readonly pulumi.Resource[],
  providers: Record<string, pulumi.ProviderResource>,
): readonly pulumi.Resource[] {
  const { modelBucket: bucket } = cluster;
  const { checkpoint } = plan.model;
  if (bucket === undefined || checkpoint === undefined) return [];
  return new ModelCache("weights", { plan, cluster, target, options, bucket, checkpoint, nodes }, { providers }).filled;
}

function warnOfIdleTimeout(plan: FeasiblePlan, { front }: AwsClusterPlan, options: ServingOptions): void {
  const certified =
    front.certificateArn !== undefined || (front.host !== undefined && front.hostedZoneId !== undefined);
  const { protocol } = frontPorts(certified, options.tlsSecret !== undefined);
  const warning = idleWarning(protocol, servingTimeouts(plan));
  if (warning !== undefined) void pulumi.log.warn(warning);
}
