/** Stands for a value that the engine learns only while it updates. */
export const UNKNOWN = Symbol("unknown until the update");

/** A plain copy of a resource's inputs; what is not known at preview is `UNKNOWN`. */
export type KnownValue =
  | typeof UNKNOWN
  | string
  | number
  | boolean
  | null
  | undefined
  | readonly KnownValue[]
  | { readonly [key: string]: KnownValue };

/** Deeper than any pod; stops at something that is no tree. */
const DEEPEST = 32;

/**
 * Copies inputs so that rules can read around an unknown. Reading one directly throws, and Pulumi then downgrades a
 * mandatory rule to a warning for the whole resource, even if the unknown was a label that nobody asked about.
 */
export function knownCopy(value: unknown, depth = 0): KnownValue {
  if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") return value;
  if (typeof value !== "object" || value === null || depth > DEEPEST) return value === null ? null : undefined;
  const copied = Object.keys(value).map((key) => [key, knownProperty(value, key, depth)] as const);
  return Array.isArray(value) ? copied.map(([, item]) => item) : Object.fromEntries(copied);
}

function knownProperty(owner: object, key: string, depth: number): KnownValue {
  try {
    return knownCopy(Reflect.get(owner, key), depth + 1);
  } catch (error) {
    if (isUnknownValueError(error)) return UNKNOWN;
    throw error;
  }
}

/** `@pulumi/policy` does not export the class; its message is the same since 2019. */
function isUnknownValueError(error: unknown): boolean {
  return error instanceof Error && error.message.includes("can't be known during preview");
}

export function childOf(value: KnownValue, key: string): KnownValue {
  return isRecord(value) ? value[key] : value === UNKNOWN ? UNKNOWN : undefined;
}

export function at(value: KnownValue, ...path: readonly string[]): KnownValue {
  return path.reduce(childOf, value);
}

export function listOf(value: KnownValue): readonly KnownValue[] {
  return isList(value) ? value : [];
}

export function recordOf(value: KnownValue): Readonly<Record<string, KnownValue>> {
  return isRecord(value) ? value : {};
}

export function textOf(value: KnownValue): string | undefined {
  return typeof value === "string" ? value : typeof value === "number" ? String(value) : undefined;
}

function isList(value: KnownValue): value is readonly KnownValue[] {
  return Array.isArray(value);
}

function isRecord(value: KnownValue): value is { readonly [key: string]: KnownValue } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
