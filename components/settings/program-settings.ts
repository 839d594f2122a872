import { nearestName } from "../../config/names";
import { shownPath } from "../../config/request/faults";
import { redisFaults } from "../gateway/shared-limits";
import { SERVING_DEFAULTS, type ServingOptions } from "../serving-options";
import { CLIENT_NAME } from "./deployment-schema";
import { DEPLOYMENT_KEYS, readDeploymentSettings } from "./deployment-settings";

/** Keys of the Pulumi configuration beside `fitserve:serving`, all checked together. */
export interface ProgramSettings {
  /** File with the credentials of the cluster; absent: what kubectl would use. */
  readonly kubeconfig?: string;
  readonly context?: string;
  /** Whether the gateway's controllers come with the stack; absent: they are on the cluster. */
  readonly installGateway?: true;
  readonly options: Partial<ServingOptions>;
}

const ACCESS_KEYS = ["kubeconfig", "context"] as const;
const INSTALL = "fitserve:installGateway";
const KEYS: readonly string[] = [...ACCESS_KEYS, "installGateway", "serving", "aws", "clientKeys", ...DEPLOYMENT_KEYS];

const HOW_TO_SET_KEYS = "pulumi config set --secret --path 'fitserve:clientKeys.CLIENT' \"$(openssl rand -hex 32)\"";

/** Shorter keys can be guessed; Envoy compares them as they are, so that blanks never match. */
const SHORTEST_KEY = 16;

/** Reads `fitserve:*` as Pulumi hands it over: text, with objects as JSON. Secrets are checked, never repeated. */
export function readProgramSettings(
  config: Readonly<Record<string, string>>,
  stack: string,
):
  | { readonly ok: true; readonly settings: ProgramSettings }
  | { readonly ok: false; readonly faults: readonly string[] } {
  const text = (key: (typeof ACCESS_KEYS)[number]) => config[`fitserve:${key}`];
  const deployment = readDeploymentSettings(deploymentValues(config), {
    prefix: "fitserve:",
    namespace: `${SERVING_DEFAULTS.namespace}-${stack}`,
    ...clientNames(config["fitserve:clientKeys"]),
  });
  const faults = [
    ...unknownKeys(config),
    ...clientKeyFaults(config["fitserve:clientKeys"]),
    ...ACCESS_KEYS.flatMap((key) =>
      text(key)?.trim() === "" ? [`fitserve:${key} is empty; wanted a value, or no such line`] : [],
    ),
    ...(deployment.ok ? [] : deployment.faults),
    ...installFaults(config, deployment.ok ? deployment.options : {}),
  ];
  if (faults.length > 0 || !deployment.ok) return { ok: false, faults };
  const [kubeconfig, context] = ACCESS_KEYS.map(text);
  const access = {
    ...(kubeconfig === undefined ? {} : { kubeconfig }),
    ...(context === undefined ? {} : { context }),
  };
  if (config[INSTALL] !== "true") return { ok: true, settings: { ...access, options: deployment.options } };
  const options = { ...deployment.options, gatewayClass: classOf(config, deployment.options) };
  return { ok: true, settings: { ...access, installGateway: true, options } };
}

/** A class for controllers that have just come is made beside them, unless somebody says otherwise. */
function classOf(config: Readonly<Record<string, string>>, { gatewayClass }: Partial<ServingOptions>) {
  const { name, create } = gatewayClass ?? { name: SERVING_DEFAULTS.gatewayClassName, create: true };
  return { name, create: config["fitserve:createGatewayClass"] === undefined ? true : create };
}

function installFaults(
  { [INSTALL]: install }: Readonly<Record<string, string>>,
  options: Partial<ServingOptions>,
): string[] {
  if (install === undefined || install === "false") return [];
  if (install !== "true") return [`${INSTALL}: got ${quoted(install)}; wanted true or false`];
  return [
    ...(options.gateway === "gateway-api"
      ? [`${INSTALL} installs Envoy AI Gateway, which fitserve:gateway gateway-api does without. Keep one of them.`]
      : []),
    ...redisFaults(options).map((fault) => `fitserve:${fault}`),
  ];
}

function deploymentValues(config: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(config).flatMap(([full, value]) => {
      const [space, key = ""] = full.split(":");
      return space === "fitserve" && DEPLOYMENT_KEYS.includes(key) ? [[key, value]] : [];
    }),
  );
}

/** Names are no secret; absent when the keys cannot be read, which is a fault of its own. */
function clientNames(raw: string | undefined): { readonly clientNames?: readonly string[] } {
  const value = raw === undefined ? undefined : parsedJson(raw);
  return isTextRecord(value) ? { clientNames: Object.keys(value) } : {};
}

function unknownKeys(config: Readonly<Record<string, string>>): string[] {
  return Object.keys(config).flatMap((full) => {
    const [space, key = ""] = full.split(":");
    if (space !== "fitserve" || KEYS.includes(key)) return [];
    const near = nearestName(key, KEYS);
    return [
      `${shownPath(full)} is no setting; ${near === undefined ? `known are ${KEYS.join(", ")}` : `meant was fitserve:${near}?`}`,
    ];
  });
}

/** Names become keys of a Secret and a header's value; the keys themselves never show up in a message. */
function clientKeyFaults(raw: string | undefined): string[] {
  const wanted = `Set one: ${HOW_TO_SET_KEYS}`;
  if (raw === undefined)
    return [`fitserve:clientKeys is missing: without an API key no client gets past the gateway. ${wanted}`];
  const value = parsedJson(raw);
  if (!isTextRecord(value)) return [`fitserve:clientKeys: wanted an object, client name → API key. ${wanted}`];
  const clients = Object.entries(value);
  if (clients.length === 0) return [`fitserve:clientKeys names no client. ${wanted}`];
  const faults = clients.flatMap(([client, key]) => {
    if (!CLIENT_NAME.test(client)) {
      return [
        `fitserve:clientKeys: the client ${quoted(client)} needs a name of letters, digits, dots, dashes and underscores`,
      ];
    }
    if (/^[\u0021-\u007e]+$/.test(key) && key.length >= SHORTEST_KEY) return [];
    return [`fitserve:clientKeys.${client}: wanted at least ${SHORTEST_KEY} visible ASCII characters without blanks`];
  });
  const keys = new Set(clients.map(([, key]) => key));
  return keys.size === clients.length ? faults : [...faults, "fitserve:clientKeys: two clients have the same key"];
}

function parsedJson(raw: string): unknown {
  try {
    return JSON.parse(raw);
  } catch {
    return undefined;
  }
}

function isTextRecord(value: unknown): value is Record<string, string> {
  return (
    typeof value === "object" &&
    value !== null &&
    !Array.isArray(value) &&
    Object.values(value).every((item) => typeof item === "string")
  );
}

function quoted(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);
}
