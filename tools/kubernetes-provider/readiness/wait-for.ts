import { parsePath } from "../path";
import { asText, valueAt } from "../kube-object";
import { condition } from "./conditions";
import { READY, type Readiness, type ReadinessRule, waiting } from "./readiness";

const TIMEOUT_SECONDS = 600;

interface Expectation {
  readonly text: string;
  readonly isMet: (live: unknown) => boolean;
}

/**
 * A rule from the annotation `pulumi.com/waitFor`: `condition=Ready`, `condition=Ready=False`,
 * `jsonpath={.status.phase}` or `jsonpath={.status.phase}=Running`, or a JSON array of these.
 */
export function waitForRule(annotation: string): ReadinessRule {
  const expectations = expressions(annotation).map(parseExpectation);
  return {
    timeoutSeconds: TIMEOUT_SECONDS,
    judge: (live): Readiness => {
      const missing = expectations.filter((one) => !one.isMet(live)).map((one) => one.text);
      return missing.length === 0 ? READY : waiting(missing.join(", "));
    },
  };
}

function expressions(annotation: string): readonly string[] {
  if (!annotation.trim().startsWith("[")) return [annotation];
  const list: unknown = JSON.parse(annotation);
  if (Array.isArray(list) && list.length > 0 && list.every((one) => typeof one === "string")) return list;
  throw new Error(`pulumi.com/waitFor wants a list of expressions, given ${annotation}`);
}

function parseExpectation(text: string): Expectation {
  const asCondition = /^condition=([^=]+)(?:=(.+))?$/.exec(text);
  if (asCondition !== null) {
    const [, type = "", status = "True"] = asCondition;
    return { text, isMet: (live) => condition(live, type)?.status.toLowerCase() === status.toLowerCase() };
  }
  const asPath = /^jsonpath=\{?\.?([^{}?@]+?)\}?(?:=(.+))?$/.exec(text);
  if (asPath !== null) {
    const [, path = "", value] = asPath;
    return { text, isMet: (live) => isAt(valueAt(live, ...parsePath(path)), value) };
  }
  throw new Error(
    `pulumi.com/waitFor: "${text}" is not understood; wanted condition=<type>[=<status>] or jsonpath={.path.to.field}[=<value>]`,
  );
}

function isAt(found: unknown, value: string | undefined): boolean {
  if (found === undefined || found === null) return false;
  return value === undefined || asText(found) === value;
}
