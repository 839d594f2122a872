import type { StackValidationPolicy } from "@pulumi/policy";
import type { KubernetesObject } from "../../components/kubernetes-object";
import { internal, NO_TIMEOUTS, NotApplicable, type Verdict } from "./judged";

export interface TypedInputs {
  readonly type: string;
  readonly inputs: Record<string, unknown>;
}

/** An object under the type token that Pulumi gives it. */
export function typed(object: KubernetesObject): TypedInputs {
  return { type: `kubernetes:${object.apiVersion}:${object.kind}`, inputs: { ...object } };
}

/** Runs a stack's policy as `@pulumi/policy`'s server does. */
export function judgedStack(policy: StackValidationPolicy, stack: readonly TypedInputs[]): Verdict {
  const messages: string[] = [];
  const resources = stack.map(({ type, inputs }, index) => ({
    type,
    props: internal("unknownCheckingProxy")(inputs),
    urn: `urn:pulumi:test::fitserve::${type}::object-${index}`,
    name: `object-${index}`,
    opts: { protect: false, ignoreChanges: [], aliases: [], customTimeouts: NO_TIMEOUTS, additionalSecretOutputs: [] },
    dependencies: [],
    propertyDependencies: {},
    isType: () => false,
    asType: () => undefined,
  }));
  const args = { resources, stackTags: new Map<string, string>(), getConfig: () => Object({}), notApplicable };
  try {
    void policy.validateStack(args, (message) => void messages.push(message));
  } catch (error) {
    if (error instanceof NotApplicable) return { kind: "not-applicable", reason: error.message };
    throw error;
  }
  return { kind: "violations", messages };
}

function notApplicable(reason?: string): never {
  throw new NotApplicable(reason);
}
