/** What a resource's URN tells: its name in the program and its type. */
export interface ResourceType {
  readonly name: string;
  /** The kind as the SDK names it; patch resources end in `Patch`. */
  readonly kind: string;
  readonly apiVersion: string;
}

/** Reads `urn:pulumi:stack::project::parent$type::name`, whose type is `kubernetes:<group>/<version>:<kind>`. */
export function parseUrn(urn: string): ResourceType {
  const parts = urn.split("::");
  const name = parts.slice(3).join("::");
  const type = parts[2]?.split("$").at(-1) ?? "";
  const [, module = "", kind = ""] = type.split(":");
  if (module === "" || kind === "") {
    throw new Error(`the type "${type}" is no Kubernetes resource: wanted kubernetes:<group>/<version>:<kind>`);
  }
  // Typed resources of the core group say `core/v1`; a CustomResource with apiVersion v1 says `v1`.
  return { name, kind, apiVersion: module.replace(/^core\//, "") };
}

/** Whether a resource only patches an object that something else owns. */
export function isPatch(type: ResourceType, kind: unknown): boolean {
  return typeof kind === "string" && type.kind === `${kind}Patch`;
}
