import type { ResourceValidationPolicy } from "@pulumi/policy";
import * as proxy from "@pulumi/policy/proxy";

/** Written into inputs where the engine does not know a value at preview. */
export const UNKNOWN_AT_PREVIEW: string = internal("unknownStringValue");

/** The package ships these without declaring them. */
export function internal(name: string) {
  return Reflect.get(proxy, name);
}

export type Verdict =
  | { readonly kind: "violations"; readonly messages: readonly string[] }
  | { readonly kind: "not-applicable"; readonly reason: string }
  | { readonly kind: "unknown"; readonly message: string };

export class NotApplicable extends Error {}

/** Runs a policy as `@pulumi/policy`'s server does: through its proxy, with its two ways of not judging. */
export async function judged(
  policy: ResourceValidationPolicy,
  inputs: Record<string, unknown>,
  { type = "kubernetes:apps/v1:Deployment", config = {} }: { type?: string; config?: object } = {},
): Promise<Verdict> {
  const messages: string[] = [];
  const validations = [policy.validateResource ?? []].flat();
  const args = {
    type,
    props: internal("unknownCheckingProxy")(inputs),
    urn: `urn:pulumi:test::fitserve::${type}::llm`,
    name: "llm",
    opts: { protect: false, ignoreChanges: [], aliases: [], customTimeouts: NO_TIMEOUTS, additionalSecretOutputs: [] },
    stackTags: new Map<string, string>(),
    isType: () => false,
    asType: () => undefined,
    // The server hands out whatever the configuration is, under the type that the rule asks for.
    getConfig: () => Object(config),
    notApplicable: (reason?: string): never => {
      throw new NotApplicable(reason);
    },
  };
  try {
    for (const validate of validations) await validate(args, (message) => void messages.push(message));
  } catch (error) {
    if (error instanceof NotApplicable) return { kind: "not-applicable", reason: error.message };
    if (error instanceof Error && error.message.includes("can't be known")) {
      return { kind: "unknown", message: error.message };
    }
    throw error;
  }
  return { kind: "violations", messages };
}

export const NO_TIMEOUTS = { createSeconds: 0, updateSeconds: 0, deleteSeconds: 0 };
