import { type PathStep, formatPath, isWithin, parsePath } from "./path";
import { touches } from "./force-new";
import { isJsonObject, type JsonObject, valueAt } from "./kube-object";
import { isUnknown } from "./properties";
import { isZero } from "./prune";

export type ChangeKind = "add" | "delete" | "update";

/** One difference, at a path as Pulumi writes it. */
export interface Change {
  readonly path: string;
  readonly kind: ChangeKind;
  /** The object cannot take this change: it has to be made anew. */
  readonly replaces: boolean;
}

export interface DiffOptions {
  /** What was applied before, as it is live now, cut to the fields of the inputs. */
  readonly old: JsonObject;
  readonly inputs: JsonObject;
  /** The whole live object; zero values that it leaves out are no difference. Absent for custom resources. */
  readonly live?: JsonObject | undefined;
  readonly forceNew: readonly string[];
  readonly ignore: readonly string[];
}

/** Every difference between the last state and the new inputs, in the order of the paths. */
export function diffInputs(options: DiffOptions): readonly Change[] {
  const ignored = options.ignore.map(parsePath);
  const changes: Change[] = [];
  const visit = (path: readonly PathStep[], old: unknown, wanted: unknown): void => {
    const kind = changeKind(old, wanted);
    if (kind === "none" || (kind === "add" && isOmitted(options.live, path, wanted))) return;
    if (kind === "descend") {
      for (const step of stepsOf(old, wanted)) visit([...path, step], valueAt(old, step), valueAt(wanted, step));
      return;
    }
    if (ignored.some((outer) => isWithin(path, outer))) return;
    const replaces = options.forceNew.some((pattern) => touches(pattern, path, wanted ?? old));
    changes.push({ path: formatPath(path), kind, replaces });
  };
  visit([], options.old, options.inputs);
  return changes.toSorted((a, b) => (a.path < b.path ? -1 : 1));
}

function changeKind(old: unknown, wanted: unknown): ChangeKind | "none" | "descend" {
  if (wanted === undefined) return old === undefined ? "none" : "delete";
  if (old === undefined) return "add";
  if (isUnknown(wanted)) return "update";
  if (isJsonObject(old) && isJsonObject(wanted)) return "descend";
  if (Array.isArray(old) && Array.isArray(wanted)) return "descend";
  return old === wanted ? "none" : "update";
}

function stepsOf(old: unknown, wanted: unknown): readonly PathStep[] {
  if (Array.isArray(old) && Array.isArray(wanted)) return [...Array(Math.max(old.length, wanted.length)).keys()];
  return [...new Set([...Object.keys(old ?? {}), ...Object.keys(wanted ?? {})])];
}

function isOmitted(live: JsonObject | undefined, path: readonly PathStep[], wanted: unknown): boolean {
  return live !== undefined && isZero(wanted) && valueAt(live, ...path) === undefined;
}
