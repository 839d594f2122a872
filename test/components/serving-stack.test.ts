import * as pulumi from "@pulumi/pulumi";
import { describe, expect, test } from "vitest";
import { ServingStack } from "../../components";
import type { ServingOptions } from "../../components";
import { feasiblePlan } from "../support/feasible-plan";
import { registeredBy, settled } from "../support/pulumi-mocks";

const CLIENT_KEYS = { ada: "ada-key-0123456789abcdef" };

function buildStack(options: Partial<ServingOptions> = {}) {
  return registeredBy(() => new ServingStack("llm", { plan: feasiblePlan(), options, clientKeys: CLIENT_KEYS }));
}

describe("children of a ServingStack", () => {
  test("on the local target they are the nodes, the engine, the gateway and their parts", async () => {
    const { resources } = await buildStack();
    expect(resources.map(({ type, name }) => [type, name])).toEqual([
      ["fitserve:serving:ServingStack", "llm"],
      ["fitserve:serving:VllmDeployment", "llm-engine"],
      ["kubernetes:apps/v1:Deployment", "llm-engine-deployment"],
      ["kubernetes:policy/v1:PodDisruptionBudget", "llm-engine-disruption-budget"],
      ["kubernetes:networking.k8s.io/v1:NetworkPolicy", "llm-engine-network-policy"],
      ["kubernetes:core/v1:Service", "llm-engine-service"],
      ["kubernetes:core/v1:ServiceAccount", "llm-engine-service-account"],
      ["fitserve:serving:IngressGateway", "llm-gateway"],
      ["kubernetes:gateway.envoyproxy.io/v1alpha1:Backend", "llm-gateway-backend"],
      ["kubernetes:gateway.envoyproxy.io/v1alpha1:BackendTrafficPolicy", "llm-gateway-backend-traffic-policy"],
      ["kubernetes:gateway.networking.k8s.io/v1:GatewayClass", "llm-gateway-class"],
      ["kubernetes:core/v1:Secret", "llm-gateway-client-keys"],
      ["kubernetes:gateway.envoyproxy.io/v1alpha1:ClientTrafficPolicy", "llm-gateway-client-traffic-policy"],
      ["kubernetes:gateway.networking.k8s.io/v1:Gateway", "llm-gateway-gateway"],
      ["kubernetes:aigateway.envoyproxy.io/v1beta1:AIGatewayRoute", "llm-gateway-route"],
      ["kubernetes:gateway.envoyproxy.io/v1alpha1:SecurityPolicy", "llm-gateway-security-policy"],
      ["kubernetes:aigateway.envoyproxy.io/v1beta1:AIServiceBackend", "llm-gateway-service-backend"],
      ["kubernetes:core/v1:Namespace", "llm-namespace"],
      ["fitserve:serving:GpuNodeGroup", "llm-nodes"],
      ["kubernetes:v1:Node", "llm-nodes-node-0"],
    ]);
  });
});
