import { listAt, stringAt } from "../kube-object";

export interface Condition {
  readonly status: string;
  readonly reason: string;
  readonly message: string;
}

/** The condition of a type in an object's status, or undefined where it is not reported. */
export function condition(live: unknown, type: string): Condition | undefined {
  const found = listAt(live, "status", "conditions").find((one) => stringAt(one, "type") === type);
  if (found === undefined) return undefined;
  return {
    status: stringAt(found, "status") ?? "Unknown",
    reason: stringAt(found, "reason") ?? "",
    message: stringAt(found, "message") ?? "",
  };
}

export function isTrue(live: unknown, type: string): boolean {
  return condition(live, type)?.status === "True";
}

/** A condition in words: its reason and message. */
export function inWords(one: Condition): string {
  return [one.reason, one.message].filter((part) => part !== "").join(": ");
}
