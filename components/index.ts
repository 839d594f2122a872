export { NotDeployableError, deployabilityFaults } from "./deployable";
export { GpuNodeGroup, type GpuNodeGroupArgs } from "./gpu-node-group";
export { GatewayControllers, type GatewayControllersArgs } from "./gateway/gateway-controllers";
export { IngressGateway, type IngressGatewayArgs } from "./gateway/ingress-gateway";
export type { KubernetesObject } from "./kubernetes-object";
export { servingManifests } from "./serving-manifests";
export {
  SERVING_DEFAULTS,
  type CertificateIssuer,
  type ClientLimits,
  type GatewayClassChoice,
  type LoraAdapter,
  type PriorityClassChoice,
  type RateLimits,
  type ServingOptions,
} from "./serving-options";
export { ServingStack, type ServingEndpoint, type ServingStackArgs } from "./serving-stack";
export { VllmDeployment, type VllmDeploymentArgs } from "./vllm/vllm-deployment";
