import { nearestName } from "../config/names";
import { isKubernetesName } from "./kubernetes-object";
import { SERVING_DEFAULTS, type ServingOptions } from "./serving-options";

/** Keys of the Pulumi configuration beside `fitserve:serving`, all checked together. */
export interface ProgramSettings {
  /** File with the credentials of the cluster; absent: what kubectl would use. */
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly options: Partial<ServingOptions>;
}

const TEXT_KEYS = ["kubeconfig", "context", "namespace", "gatewayClass", "tlsSecret", "hubTokenSecret"] as const;
const FLAG_KEYS = ["createNamespace", "createGatewayClass"] as const;
const KEYS: readonly string[] = [
  ...TEXT_KEYS,
  ...FLAG_KEYS,
  "serving",
  "aws",
  "clientKeys",
  "nodeSelector",
  "clientNamespaces",
];

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
  const faults: string[] = [...unknownKeys(config), ...clientKeyFaults(config["fitserve:clientKeys"])];
  const text = (key: (typeof TEXT_KEYS)[number]) => nonEmpty(config, key, faults);
  const flag = (key: (typeof FLAG_KEYS)[number]) => trueOrFalse(config, key, faults);
  const kubeconfig = text("kubeconfig");
  const context = text("context");
  const namespace = text("namespace") ?? `${SERVING_DEFAULTS.namespace}-${stack}`;
  const gatewayClass = text("gatewayClass");
  const create = flag("createGatewayClass");
  const createNamespace = flag("createNamespace");
  const tlsSecret = text("tlsSecret");
  const hubTokenSecret = text("hubTokenSecret");
  const nodeSelector = labels(config["fitserve:nodeSelector"], faults);
  const clientNamespaces = names(config["fitserve:clientNamespaces"], faults);
  if (!isKubernetesName(namespace)) {
    faults.push(`fitserve:namespace is ${quoted(namespace)}; wanted lower-case letters, digits and dashes, at most 63`);
  }
  if (faults.length > 0) return { ok: false, faults };
  const classChoice =
    gatewayClass === undefined && create === undefined
      ? {}
      : {
          gatewayClass: {
            name: gatewayClass ?? (create ? namespace : SERVING_DEFAULTS.gatewayClassName),
            create: create ?? false,
          },
        };
  const options = {
    namespace,
    ...(createNamespace === undefined ? {} : { createNamespace }),
    ...(tlsSecret === undefined ? {} : { tlsSecret }),
    ...(hubTokenSecret === undefined ? {} : { hubTokenSecret }),
    ...(nodeSelector === undefined ? {} : { nodeSelector }),
    ...(clientNamespaces === undefined ? {} : { clientNamespaces }),
    ...classChoice,
  };
  const access = {
    ...(kubeconfig === undefined ? {} : { kubeconfig }),
    ...(context === undefined ? {} : { context }),
  };
  return { ok: true, settings: { ...access, options } };
}

function unknownKeys(config: Readonly<Record<string, string>>): string[] {
  return Object.keys(config).flatMap((full) => {
    const [space, key = ""] = full.split(":");
    if (space !== "fitserve" || KEYS.includes(key)) return [];
    const near = nearestName(key, KEYS);
    return [
      `${full} is no setting; ${near === undefined ? `known are ${KEYS.join(", ")}` : `meant was fitserve:${near}?`}`,
    ];
  });
}

function nonEmpty(config: Readonly<Record<string, string>>, key: string, faults: string[]): string | undefined {
  const value = config[`fitserve:${key}`];
  if (value !== undefined && value.trim() === "")
    faults.push(`fitserve:${key} is empty; wanted a value, or no such line`);
  return value;
}

function trueOrFalse(config: Readonly<Record<string, string>>, key: string, faults: string[]): boolean | undefined {
  const value = config[`fitserve:${key}`];
  if (value === undefined || value === "true" || value === "false")
    return value === undefined ? value : value === "true";
  faults.push(`fitserve:${key} is ${quoted(value)}; wanted true or false`);
  return undefined;
}

function labels(raw: string | undefined, faults: string[]): Record<string, string> | undefined {
  if (raw === undefined) return undefined;
  const value = parsedJson(raw);
  if (isTextRecord(value)) return value;
  faults.push("fitserve:nodeSelector: wanted an object of node labels, each with a text as value");
  return undefined;
}

function names(raw: string | undefined, faults: string[]): string[] | undefined {
  if (raw === undefined) return undefined;
  const value = parsedJson(raw);
  if (Array.isArray(value) && value.every((name) => typeof name === "string" && isKubernetesName(name))) return value;
  faults.push("fitserve:clientNamespaces: wanted a list of names of namespaces");
  return undefined;
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
    if (!/^[A-Za-z0-9._-]{1,63}$/.test(client)) {
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
