import { isJsonObject, stringAt, valueAt } from "../kubernetes-provider/kube-object";

/** What the engine's event log says about one operation. */
export interface StackEvents {
  /** Resources by what happened to them: same, create, update, delete, replace. */
  readonly changes: Readonly<Record<string, number>>;
  readonly outputsChanged: boolean;
  readonly violations: readonly Violation[];
}

export interface Violation {
  readonly policy: string;
  readonly message: string;
  readonly mandatory: boolean;
}

const UNCHANGED = new Set(["same", "read", "refresh"]);
const STACK_TYPE = "pulumi:pulumi:Stack";

/** Reads the log of `--event-log`: one JSON event a line. A last line cut off by a kill is passed over. */
export function readEvents(log: string): StackEvents {
  const events = log.split("\n").flatMap(parseLine);
  const summary = events.map((event) => valueAt(event, "summaryEvent", "resourceChanges")).findLast(isJsonObject) ?? {};
  const changes = Object.entries(summary).flatMap(([kind, count]) =>
    typeof count === "number" ? [[kind, count] as const] : [],
  );
  return {
    changes: Object.fromEntries(changes),
    outputsChanged: events.some(changesOutputs),
    violations: events.flatMap(violationIn),
  };
}

/** Whether the operation changed, or would change, anything at all. */
export function changesAnything(events: StackEvents): boolean {
  const touched = Object.entries(events.changes).some(([kind, count]) => !UNCHANGED.has(kind) && count > 0);
  return touched || events.outputsChanged;
}

/** How many resources an operation looked at. */
export function resourceCount(events: StackEvents): number {
  return Object.values(events.changes).reduce((sum, count) => sum + count, 0);
}

function parseLine(line: string): unknown[] {
  if (line.trim() === "") return [];
  try {
    return [JSON.parse(line)];
  } catch {
    return [];
  }
}

function changesOutputs(event: unknown): boolean {
  const metadata = valueAt(event, "resOutputsEvent", "metadata");
  if (stringAt(metadata, "type") !== STACK_TYPE) return false;
  const before = valueAt(metadata, "old", "outputs") ?? {};
  const after = valueAt(metadata, "new", "outputs") ?? {};
  return JSON.stringify(sorted(before)) !== JSON.stringify(sorted(after));
}

// Objects have no order for Pulumi, which writes their keys as it likes.
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isJsonObject(value)) return value;
  const keys = Object.keys(value).toSorted();
  return Object.fromEntries(keys.map((key) => [key, sorted(value[key])]));
}

function violationIn(event: unknown): Violation[] {
  const policy = valueAt(event, "policyEvent");
  if (policy === undefined) return [];
  const name = stringAt(policy, "policyName") ?? "unnamed policy";
  const message = stringAt(policy, "message") ?? "";
  return [{ policy: name, message: message.trim(), mandatory: stringAt(policy, "enforcementLevel") === "mandatory" }];
}
