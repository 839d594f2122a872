import { check, field, list, textAt, type Ask, type Check } from "./checks";

/** Definitions without which the gateway's objects are not taken, and the version of each that they are written in. */
const DEFINITIONS = {
  "gateways.gateway.networking.k8s.io": "v1",
  "backends.gateway.envoyproxy.io": "v1alpha1",
  "aigatewayroutes.aigateway.envoyproxy.io": "v1beta1",
} as const;

/** What was tested here; an older one may not know a field, which it then leaves out without a word. */
const TESTED = { gatewayApi: "1.5.1", envoyGateway: "1.8.1", aiGateway: "1.0.0" } as const;

const ENVOY_GATEWAY = /\/gateway:v?(\d+\.\d+\.\d+)/;

/** What of the gateway has to be on the cluster. */
export interface GatewayNeeds {
  /** Definitions and controllers come with the stack. */
  readonly isInstalled: boolean;
  /** Absent: the stack makes it. */
  readonly gatewayClass?: string;
}

/** The gateway's definitions, its controllers and its class. */
export async function controllerChecks({ isInstalled, gatewayClass }: GatewayNeeds, ask: Ask): Promise<Check[]> {
  const ofClass = gatewayClass === undefined ? [] : [await classCheck(gatewayClass, ask)];
  if (isInstalled) return [await installCheck(ask), ...ofClass];
  const asked = Object.entries(DEFINITIONS).map(([name, version]) => definitionCheck(name, version, ask));
  return [...(await Promise.all(asked)), ...(await versionChecks(ask)), ...ofClass];
}

/** Two controllers of one name would both answer to every Gateway of the cluster. */
function installCheck(ask: Ask): Promise<Check> {
  return check("gateway controllers", async () => {
    const images = list(await ask("get deployments --all-namespaces"), "items").flatMap(imagesOf);
    const [found] = images.flatMap((image) => ENVOY_GATEWAY.exec(image)?.[1] ?? []);
    return found === undefined
      ? { status: "ok", detail: "come with the stack (fitserve:installGateway)" }
      : {
          status: "warns",
          detail: `Envoy Gateway ${found} runs already; if it is not this stack's own, take fitserve:installGateway away`,
        };
  });
}

function definitionCheck(definition: string, version: string, ask: Ask): Promise<Check> {
  return check(definition, async () => {
    const found = list(await ask("get customresourcedefinitions"), "items").find(
      (one) => field(one, "metadata", "name") === definition,
    );
    if (found === undefined) {
      return { status: "fails", detail: "is not defined; install Envoy Gateway and Envoy AI Gateway" };
    }
    const served = list(found, "spec", "versions").filter((one) => field(one, "served") !== false);
    const versions = served.flatMap((one) => textAt(one, "name") ?? []);
    if (versions.length > 0 && !versions.includes(version)) {
      return { status: "fails", detail: `is served as ${versions.join(", ")}; the stack writes ${version}` };
    }
    const bundle = textAt(found, "metadata", "annotations", "gateway.networking.k8s.io/bundle-version");
    if (bundle === undefined) return { status: "ok", detail: "is defined" };
    return isOlder(bundle, TESTED.gatewayApi)
      ? { status: "warns", detail: `is of Gateway API ${bundle}; tested with ${TESTED.gatewayApi}` }
      : { status: "ok", detail: `is defined, of Gateway API ${bundle}` };
  });
}

/** Controllers by their images, wherever they run. */
async function versionChecks(ask: Ask): Promise<Check[]> {
  const images: string[] = [];
  const read = await check("gateway controllers", async () => {
    const deployments = list(await ask("get deployments --all-namespaces"), "items");
    images.push(...deployments.flatMap(imagesOf));
    return { status: "ok", detail: "" };
  });
  if (read.status !== "ok") return [read];
  return [
    versionCheck("Envoy Gateway", images, ENVOY_GATEWAY, TESTED.envoyGateway),
    versionCheck("Envoy AI Gateway", images, /\/ai-gateway-controller:v?(\d+\.\d+\.\d+)/, TESTED.aiGateway),
  ];
}

function imagesOf(deployment: unknown): string[] {
  const containers = list(deployment, "spec", "template", "spec", "containers");
  return containers.flatMap((one) => textAt(one, "image") ?? []);
}

/** An image of another name (a mirror, a build of one's own) is no fault: the class says whether it works. */
function versionCheck(name: string, images: readonly string[], pattern: RegExp, tested: string): Check {
  const [found] = images.flatMap((image) => pattern.exec(image)?.[1] ?? []);
  if (found === undefined) return { name, status: "unknown", detail: "no Deployment runs an image of its name" };
  return isOlder(found, tested)
    ? { name, status: "warns", detail: `${found}; tested with ${tested}` }
    : { name, status: "ok", detail: found };
}

/** By numbers from left to right; `v` in front does not count. */
function isOlder(version: string, than: string): boolean {
  const [own, other] = [version, than].map((text) => text.replace(/^v/, "").split(".").map(Number));
  const difference = (other ?? []).map((number, index) => (own?.[index] ?? 0) - number).find((one) => one !== 0);
  return (difference ?? 0) < 0;
}

function classCheck(name: string, ask: Ask): Promise<Check> {
  return check(`GatewayClass ${name}`, async () => {
    const classes = list(await ask("get gatewayclasses"), "items");
    const found = classes.find((one) => field(one, "metadata", "name") === name);
    if (found === undefined) {
      const others = classes.map((one) => textAt(one, "metadata", "name") ?? "one without a name").toSorted();
      const known = others.length === 0 ? "there is none" : `there is ${others.join(", ")}`;
      return { status: "fails", detail: `is not there (${known}); set fitserve:gatewayClass or createGatewayClass` };
    }
    const accepted = list(found, "status", "conditions").some(
      (condition) => field(condition, "type") === "Accepted" && field(condition, "status") === "True",
    );
    return accepted
      ? { status: "ok", detail: "is accepted by its controller" }
      : { status: "fails", detail: "is not accepted; does its controller run?" };
  });
}
