import type { ServingOptions } from "../serving-options";

/** An Envoy Gateway that comes with the stack has to be told where it counts, or every request would get 500. */
export function redisFaults({ rateLimits }: Partial<Pick<ServingOptions, "rateLimits">>): readonly string[] {
  return rateLimits?.scope === "shared" && rateLimits.redis === undefined
    ? [
        "rateLimits.scope shared needs rateLimits.redis, the host:port of a Redis that pods reach: Envoy Gateway comes " +
          "with the stack, and a Redis does not. Or take scope proxy.",
      ]
    : [];
}

/** The one Redis of all these models; undefined where none has shared limits. */
export function rateLimitRedis(all: readonly Partial<Pick<ServingOptions, "rateLimits">>[]): string | undefined {
  return all.flatMap(({ rateLimits }) => rateLimits?.redis ?? [])[0];
}

/** A gateway counts in one place for all of its models. */
export function oneRedisFaults(all: readonly Partial<Pick<ServingOptions, "rateLimits">>[]): readonly string[] {
  const named = [...new Set(all.flatMap(({ rateLimits }) => rateLimits?.redis ?? []))];
  return named.length < 2
    ? []
    : [`models of one cluster count in one Redis, and rateLimits.redis names ${named.join(", ")}`];
}
