import type { JsonObject } from "../kubernetes-provider/kube-object";

/** A resource as the program names it. */
export interface Named {
  readonly type: string;
  readonly name: string;
}

export interface CheckedInputs {
  readonly inputs: JsonObject;
  readonly faults: readonly { readonly path: string; readonly reason: string }[];
}

/** What the recording provider has to know of a package; the protocol and the state are the same for all. */
export interface RecordedPackage {
  readonly name: string;
  readonly version: string;
  /** Completes inputs and finds what is wrong with them; `olds` are those of the last run. */
  check(resource: Named, news: JsonObject, olds: JsonObject, seed: Uint8Array): CheckedInputs;
  /** Patterns of the properties whose change replaces. */
  forceNew(resource: Named, inputs: JsonObject): readonly string[];
  id(resource: Named, inputs: JsonObject): string;
  /** Everything that the resource has: its inputs, and what the cloud adds. */
  outputs(resource: Named, id: string, inputs: JsonObject, previous: JsonObject): JsonObject;
  /** What a preview can say of the outputs; `previous` is empty for a resource that is not there yet. */
  previewed(resource: Named, inputs: JsonObject, previous: JsonObject): JsonObject;
  /** Answer of a function; undefined: this package has none of the name. */
  invoke(token: string, args: JsonObject): JsonObject | undefined;
  /** Why the configuration is refused, or undefined. */
  configurationFault(variables: Readonly<Record<string, string>>): string | undefined;
}
