/** What a property may hold, as far as the SDK's typings say. */
export type Shape =
  | { readonly kind: "string" | "number" | "boolean" }
  | { readonly kind: "list"; readonly of: Shape }
  | { readonly kind: "map"; readonly of: Shape }
  | { readonly kind: "object"; readonly fields: Readonly<Record<string, Field>> }
  | { readonly kind: "one-of"; readonly of: readonly Shape[] };

export interface Field {
  readonly required: boolean;
  readonly shape: Shape;
}

/** A resource type of the SDK: what it takes, and what AWS adds. */
export interface ResourceShape {
  readonly inputs: Readonly<Record<string, Field>>;
  /** Kind of each property that is not an input. */
  readonly outputs: Readonly<Record<string, OutputKind>>;
}

export type OutputKind = "string" | "number" | "boolean" | "list" | "map";
