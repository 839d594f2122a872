/** One step of a property path: a key of an object, or a place in an array. */
export type PathStep = string | number;

/** A path as Pulumi writes it: `spec.template.spec.containers[0].args[1]`. */
export function formatPath(path: readonly PathStep[]): string {
  let text = "";
  for (const step of path) {
    if (typeof step === "number") text += `[${step}]`;
    else if (/[."[\]]/.test(step)) text += `["${step.replaceAll('"', String.raw`\"`)}"]`;
    else text += text === "" ? step : `.${step}`;
  }
  return text;
}

/** The steps of a path that Pulumi wrote; a `*` stays a step of its own. */
export function parsePath(text: string): PathStep[] {
  const steps: PathStep[] = [];
  for (const match of text.matchAll(/\["((?:[^"\\]|\\.)*)"\]|\[(\d+|\*)\]|([^.[\]]+)/g)) {
    const [, quoted, place, key] = match;
    if (quoted !== undefined) steps.push(quoted.replaceAll(String.raw`\"`, '"'));
    else if (place !== undefined) steps.push(place === "*" ? "*" : Number(place));
    else if (key !== undefined) steps.push(key);
  }
  return steps;
}

/** Whether a path is at or below another, in which `*` matches any step. */
export function isWithin(path: readonly PathStep[], outer: readonly PathStep[]): boolean {
  return outer.every((step, index) => step === "*" || step === path[index]) && path.length >= outer.length;
}
