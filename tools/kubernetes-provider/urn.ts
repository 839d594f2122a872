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
  const [group = "", version] = module.split("/");
  // A CustomResource of the core group has a type without a group, which the official provider refuses too.
  if (version === undefined || kind === "") {
    throw new Error(`the type "${type}" is no Kubernetes resource: wanted kubernetes:<group>/<version>:<kind>`);
  }
  return { name, kind, apiVersion: group === "core" ? version : `${group}/${version}` };
}

/** Whether a resource only patches an object that something else owns. */
export function isPatch(type: ResourceType, kind: unknown): boolean {
  return typeof kind === "string" && type.kind === `${kind}Patch`;
}
