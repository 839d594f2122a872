import type { ManagedApi, QualityNote } from "../sizing/compare/comparison";
import { MANAGED_APIS } from "./data/managed-apis";
import { QUALITY_NOTES } from "./data/quality-notes";

/** Managed APIs with their list prices; a row that makes no sense is a fault of the data, found at once. */
export function loadManagedApis(): readonly ManagedApi[] {
  const names = new Set<string>();
  for (const { name, usdPerMillionInputTokens, usdPerMillionOutputTokens, source } of MANAGED_APIS) {
    if (names.has(name)) throw new Error(`managed API ${name} is there twice`);
    names.add(name);
    if (!(usdPerMillionInputTokens > 0 && usdPerMillionOutputTokens > 0))
      throw new Error(`managed API ${name}: a price is not above zero`);
    assertLink(`managed API ${name}`, source);
  }
  return MANAGED_APIS;
}

/** Published notes on the quality of quantized weights. */
export function loadQualityNotes(): readonly QualityNote[] {
  for (const note of QUALITY_NOTES) assertLink(`quality note on ${note.quantization}`, note.source);
  return QUALITY_NOTES;
}

function assertLink(subject: string, source: string): void {
  if (!source.startsWith("https://")) throw new Error(`${subject}: the source is no link`);
}
