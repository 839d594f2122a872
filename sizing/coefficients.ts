import type { Basis } from "./precision";

/** A constant that no datasheet states: what it stands for, in what unit, how it is known and how far it may lie. */
export interface Coefficient {
  readonly value: number;
  readonly unit: string;
  /** Range that still agrees with the evidence. */
  readonly low: number;
  readonly high: number;
  readonly basis: Basis;
  /** Where the number comes from: a document, a source file or the fit of `scripts/refit.ts`. */
  readonly source: string;
  /** Which measured runs it was fitted on; absent for what is not fitted. */
  readonly fittedOn?: string;
}

// ---- MEMORY ----

// ---- TIME ----
