import { InvalidInputError } from "./errors";

/** What all parts give, or what is wrong with the user's input to any of them in one message. */
export async function allOf<Parts extends readonly unknown[]>(parts: {
  readonly [Index in keyof Parts]: () => Parts[Index] | Promise<Parts[Index]>;
}): Promise<Parts>;
export async function allOf(parts: readonly (() => unknown)[]): Promise<readonly unknown[]> {
  const settled = await Promise.allSettled(parts.map(async (part) => part()));
  const reasons: readonly unknown[] = settled.flatMap((one) => (one.status === "rejected" ? [one.reason] : []));
  const invalid = reasons.flatMap((reason) => (reason instanceof InvalidInputError ? [reason.message] : []));
  if (invalid.length > 0) throw new InvalidInputError(invalid.join("\n"));
  if (reasons.length > 0) throw reasons[0];
  return settled.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
}
