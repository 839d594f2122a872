import type { EngineRequest } from "./engine-request";

interface Entry {
  readonly step: number;
  readonly request: EngineRequest;
}

/** Decoding requests by the step at which they end; entries of evicted requests are skipped when met. */
export class FinishHeap {
  private readonly entries: Entry[] = [];

  push(request: EngineRequest): void {
    const entry: Entry = { step: request.finishStep, request };
    const { entries } = this;
    let i = entries.length;
    entries.push(entry);
    while (i > 0) {
      const parent = (i - 1) >> 1;
      const above = entries[parent];
      if (above === undefined || above.step <= entry.step) break;
      entries[i] = above;
      i = parent;
    }
    entries[i] = entry;
  }

  /** Step of the next end, Infinity when nothing decodes. */
  nextStep(): number {
    this.dropStale();
    return this.entries[0]?.step ?? Infinity;
  }

  /** Takes out one request that ends at or before `step`. */
  popUntil(step: number): EngineRequest | undefined {
    this.dropStale();
    const top = this.entries[0];
    if (top === undefined || top.step > step) return undefined;
    this.removeTop();
    return top.request;
  }

  private dropStale(): void {
    for (let top = this.entries[0]; top !== undefined; top = this.entries[0]) {
      if (top.request.decoding && top.request.finishStep === top.step) return;
      this.removeTop();
    }
  }

  private removeTop(): void {
    const { entries } = this;
    const moved = entries.pop();
    if (moved === undefined || entries.length === 0) return;
    let i = 0;
    for (;;) {
      const left = 2 * i + 1;
      const leftEntry = entries[left];
      if (leftEntry === undefined) break;
      const rightEntry = entries[left + 1];
      const child = rightEntry !== undefined && rightEntry.step < leftEntry.step ? left + 1 : left;
      const below = child === left ? leftEntry : rightEntry;
      if (below === undefined || below.step >= moved.step) break;
      entries[i] = below;
      i = child;
    }
    entries[i] = moved;
  }
}
