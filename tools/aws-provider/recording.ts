import { createHash } from "node:crypto";
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isJsonObject, type JsonObject, stringAt } from "../kubernetes-provider/kube-object";
import type { Named } from "./recorded-package";

export const OPERATIONS = ["create", "update", "delete"] as const;
export type Operation = (typeof OPERATIONS)[number];

/** One operation that has been carried out, in the order of the journal. */
export interface Entry extends Named {
  readonly operation: Operation;
}

/** A resource of the cloud that the recording plays. */
export interface Live extends Named {
  readonly id: string;
  readonly state: JsonObject;
}

/**
 * The cloud of the recording providers, in a folder: what is there, a journal of what was done, and the operations that
 * are to fail. Each provider is a process of its own, so that each resource has a file of its own.
 */
export class Recording {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
    mkdirSync(this.#live, { recursive: true });
  }

  get #live(): string {
    return join(this.#folder, "live");
  }

  get #journal(): string {
    return join(this.#folder, "journal.jsonl");
  }

  /** One line each: operation, type and name; a line that fits ends the operation with the rest of it. */
  get #failures(): string {
    return join(this.#folder, "failures");
  }

  fileOf(id: string, type: string): string {
    return join(this.#live, `${createHash("sha256").update(`${type} ${id}`).digest("hex").slice(0, 16)}.json`);
  }

  read(id: string, type: string): JsonObject | undefined {
    const file = this.fileOf(id, type);
    if (!existsSync(file)) return undefined;
    const parsed: unknown = JSON.parse(readFileSync(file, "utf8"));
    return isJsonObject(parsed) && isJsonObject(parsed["state"]) ? parsed["state"] : undefined;
  }

  write(resource: Live): void {
    writeFileSync(this.fileOf(resource.id, resource.type), JSON.stringify(resource));
  }

  remove(id: string, type: string): void {
    rmSync(this.fileOf(id, type), { force: true });
  }

  all(): Live[] {
    return readdirSync(this.#live).flatMap((file) => {
      const parsed: unknown = JSON.parse(readFileSync(join(this.#live, file), "utf8"));
      const [id, type, name] = [stringAt(parsed, "id"), stringAt(parsed, "type"), stringAt(parsed, "name")];
      const state = isJsonObject(parsed) ? parsed["state"] : undefined;
      if (id === undefined || type === undefined || name === undefined || !isJsonObject(state)) return [];
      return [{ id, type, name, state }];
    });
  }

  record(entry: Entry): void {
    appendFileSync(this.#journal, `${JSON.stringify(entry)}\n`);
  }

  /** What has been done since the journal was last cleared. */
  entries(): Entry[] {
    if (!existsSync(this.#journal)) return [];
    const lines = readFileSync(this.#journal, "utf8").trim().split("\n");
    return lines.flatMap((line) => {
      const parsed: unknown = line === "" ? undefined : JSON.parse(line);
      const operation = OPERATIONS.find((one) => one === stringAt(parsed, "operation"));
      const [type, name] = [stringAt(parsed, "type"), stringAt(parsed, "name")];
      return operation === undefined || type === undefined || name === undefined ? [] : [{ operation, type, name }];
    });
  }

  clearJournal(): void {
    rmSync(this.#journal, { force: true });
  }

  failOn(operation: Operation, name: string, message: string): void {
    writeFileSync(this.#failures, `${operation} ${name} ${message}\n`);
  }

  failOnNothing(): void {
    rmSync(this.#failures, { force: true });
  }

  /** Message with which this operation is to fail, or undefined. */
  failure(operation: Operation, { name }: Named): string | undefined {
    if (!existsSync(this.#failures)) return undefined;
    const start = `${operation} ${name} `;
    const line = readFileSync(this.#failures, "utf8")
      .split("\n")
      .find((one) => one.startsWith(start));
    return line?.slice(start.length);
  }
}
