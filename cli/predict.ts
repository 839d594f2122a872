import { once } from "node:events";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { Command } from "commander";
import { loadCatalog } from "../config/catalog";
import { asFields } from "../config/model-config/fields";
import { parsePredictRequest } from "../config/predict-request";
import { predict } from "../sizing/predict";
import { isClosedPipe } from "./output";
import { PREDICT_HELP } from "./predict-help";

/** A config.json has about five; thousands would exhaust the stack. */
const MOST_LEVELS = 64;

interface ErrorAnswer {
  readonly code: string;
  readonly message: string;
  /** Fields that are at fault. */
  readonly fields?: readonly string[];
}

/** `fitserve predict`: JSON lines in, JSON lines out. Exit 0 after any stream. */
export function predictCommand(): Command {
  return new Command("predict")
    .description("predict memory and speed of given engine flags on a given GPU: JSON lines in, JSON lines out")
    .addHelpText("after", PREDICT_HELP)
    .action(async () => {
      await predictStream(process.stdin, process.stdout);
    });
}

/** Answers every line of `input` on `output`, one at a time, waiting where the reader is slower than we are. */
export async function predictStream(input: Readable, output: Writable): Promise<void> {
  const pipe = new ClosedPipe(output);
  const lines = createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY });
  let lineNumber = 0;
  for await (const line of lines) {
    lineNumber += 1;
    if (line.trim() === "") continue;
    if (pipe.isClosed) break;
    const isFull = !output.write(`${JSON.stringify(answerLine(line, lineNumber))}\n`);
    if (isFull && !pipe.isClosed) await pipe.drained();
  }
  lines.close();
}

/** Somebody who reads the first lines only (`| head`) is no error. */
class ClosedPipe {
  isClosed = false;
  private readonly closed: Promise<void>;

  constructor(private readonly output: Writable) {
    this.closed = new Promise((resolve) => {
      output.on("error", (failure) => {
        if (!isClosedPipe(failure)) throw failure;
        this.isClosed = true;
        resolve();
      });
    });
  }

  async drained(): Promise<void> {
    await Promise.race([once(this.output, "drain"), this.closed]);
  }
}

/** The answer to one line: a prediction, or an error that names the field. */
export function answerLine(line: string, lineNumber: number): object {
  let parsed: unknown;
  try {
    // Windows editors put a byte order mark before the first line.
    parsed = JSON.parse(line.replace(/^\uFEFF/, ""));
  } catch {
    return { id: null, line: lineNumber, error: error("invalid-json", `line ${lineNumber} is no JSON`) };
  }
  const request = asFields(parsed);
  if (request === undefined) {
    return { id: null, line: lineNumber, error: error("invalid-request", `line ${lineNumber} is no JSON object`) };
  }
  const { id } = request;
  const isNamed = typeof id === "string" || typeof id === "number";
  return { ...(isNamed ? { id } : { id: null, line: lineNumber }), ...answerSafely(request) };
}

/** A line that meets a bug of ours must not take the rest of the stream with it. */
function answerSafely(request: Readonly<Record<string, unknown>>): object {
  try {
    return answerRequest(request);
  } catch (failure) {
    const text = failure instanceof Error ? failure.message : String(failure);
    return { error: error("internal", `fitserve could not work this out: ${text}`) };
  }
}

function answerRequest(request: Readonly<Record<string, unknown>>): object {
  const deepKey = Object.keys(request).find((key) => isDeeper(request[key], MOST_LEVELS));
  if (deepKey !== undefined) {
    const name = deepKey.slice(0, 60);
    return {
      error: { ...error("invalid-request", `${name} nests deeper than ${MOST_LEVELS} levels`), fields: [name] },
    };
  }
  const parsed = parsePredictRequest(request, loadCatalog());
  if (!parsed.ok) {
    const fields = [...new Set(parsed.faults.map((fault) => fault.field))];
    const message = parsed.faults.map((fault) => fault.message).join("; ");
    return { error: { ...error(parsed.code, message), fields } };
  }
  const { deployment, load, given, notes } = parsed.request;
  const prediction = predict(deployment, load, given);
  if (!prediction.ok) return { error: { ...error(prediction.code, prediction.message), fields: [prediction.field] } };
  const said = [...notes, ...prediction.notes];
  return {
    memory: prediction.memory,
    ...(prediction.performance === undefined ? {} : { performance: prediction.performance }),
    ...(said.length === 0 ? {} : { notes: said }),
  };
}

function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== "object" || value === null) return false;
  return levels === 0 || Object.values(value).some((inner) => isDeeper(inner, levels - 1));
}

function error(code: string, message: string): ErrorAnswer {
  return { code, message };
}
