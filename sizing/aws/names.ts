import { fnv1a } from "../search/hash";

/** Longest name that AWS takes, in characters. Source: the naming rules of each service's API reference. */
export const LONGEST_NAME = {
  iamRole: 64,
  bucket: 63,
  eventRule: 64,
  queue: 80,
} as const;

/**
 * A name that is cut where it is too long, and a bucket's written small and without underscores, as host names are.
 * One that had to change ends in a hash of the whole, so that two of them stay apart.
 */
export function awsName(kind: keyof typeof LONGEST_NAME, ...words: readonly string[]): string {
  const whole = words.join("-");
  const longest = LONGEST_NAME[kind];
  const allowed = kind === "bucket" ? whole.toLowerCase().replaceAll("_", "-") : whole;
  if (allowed === whole && whole.length <= longest) return whole;
  return `${allowed.slice(0, longest - 9).replace(/-+$/, "")}-${fnv1a(whole)}`;
}

/** Tags that are one to IAM, which takes no two whose names differ by case alone. Source: IAM User Guide, tagging. */
export function tagFaults(tags: Readonly<Record<string, string>>): string[] {
  const names = Object.keys(tags);
  return names.flatMap((name, index) => {
    const same = names.slice(0, index).find((other) => other.toLowerCase() === name.toLowerCase());
    return same === undefined ? [] : [`fitserve:aws.tags has ${same} and ${name}, which are one to IAM. Keep one.`];
  });
}
