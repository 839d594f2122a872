/** Header that carries the client's name from the check of its key to the rate limits, the log and the engine. */
export const CLIENT_HEADER = "x-client-id";

/**
 * Headers that steer the proxies themselves: which model, which replica, which client, how often to try again. Only
 * the gateway sets them; whatever a client sends is removed before anything is decided.
 */
export const INTERNAL_HEADERS = {
  names: [CLIENT_HEADER, "x-gateway-destination-endpoint"],
  prefixes: ["x-ai-eg-", "x-envoy-"],
} as const;

/** Whether what a client sends under this name is removed. */
export function isInternalHeader(name: string): boolean {
  const lower = name.toLowerCase();
  return (
    INTERNAL_HEADERS.names.some((internal) => internal === lower) ||
    INTERNAL_HEADERS.prefixes.some((prefix) => lower.startsWith(prefix))
  );
}
