import type { JudgedResource } from "./server";
import { at, textOf, UNKNOWN, type KnownValue } from "./known-values";

/** Kind of a Kubernetes resource by its type token, e.g. `Gateway`; undefined for what is none. */
export function kindOf({ type }: JudgedResource): string | undefined {
  return /^kubernetes:[^:]*:([A-Za-z]+)$/.exec(type)?.[1];
}

/** `namespace/name`, as a report writes it; without the namespace where none is said. */
export function nameOf({ inputs }: JudgedResource): string {
  const [namespace, name] = ["namespace", "name"].map((key) => textOf(at(inputs, "metadata", key)));
  return [namespace, name ?? "without a name"].filter((part) => part !== undefined).join("/");
}

/** Whether two objects are of one namespace, as far as both are known. */
export function sharesNamespace(one: JudgedResource, other: JudgedResource): boolean {
  const [mine, theirs] = [one, other].map(({ inputs }) => at(inputs, "metadata", "namespace"));
  return mine === UNKNOWN || theirs === UNKNOWN || mine === theirs;
}

/** Whether the labels have all that a selector asks for; an empty selector asks for nothing. */
export function selects(
  matchLabels: Readonly<Record<string, KnownValue>>,
  labels: Readonly<Record<string, KnownValue>>,
): boolean {
  return Object.entries(matchLabels).every(([key, value]) => value === UNKNOWN || labels[key] === value);
}
