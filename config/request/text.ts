import { LineCounter, parseDocument } from "yaml";
import { distinct, type Fault } from "./faults";

/**
 * A request file as data: YAML 1.2, and so JSON too. Anchors that multiply are cut off by the parser's alias limit.
 * Duplicate keys are faults, because which of two values was meant cannot be known.
 */
export function parseRequestText(
  text: string,
): { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly faults: readonly Fault[] } {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true });
  if (document.errors.some(({ message }) => message.includes("call stack"))) {
    return { ok: false, faults: [syntaxFault("text that nests too deeply", "it nests too deeply to be read")] };
  }
  if (document.errors.length > 0) {
    const faults = document.errors.map((error) => {
      const { line, col } = lines.linePos(error.pos[0]);
      const given = error.code === "DUPLICATE_KEY" ? "the same key twice" : "text that is not YAML";
      return syntaxFault(given, `line ${line}, column ${col}: ${error.message}`);
    });
    return { ok: false, faults: distinct(faults) };
  }
  try {
    return { ok: true, value: document.toJS({ maxAliasCount: 100 }) as unknown };
  } catch (error) {
    return {
      ok: false,
      faults: [syntaxFault("text that is not YAML", error instanceof Error ? error.message : "unreadable")],
    };
  }
}

function syntaxFault(given: string, where: string): Fault {
  return { path: "", given, wanted: "YAML or JSON", message: `request: ${where}` };
}
