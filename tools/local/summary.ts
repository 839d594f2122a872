import type { Places } from "../cluster/places";
import { colours, say } from "../engine/console";
import type { Engine } from "../engine/prepare";
import { Discovery, objectPath } from "../kubernetes-provider/discovery";
import type { KubeApi } from "../kubernetes-provider/kube-api";
import { isNotFound } from "../kubernetes-provider/kube-error";
import { isJsonObject, listAt, stringAt, valueAt } from "../kubernetes-provider/kube-object";
import type { ServingSettings } from "../serve/serving-settings";
import { type PodPlacement, settledPods } from "./pods";
import type { PulumiStack } from "./pulumi-stack";

const GATEWAY_GROUPS = /^(gateway\.networking\.k8s\.io|gateway\.envoyproxy\.io|aigateway\.envoyproxy\.io)\//;

/** The gateway that answers requests on this machine. */
export interface Served {
  readonly port: number;
  readonly settings: ServingSettings;
}

/** Prints what runs now, asked of the API server itself, and what of it is simulated. */
export async function printSummary(
  stack: PulumiStack,
  api: KubeApi,
  places: Places,
  engine: Engine,
  served: Served | undefined,
): Promise<void> {
  const [pods, gateway, outputs] = await Promise.all([settledPods(api), gatewayObjects(stack, api), stack.outputs()]);
  for (const pod of pods) say(`  ${podLine(pod)}`);
  if (pods.length === 0) say("  no vLLM pod: the plan runs no replica on this cluster");
  say(`  gateway: ${gateway.length} resources accepted by the API server (${gateway.join(", ")})`);
  for (const line of endpointLines(valueAt(outputs, "endpoint"))) say(`  ${line}`);
  say(`  API key: cat ${stack.clientKeyFile}`);
  say(`  cluster: kubectl --kubeconfig ${places.kubeconfig} get pods --all-namespaces`);
  for (const line of servedLines(served, stack.clientKeyFile)) say(`  ${line}`);
  say();
  say(colours.bold("  What is simulated"));
  say(
    "  The nodes and what runs on them: kwok plays the kubelet, so no vLLM process, GPU or proxy runs in the cluster.",
  );
  if (served !== undefined) {
    say(
      `  The engines behind http://127.0.0.1:${served.port}: llm-d-inference-sim writes random words at the planned pace.`,
    );
    say(
      "  Real: Envoy and Envoy AI Gateway, with the resources of the cluster but for addresses, port and keys' place.",
    );
  }
  say("  Real: the Kubernetes API server, scheduler and controllers, the gateway's resource definitions, and Pulumi.");
  if (engine.standIns.length > 0) {
    say(`  Ours in place of an official plugin that this machine lacks: ${engine.standIns.join(", ")}.`);
  }
}

function servedLines(served: Served | undefined, keyFile: string): string[] {
  if (served === undefined) return ["requests: nobody answers any; npm run up -- --serve starts a gateway that does"];
  const body = { model: served.settings.servedName, stream: true, max_tokens: 64 };
  const text = JSON.stringify({ ...body, messages: [{ role: "user", content: "Hello" }] });
  return [
    `requests: http://127.0.0.1:${served.port}/v1, from this machine alone; the engines behind it are simulated. Try:`,
    "",
    `  curl -N http://127.0.0.1:${served.port}/v1/chat/completions -H "Authorization: Bearer $(cat ${keyFile})" \\`,
    `    -H 'Content-Type: application/json' -d '${text}'`,
  ];
}

function podLine(pod: PodPlacement): string {
  const phase = pod.phase === "Running" ? colours.green(pod.phase) : colours.yellow(pod.phase);
  const where = pod.node === undefined ? "not on any node" : `on ${pod.node}`;
  return `pod ${pod.name}: ${phase} ${where}, holding ${pod.gpus} nvidia.com/gpu`;
}

/** The kinds of the stack's gateway objects that the API server has, one entry an object. */
async function gatewayObjects(stack: PulumiStack, api: KubeApi): Promise<string[]> {
  const discovery = new Discovery(api);
  const resources = listAt(await stack.exported(), "deployment", "resources");
  const asked = resources.flatMap((resource) => {
    const outputs = valueAt(resource, "outputs");
    const apiVersion = stringAt(outputs, "apiVersion");
    const kind = stringAt(outputs, "kind");
    const name = stringAt(outputs, "metadata", "name");
    if (apiVersion === undefined || kind === undefined || name === undefined) return [];
    if (!GATEWAY_GROUPS.test(apiVersion)) return [];
    return [{ apiVersion, kind, name, namespace: stringAt(outputs, "metadata", "namespace") }];
  });
  const found = await Promise.all(
    asked.map(async ({ apiVersion, kind, name, namespace }) => {
      try {
        await api.get(objectPath(await discovery.find(apiVersion, kind), namespace, name));
        return [kind];
      } catch (error) {
        if (isNotFound(error)) return [];
        throw error;
      }
    }),
  );
  return found.flat().toSorted();
}

function endpointLines(endpoint: unknown): string[] {
  if (!isJsonObject(endpoint)) return [];
  return Object.entries(endpoint).flatMap(([key, value]) =>
    typeof value === "string" || typeof value === "number" ? [`endpoint ${key}: ${value}`] : [],
  );
}
