import type { z } from "zod";
import { nearestName } from "../../config/names";
import { fault, shownPath } from "../../config/request/faults";
import { namespaceFault } from "../namespace.manifest";
import { SERVING_DEFAULTS, type RateLimits, type ServingOptions } from "../serving-options";
import { CLIENT_NAME, DEPLOYMENT_SCHEMA, type GivenDeployment } from "./deployment-schema";

/** Keys of a deployment's settings. */
export const DEPLOYMENT_KEYS: readonly string[] = Object.keys(DEPLOYMENT_SCHEMA.shape);

export interface DeploymentSource {
  /** Before each key in a message. */
  readonly prefix: "fitserve:" | "";
  /** Where the settings name none. */
  readonly namespace: string;
  /** Clients that have a key, where they are known. */
  readonly clientNames?: readonly string[];
}

/** How a deployment is set up; keys and values as in Pulumi's configuration (as text) or in a file (as they are). */
export function readDeploymentSettings(
  values: Readonly<Record<string, unknown>>,
  source: DeploymentSource,
):
  | { readonly ok: true; readonly options: Partial<ServingOptions> }
  | { readonly ok: false; readonly faults: readonly string[] } {
  const read = DEPLOYMENT_SCHEMA.safeParse(values);
  const faults = read.success
    ? crossFaults(read.data, source.clientNames)
    : [...new Set(read.error.issues.flatMap((issue) => issueFaults(issue, values)))];
  if (!read.success || faults.length > 0) return { ok: false, faults: faults.map((text) => `${source.prefix}${text}`) };
  return { ok: true, options: optionsOf(read.data, source) };
}

function issueFaults(issue: z.core.$ZodIssue, values: unknown): string[] {
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) =>
      unknownKey([...issue.path, key].map(String).join("."), key, issue.path.length === 0),
    );
  }
  const given = issue.path.reduce<unknown>((value, step) => Object(objectOf(value))[step], values);
  return [fault(issue.path.map(String).join("."), given, issue.message).message];
}

function unknownKey(path: string, key: string, isTop: boolean): string {
  const nearest = isTop ? nearestName(key, DEPLOYMENT_KEYS) : undefined;
  const shown = shownPath(path);
  return nearest === undefined ? `${shown} is no setting` : `${shown} is no setting; meant was ${nearest}?`;
}

/** Pulumi's objects are text. */
function objectOf(value: unknown): unknown {
  if (typeof value !== "string") return value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}

/** What each setting alone allows, but not together. */
function crossFaults(given: GivenDeployment, clientNames: readonly string[] | undefined): string[] {
  return [
    ...(given.certificateIssuer !== undefined && given.hostname === undefined
      ? ["certificateIssuer needs hostname beside it: the name that the certificate is for"]
      : []),
    ...namespaceFaults(given),
    ...(given.createPriorityClass === true && given.priorityClass === undefined
      ? ["createPriorityClass needs priorityClass beside it: the name of the class to make"]
      : []),
    ...(given.sessionHeader !== undefined && given.endpointPicker !== undefined
      ? ["sessionHeader and endpointPicker both choose the replica; give one of them"]
      : []),
    ...limitFaults(given, clientNames),
    ...adapterFaults(given),
    ...(given.gateway === "gateway-api" ? plainGatewayFaults(given, clientNames) : []),
  ];
}

function namespaceFaults({ namespace = "", createNamespace = true }: GivenDeployment): string[] {
  const why = namespaceFault(namespace, createNamespace);
  return why === undefined ? [] : [`namespace: ${why}; wanted createNamespace: false beside it`];
}

function limitFaults({ rateLimits, clients = {} }: GivenDeployment, clientNames: readonly string[] | undefined) {
  const named = Object.entries(clients);
  const tokens = [
    ...(rateLimits?.tokensPerMinute === undefined ? [] : ["rateLimits.tokensPerMinute"]),
    ...named
      .filter(([, limits]) => limits.tokensPerMinute !== undefined)
      .map(([name]) => `clients.${name}.tokensPerMinute`),
  ];
  const strangers = named.flatMap(([name]) => {
    if (!CLIENT_NAME.test(name)) return [`clients: ${JSON.stringify(name.slice(0, 60))} is no name of a client`];
    if (clientNames === undefined || clientNames.includes(name)) return [];
    const nearest = nearestName(name, clientNames);
    return [`clients.${name} has no key${nearest === undefined ? "" : `; meant was clients.${nearest}?`}`];
  });
  return [
    ...strangers,
    ...(named.length > 0 && rateLimits === undefined
      ? ["clients needs rateLimits beside it: rateLimits.scope says who counts, proxy or shared"]
      : []),
    ...(rateLimits?.scope === "shared"
      ? []
      : tokens.map((path) => `${path} needs rateLimits.scope shared: a proxy by itself counts requests, not tokens`)),
    ...(rateLimits?.redis !== undefined && rateLimits.scope === "proxy"
      ? ["rateLimits.redis needs rateLimits.scope shared: a proxy by itself counts in its memory"]
      : []),
    ...(rateLimits?.scope === "proxy" && named.length > MOST_LOCAL_RULES - 1
      ? [`clients names ${named.length} clients; a proxy by itself has limits for ${MOST_LOCAL_RULES - 1}`]
      : []),
  ];
}

/** Rules that Envoy Gateway takes for limits of one proxy. */
const MOST_LOCAL_RULES = 16;

function adapterFaults({ loraAdapters = [], maxLoraRank }: GivenDeployment): string[] {
  const names = loraAdapters.map(({ name }) => name);
  return [
    ...(new Set(names).size === names.length ? [] : ["loraAdapters: two adapters have the same name"]),
    ...(maxLoraRank !== undefined && names.length === 0 ? ["maxLoraRank needs loraAdapters beside it"] : []),
  ];
}

const OF_AI_GATEWAY = [
  "rateLimits",
  "clients",
  "createEnvoyProxy",
  "endpointPicker",
  "sessionHeader",
  "loadBalancerAnnotations",
] as const;

function plainGatewayFaults(given: GivenDeployment, clientNames: readonly string[] | undefined): string[] {
  const misplaced = OF_AI_GATEWAY.filter((key) => given[key] !== undefined);
  return [
    ...misplaced.map((key) => `${key} needs gateway ai-gateway: other controllers know nothing of it`),
    ...((clientNames?.length ?? 1) === 1
      ? []
      : [`gateway gateway-api: the engine checks one key for all, but clientKeys names ${clientNames?.length ?? 0}`]),
  ];
}

function optionsOf(
  given: GivenDeployment,
  { namespace: home, clientNames }: DeploymentSource,
): Partial<ServingOptions> {
  const { gatewayClass, createGatewayClass, priorityClass, createPriorityClass, rateLimits, clients, ...same } = given;
  const namespace = given.namespace ?? home;
  const [client] = clientNames ?? [];
  return {
    ...present(same),
    namespace,
    ...(gatewayClass === undefined && createGatewayClass === undefined
      ? {}
      : {
          gatewayClass: {
            name: gatewayClass ?? (createGatewayClass === true ? namespace : SERVING_DEFAULTS.gatewayClassName),
            create: createGatewayClass ?? false,
          },
        }),
    ...(priorityClass === undefined
      ? {}
      : { priorityClass: { name: priorityClass, create: createPriorityClass ?? false } }),
    ...(rateLimits === undefined ? {} : { rateLimits: limitsOf(rateLimits, clients) }),
    ...(given.gateway === "gateway-api" && client !== undefined ? { sharedKeyClient: client } : {}),
  };
}

function limitsOf(
  { scope, redis, ...everyClient }: NonNullable<GivenDeployment["rateLimits"]>,
  clients: GivenDeployment["clients"] = {},
): RateLimits {
  const named = Object.entries(clients).map(([name, limits]) => [name, present(limits)] as const);
  const store = redis === undefined ? {} : { redis };
  return { scope, ...store, everyClient: present(everyClient), clients: Object.fromEntries(named) };
}

type Present<Values> = { [Key in keyof Values]?: Exclude<Values[Key], undefined> };

/** Without the keys that have no value. */
function present<Values extends object>(values: Values): Present<Values> {
  const kept: Present<Values> = { ...values };
  for (const key of Object.keys(values)) if (Reflect.get(values, key) === undefined) Reflect.deleteProperty(kept, key);
  return kept;
}
