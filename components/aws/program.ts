import * as aws from "@pulumi/aws";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { AwsClusterPlan, SharedClusterPlan } from "../../sizing/aws/cluster-plan";
import { hasCertificate } from "../../sizing/aws/settings";
import type { FeasiblePlan } from "../../sizing/serving-plan";
import type { IngressGatewayArgs } from "../gateway/ingress-gateway";
import { servingTimeouts } from "../gateway/serving-timeouts";
import { rateLimitRedis } from "../gateway/shared-limits";
import { gpuNodeLabels } from "../gpu-product-label";
import { hasTlsAtGateway, servingOptions, type ServingOptions } from "../serving-options";
import { ServingStack, type ServingEndpoint } from "../serving-stack";
import { ModelCache } from "./cache/model-cache";
import { cachedModel } from "./cache/model-cache.manifest";
import { nodeModel } from "./cache/node-cache.manifest";
import { EksCluster } from "./eks-cluster";
import { EksGpuNodeGroup } from "./eks-gpu-node-group";
import { EksServices, type EksServicesArgs } from "./eks-services";
import { AwsFront } from "./front";
import { frontName, frontPorts, idleWarning } from "./front.manifest";
import { KarpenterController } from "./karpenter/karpenter-controller";
import { KarpenterGpuNodes } from "./karpenter/karpenter-gpu-nodes";
import { karpenterPoolName, NODE_POOL_LABEL } from "./karpenter/karpenter.manifest";
import { servingDashboard } from "./monitoring/dashboard.manifest";
import { Monitoring } from "./monitoring/monitoring";
import { MONITORING_NAMESPACE, type MonitoringAccess } from "./monitoring/monitoring.manifest";

/** A model on a cluster. */
export interface OnClusterArgs {
  /** In front of the names of its resources, so that they differ from those of other models; absent: nothing. */
  readonly name?: string;
  readonly plan: FeasiblePlan;
  readonly cluster: AwsClusterPlan;
  readonly options: Partial<ServingOptions>;
  readonly clientKeys: IngressGatewayArgs["clientKeys"];
}

export interface OnAwsArgs extends OnClusterArgs {
  /** Of the stack that is being deployed: a cluster belongs to one. */
  readonly clusterIdentifier: string;
}

/** A cluster on which models can be served. */
export interface BuiltCluster {
  readonly target: EksCluster;
  readonly services: EksServices;
  /** Where a model wants it to make its nodes. */
  readonly karpenter?: KarpenterController;
  readonly providers: { readonly aws: aws.Provider; readonly kubernetes: k8s.Provider };
  /** How to open the dashboard of each model, in their order; none where the settings want none. */
  readonly monitoring: readonly MonitoringAccess[];
}

export interface OnCluster {
  /** `loadBalancer` is what a DNS record of one's own points to. */
  readonly endpoint: pulumi.Output<ServingEndpoint & { readonly url: string; readonly loadBalancer: string }>;
  /** For a Grafana that somebody has; absent: the cluster has its own, which shows it. */
  readonly dashboard?: k8s.core.v1.ConfigMap;
}

export interface OnAws extends OnCluster {
  readonly kubeconfig: pulumi.Output<string>;
  /** How to open the dashboard; undefined: there is no Grafana of the cluster's own. */
  readonly monitoring: MonitoringAccess | undefined;
}

/** The whole of a plan on AWS, from the network to the endpoint, in the order in which it can be made and unmade. */
export function buildOnAws({ clusterIdentifier, ...model }: OnAwsArgs): OnAws {
  const built = buildCluster(model.cluster, clusterIdentifier, [model]);
  const [monitoring] = built.monitoring;
  return { ...serveOnCluster(built, model), kubeconfig: built.target.kubeconfig, monitoring };
}

/** What all models of a cluster share, once: network, control plane, system nodes, services, dashboards and alerts. */
export function buildCluster(
  cluster: SharedClusterPlan,
  clusterIdentifier: string,
  models: readonly Pick<OnClusterArgs, "plan" | "options">[],
): BuiltCluster {
  const provider = new aws.Provider("aws", {
    region: cluster.region,
    // Credentials of another account end the run before anything is made.
    allowedAccountIds: [cluster.accountId],
    defaultTags: { tags: cluster.tags },
  });
  const target = new EksCluster("cluster", { cluster }, { providers: { aws: provider } });
  const kubernetes = new k8s.Provider(
    "kubernetes",
    { kubeconfig: target.kubeconfig, clusterIdentifier, enableSecretMutable: true },
    // Nothing on the cluster works before its nodes and add-ons do, and all of it goes before they go.
    { dependsOn: [...target.ready] },
  );
  const providers = { aws: provider, kubernetes };
  const services = new EksServices("services", { cluster, target, ...ofModels(models) }, { providers });
  const karpenter = cluster.karpenter
    ? { karpenter: new KarpenterController("karpenter", { cluster, target }, { providers }) }
    : {};
  return {
    target,
    services,
    providers,
    ...karpenter,
    monitoring: cluster.monitoring ? monitor(cluster, models, kubernetes) : [],
  };
}

/** What the models' gateways want of the cluster's services. */
function ofModels(
  models: readonly Pick<OnClusterArgs, "options">[],
): Pick<EksServicesArgs, "rateLimitRedis" | "hasIssuer"> {
  const redis = rateLimitRedis(models.map(({ options }) => options));
  return {
    ...(redis === undefined ? {} : { rateLimitRedis: redis }),
    hasIssuer: models.some(({ options }) => options.certificateIssuer !== undefined),
  };
}

function monitor(
  { alertmanager }: SharedClusterPlan,
  models: readonly Pick<OnClusterArgs, "plan" | "options">[],
  kubernetes: k8s.Provider,
): readonly MonitoringAccess[] {
  const served = models.map(({ plan, options }) => ({ plan, options: servingOptions(plan, options) }));
  const args = { served, ...(alertmanager === undefined ? {} : { alertmanager }) };
  return new Monitoring("monitoring", args, { providers: { kubernetes } }).access;
}

/** What one model has to itself: GPU nodes, weights, engine, gateway, load balancer. */
export function serveOnCluster(built: BuiltCluster, args: OnClusterArgs): OnCluster {
  const { plan, cluster } = args;
  const { target, services, providers } = built;
  const options = optionsOnAws(args);
  const called = (role: string): string => (args.name === undefined ? role : `${args.name}-${role}`);
  const gpuNodes = createGpuNodes(called("gpu"), args, options, built);
  const front = new AwsFront(called("front"), { plan, cluster, target, services, options }, { providers });
  const nodes = [gpuNodes, ...services.gpuServices];
  const weights = createCache(called("weights"), args, options, built, nodes);
  const stack = new ServingStack(
    called("serving"),
    { plan, options, clientKeys: args.clientKeys },
    // Proxies that come before their binding are ready before the load balancer knows them.
    { providers, dependsOn: [services.gatewayController, front.binding, ...nodes, ...weights] },
  );
  warnOfIdleTimeout(plan, cluster, options);
  warnOfIssuer(options);
  const afterStack = { provider: providers.kubernetes, dependsOn: [stack] };
  return {
    endpoint: pulumi.all([stack.endpoint, front.url, front.dnsName]).apply(([endpoint, url, loadBalancer]) => ({
      ...endpoint,
      url: `${url}${endpoint.path}`,
      loadBalancer,
    })),
    // In the namespace that the stack makes.
    ...(cluster.monitoring
      ? {}
      : {
          dashboard: new k8s.core.v1.ConfigMap(
            called("dashboard"),
            servingDashboard(plan, options, options.namespace),
            afterStack,
          ),
        }),
  };
}

/** What the model's pods wait for: the nodes themselves, or what makes them for the pods. */
function createGpuNodes(
  name: string,
  { plan, cluster }: OnClusterArgs,
  { namespace: pool }: ServingOptions,
  { target, providers, karpenter: controller }: BuiltCluster,
): pulumi.Resource {
  const { gpu, gpusPerNode } = plan.hardware;
  if (cluster.gpuPool.provisioner === "managed-group") {
    return new EksGpuNodeGroup(name, { cluster, target, gpu, pool }, { providers }).nodeGroup;
  }
  if (controller === undefined) throw new Error("a model's nodes come from Karpenter, which the cluster does not have");
  return new KarpenterGpuNodes(name, { cluster, target, controller, gpu, gpusPerNode, pool }, { providers }).nodePool;
}

/** Of another machine the engine waits for new nodes, where it would stay on old ones until they are taken away. */
function poolSelector({ gpuPool }: AwsClusterPlan, pool: string): Record<string, string> {
  return gpuPool.provisioner === "karpenter" ? { [NODE_POOL_LABEL]: karpenterPoolName(pool, gpuPool) } : {};
}

/** The nodes have these labels; the proxies stand behind the load balancer that the stack makes; the weights come from the bucket or the node. */
function optionsOnAws({ plan, cluster, options }: OnClusterArgs): ServingOptions {
  const { modelBucket } = cluster;
  const { checkpoint } = plan.model;
  const whole = servingOptions(plan, options);
  return {
    ...whole,
    nodeSelector: {
      ...gpuNodeLabels(whole.namespace, plan.hardware.gpu),
      ...poolSelector(cluster, whole.namespace),
      ...options.nodeSelector,
    },
    gatewayClass: { name: whole.namespace, create: true },
    proxyService: frontName(whole),
    ...(cluster.monitoring ? { clientNamespaces: withMonitoring(whole) } : {}),
    ...(modelBucket === undefined || checkpoint === undefined
      ? {}
      : { modelSource: cluster.nodeCache ? nodeModel(whole, checkpoint) : cachedModel(modelBucket, checkpoint) }),
  };
}

function withMonitoring({ clientNamespaces }: ServingOptions): readonly string[] {
  return [...new Set([...clientNamespaces, MONITORING_NAMESPACE])];
}

function createCache(
  name: string,
  { plan, cluster }: OnClusterArgs,
  options: ServingOptions,
  { target, providers }: BuiltCluster,
  nodes: readonly pulumi.Resource[],
): readonly pulumi.Resource[] {
  const { modelBucket: bucket } = cluster;
  const { checkpoint } = plan.model;
  if (bucket === undefined || checkpoint === undefined) return [];
  return new ModelCache(name, { plan, cluster, target, options, bucket, checkpoint, nodes }, { providers }).filled;
}

function warnOfIssuer({ certificateIssuer: issuer, namespace }: ServingOptions): void {
  if (issuer === undefined) return;
  const where = issuer.kind === "Issuer" ? ` in the namespace ${namespace}` : "";
  void pulumi.log.warn(
    `The certificate comes from the ${issuer.kind} ${issuer.name}${where}, which is yours to make on the cluster: cert-manager ` +
      "is installed, and the gateway answers on 443 once the certificate is issued.",
  );
}

function warnOfIdleTimeout(plan: FeasiblePlan, { front }: AwsClusterPlan, options: ServingOptions): void {
  const { protocol } = frontPorts(hasCertificate(front), hasTlsAtGateway(options));
  const warning = idleWarning(protocol, servingTimeouts(plan));
  if (warning !== undefined) void pulumi.log.warn(warning);
}
