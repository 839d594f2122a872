import { asText, isJsonObject, type Json } from "../kubernetes-provider/kube-object";
import { isSecret, isUnknown } from "../kubernetes-provider/properties";
import type { Field, Shape } from "./shape";

/** One input that the SDK's typings do not allow, at its path. */
export interface ShapeFault {
  readonly path: string;
  readonly reason: string;
}

/** Every input that is missing, unknown or of the wrong kind. */
export function shapeFaults(
  inputs: Readonly<Record<string, Json | undefined>>,
  fields: Readonly<Record<string, Field>>,
): ShapeFault[] {
  return objectFaults("", inputs, fields);
}

function objectFaults(
  path: string,
  value: Readonly<Record<string, Json | undefined>>,
  fields: Readonly<Record<string, Field>>,
): ShapeFault[] {
  const at = (name: string): string => (path === "" ? name : `${path}.${name}`);
  const missing = Object.entries(fields)
    .filter(([name, field]) => field.required && value[name] === undefined)
    .map(([name]) => ({ path: at(name), reason: "is required" }));
  const present = Object.entries(value).flatMap(([name, given]) => {
    if (given === undefined) return [];
    const field = fields[name];
    return field === undefined
      ? [{ path: at(name), reason: `is no property; known are ${Object.keys(fields).join(", ")}` }]
      : valueFaults(at(name), given, field.shape);
  });
  return [...missing, ...present];
}

function valueFaults(path: string, given: Json, shape: Shape): ShapeFault[] {
  const value = isSecret(given) && isJsonObject(given) ? (given["value"] ?? null) : given;
  // Only the update will tell.
  if (isUnknown(value)) return [];
  if (shape.kind === "one-of") return oneOfFaults(path, value, shape.of);
  if (shape.kind === "list") {
    if (!Array.isArray(value)) return [wrong(path, value, "a list")];
    return value.flatMap((item, index) => valueFaults(`${path}[${index}]`, item, shape.of));
  }
  if (shape.kind === "map" || shape.kind === "object") {
    if (!isJsonObject(value)) return [wrong(path, value, "an object")];
    if (shape.kind === "object") return objectFaults(path, value, shape.fields);
    return Object.entries(value).flatMap(([key, item]) =>
      item === undefined ? [] : valueFaults(`${path}.${key}`, item, shape.of),
    );
  }
  return typeof value === shape.kind ? [] : [wrong(path, value, `a ${shape.kind}`)];
}

function oneOfFaults(path: string, value: Json, shapes: readonly Shape[]): ShapeFault[] {
  const tried = shapes.map((shape) => valueFaults(path, value, shape));
  const [least] = tried.toSorted((a, b) => a.length - b.length);
  return least ?? [];
}

function wrong(path: string, value: Json, wanted: string): ShapeFault {
  const shown = asText(value);
  return { path, reason: `is ${shown.length > 80 ? `${shown.slice(0, 80)}…` : shown}, wanted ${wanted}` };
}
