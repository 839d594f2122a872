import type { FeasiblePlan } from "../sizing/serving-plan";
import { assertDeployable } from "./deployable";
import { httpRoute, inferencePool } from "./gateway/alternatives.manifest";
import { aiGatewayRoute, aiServiceBackend, backend, gateway, gatewayClass } from "./gateway/ingress-gateway.manifest";
import { backendTrafficPolicy, clientTrafficPolicy, securityPolicy } from "./gateway/policies.manifest";
import { envoyProxy } from "./gateway/proxy.manifest";
import { simulatedNodes } from "./gpu-node-group.manifest";
import type { KubernetesObject } from "./kubernetes-object";
import { servingNamespace } from "./namespace.manifest";
import { servingOptions, type ServingOptions } from "./serving-options";
import { engineNetworkPolicy } from "./vllm/engine-network-policy.manifest";
import {
  engineDeployment,
  engineDisruptionBudget,
  enginePriorityClass,
  engineReplicasService,
  engineService,
  engineServiceAccount,
} from "./vllm/vllm-deployment.manifest";
import { weightsClaim } from "./vllm/weights-claim.manifest";

/**
 * Everything that a plan puts onto a cluster, in an order in which it can be applied. The Secret with the clients'
 * keys is not among it: keys are never part of a plan.
 */
export function servingManifests(plan: FeasiblePlan, given: Partial<ServingOptions> = {}): readonly KubernetesObject[] {
  assertDeployable(plan, given);
  const options = servingOptions(plan, given);
  return [
    ...(options.createNamespace ? [servingNamespace(options)] : []),
    ...(options.simulateNodes ? simulatedNodes(plan, options) : []),
    ...(options.priorityClass?.create === true ? [enginePriorityClass(options, options.priorityClass.name)] : []),
    engineServiceAccount(plan, options),
    ...(options.modelSource?.kind === "node" ? [weightsClaim(options, options.modelSource)] : []),
    engineDeployment(plan, options),
    engineService(plan, options),
    engineReplicasService(plan, options),
    engineDisruptionBudget(plan, options),
    engineNetworkPolicy(plan, options),
    ...gatewayManifests(plan, options),
  ];
}

function gatewayManifests(plan: FeasiblePlan, options: ServingOptions): readonly KubernetesObject[] {
  const door = [
    ...(options.gatewayClass.create ? [gatewayClass(options)] : []),
    ...(options.createEnvoyProxy ? [envoyProxy(plan, options)] : []),
    gateway(options),
  ];
  if (options.gateway === "gateway-api") return [...door, httpRoute(plan, options)];
  return [
    ...door,
    ...(options.endpointPicker === undefined
      ? [backend(options), aiServiceBackend(options)]
      : [inferencePool(options, options.endpointPicker)]),
    aiGatewayRoute(plan, options),
    securityPolicy(options),
    backendTrafficPolicy(plan, options),
    clientTrafficPolicy(plan, options),
  ];
}
