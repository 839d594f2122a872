import type { ClientLimits, RateLimits, ServingOptions } from "../serving-options";
import { CLIENT_HEADER } from "./internal-headers";

/** Where Envoy AI Gateway writes what a request cost. */
export const TOKEN_METADATA = { namespace: "io.envoy.ai_gateway", total: "llm_total_token" } as const;

/** Limits of each client by its name; undefined: nobody is limited. */
export function rateLimits({ rateLimits: limits }: ServingOptions) {
  if (limits === undefined) return undefined;
  const rules = [...namedRules(limits), ...ruleOf(limits.everyClient, everybodyElse(limits))];
  if (rules.length === 0) return undefined;
  return limits.scope === "shared" ? { global: { rules } } : { local: { rules } };
}

function namedRules({ clients = {} }: RateLimits) {
  return Object.entries(clients)
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .flatMap(([client, limits]) => ruleOf(limits, [{ type: "Exact", name: CLIENT_HEADER, value: client }]));
}

/** Everybody has a bucket of their own; who is named has the named one instead. */
function everybodyElse({ clients = {} }: RateLimits) {
  const named = Object.keys(clients).toSorted();
  return [
    { type: "Distinct", name: CLIENT_HEADER },
    ...named.map((value) => ({ type: "Exact", name: CLIENT_HEADER, value, invert: true })),
  ];
}

export interface HeaderMatch {
  readonly type: string;
  readonly name: string;
  readonly value?: string;
  readonly invert?: boolean;
}

function ruleOf(limits: ClientLimits | undefined, headers: readonly HeaderMatch[]) {
  const clientSelectors = [{ headers }];
  const { requestsPerMinute, tokensPerMinute } = limits ?? {};
  return [
    ...(requestsPerMinute === undefined
      ? []
      : [{ clientSelectors, limit: { requests: requestsPerMinute, unit: "Minute" } }]),
    ...(tokensPerMinute === undefined
      ? []
      : [{ clientSelectors, limit: { requests: tokensPerMinute, unit: "Minute" }, cost: TOKEN_COST }]),
  ];
}

/** Asked before the answer whether anything is left, charged after it with what it cost. */
const TOKEN_COST = {
  request: { from: "Number", number: 0 },
  response: {
    from: "Metadata",
    metadata: { namespace: TOKEN_METADATA.namespace, key: TOKEN_METADATA.total },
  },
} as const;
