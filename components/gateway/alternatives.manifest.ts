import type { FeasiblePlan } from "../../sizing/serving-plan";
import { engineSelector } from "../kubernetes-object";
import type { EndpointPicker, ServingOptions } from "../serving-options";
import { ENGINE_PORT } from "../vllm/vllm-addresses";
import { GATEWAY_API, gatewayMetadata, INFERENCE_POOL } from "./ingress-gateway.manifest";
import { servingTimeouts } from "./serving-timeouts";

/** For controllers other than Envoy's: only the API's paths, for as long as the longest answer may take. */
export function httpRoute(plan: FeasiblePlan, options: ServingOptions) {
  return {
    apiVersion: `${GATEWAY_API}/v1`,
    kind: "HTTPRoute",
    metadata: gatewayMetadata(options),
    spec: {
      parentRefs: [{ group: GATEWAY_API, kind: "Gateway", name: options.name }],
      rules: [
        {
          matches: [{ path: { type: "PathPrefix", value: "/v1" } }],
          backendRefs: [{ kind: "Service", name: options.name, port: ENGINE_PORT }],
          timeouts: { request: `${servingTimeouts(plan).requestSeconds}s` },
        },
      ],
    },
  };
}

/** The replicas, from which the picker chooses one for each request; without the picker nobody is let through. */
export function inferencePool(options: ServingOptions, picker: EndpointPicker) {
  return {
    apiVersion: `${INFERENCE_POOL.group}/v1`,
    kind: INFERENCE_POOL.kind,
    metadata: gatewayMetadata(options),
    spec: {
      selector: { matchLabels: engineSelector(options.name) },
      targetPorts: [{ number: ENGINE_PORT }],
      endpointPickerRef: { name: picker.service, port: { number: picker.port }, failureMode: "FailClose" },
    },
  };
}
