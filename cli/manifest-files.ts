import { stringify } from "yaml";
import { servingTimeouts } from "../components/gateway/serving-timeouts";
import type { KubernetesObject } from "../components/kubernetes-object";
import { servingManifests } from "../components/serving-manifests";
import { clientKeysSecretName, servingOptions, type ServingOptions } from "../components/serving-options";
import { engineNodeSelector } from "../components/vllm/vllm-pod.manifest";
import type { FeasiblePlan } from "../sizing/serving-plan";

/** One file of the rendered folder. */
export interface ManifestFile {
  readonly name: string;
  readonly text: string;
}

/** First line of every file that `render` writes; a file without it is somebody else's. */
export const MARKS: readonly string[] = ["# Written by fitserve render.", "<!-- Written by fitserve render. -->"];

/** The folder for GitOps: a file an object, in the order of applying, the kustomization and what is left to do. */
export function manifestFiles(plan: FeasiblePlan, given: Partial<ServingOptions>): readonly ManifestFile[] {
  const options = servingOptions(plan, given);
  const objects = servingManifests(plan, options);
  const manifests = objects.map((object, index) => ({ name: fileName(object, index), text: yamlText(object) }));
  const kustomization = {
    apiVersion: "kustomize.config.k8s.io/v1beta1",
    kind: "Kustomization",
    resources: manifests.map(({ name }) => name),
  };
  return [
    ...manifests,
    { name: "kustomization.yaml", text: yamlText(kustomization) },
    { name: "README.md", text: readme(plan, options) },
  ];
}

function fileName({ kind, metadata }: KubernetesObject, index: number): string {
  const words = kind.replaceAll(/([a-z])([A-Z])|([A-Z])([A-Z][a-z])/g, "$1$3-$2$4").toLowerCase();
  const suffix = kind === "Node" ? `-${metadata.name}` : "";
  return `${String(index + 1).padStart(2, "0")}-${words}${suffix}.yaml`;
}

/** Kubernetes reads YAML 1.1, in which `on` and `1:30` are no texts; that version's writer quotes them. */
function yamlText(value: unknown): string {
  return `${MARKS[0]}\n${stringify(value, { version: "1.1", lineWidth: 0, aliasDuplicateObjects: false })}`;
}

function readme(plan: FeasiblePlan, options: ServingOptions): string {
  const { hardware, cost, request, engine } = plan;
  const secret = clientKeysSecretName(options);
  const namespace = options.namespace;
  const hub = options.hubTokenSecret;
  const { rolloutSeconds } = servingTimeouts(plan);
  return `${MARKS[1]}

# ${plan.model.key}

Planned for ${request.workload.concurrency} concurrent requests: ${hardware.replicas} × ${hardware.tensorParallel * hardware.pipelineParallel} ${hardware.gpu} on ${hardware.nodes} × ${hardware.instanceType}, ${plan.quantization} weights, about $${cost.expected.usdPerHour.toFixed(2)} an hour.

## Before it is applied

- GPU nodes with NVIDIA's device plugin and the label \`${selectorText(options, plan)}\`; the pods tolerate \`nvidia.com/gpu:NoSchedule\`. The image of vLLM ${engine.version} needs an NVIDIA driver of 580 or newer.
- ${controllerText(options)}, with a GatewayClass called \`${options.gatewayClass.name}\`${options.gatewayClass.create ? ", which is among these files" : ""}.
- The engine answers ${clientsText(options)} alone; another place for the proxies or the scraper is said by \`gatewayNamespace\` or \`clientNamespaces\` of the settings.
- The namespace, if it is not there yet: \`kubectl create namespace ${namespace}\`
- The clients' API keys. They are not in this folder, and until the Secret is there the gateway lets nobody in:

\`\`\`sh
kubectl create secret generic ${secret} --namespace ${namespace} --from-literal=${options.gateway === "gateway-api" ? options.sharedKeyClient : "CLIENT"}="$(openssl rand -hex 32)"
\`\`\`
${hub === undefined ? "" : `- The token for gated weights: \`kubectl create secret generic ${hub} --namespace ${namespace} --from-file=token\`\n`}
## Apply

\`\`\`sh
kubectl apply --server-side --kustomize .
kubectl rollout status deployment/${options.name} --namespace ${namespace} --timeout=${rolloutSeconds}s
\`\`\`
`;
}

/** Whom the NetworkPolicy lets in: a controller that runs its proxies elsewhere would get no answer. */
function clientsText({ gateway, gatewayNamespace, clientNamespaces }: ServingOptions): string {
  const proxies = gateway === "gateway-api" ? "pods" : "this Gateway's proxies";
  const others = clientNamespaces.map((name) => ` and pods of \`${name}\``).join("");
  return `${proxies} of the namespace \`${gatewayNamespace}\`${others}`;
}

function controllerText({ gateway, rateLimits }: ServingOptions): string {
  if (gateway === "gateway-api") return "A controller of the Gateway API";
  const counted = rateLimits?.scope === "shared" ? ", Envoy Gateway with its rate-limit service and Redis" : "";
  return `Envoy Gateway and Envoy AI Gateway${counted}`;
}

function selectorText(options: ServingOptions, plan: FeasiblePlan): string {
  return Object.entries(engineNodeSelector(plan, options))
    .map(([key, value]) => `${key}=${value}`)
    .join(",");
}
