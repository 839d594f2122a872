import type { Outcome } from "../../load/outcome";

const REFRESH_MS = 500;

/** One line on a terminal that tells how far a run is; silent where nobody looks. */
export class BenchProgress {
  private answered = 0;
  private failed = 0;
  private phase = "probing";
  private readonly startMs = performance.now();
  private readonly timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly stream: NodeJS.WriteStream,
    private readonly requests: number,
  ) {
    if (!stream.isTTY) return;
    this.timer = setInterval(() => this.draw(), REFRESH_MS);
    this.timer.unref();
  }

  listeners(): { onPhase: (phase: string) => void; onOutcome: (outcome: Outcome) => void } {
    return {
      onPhase: (phase) => {
        this.phase = phase;
      },
      onOutcome: ({ ok }) => {
        if (ok) this.answered += 1;
        else this.failed += 1;
      },
    };
  }

  clear(): void {
    if (this.timer === undefined) return;
    clearInterval(this.timer);
    this.stream.write("\r\u001b[K");
  }

  private draw(): void {
    const seconds = Math.round((performance.now() - this.startMs) / 1000);
    const failed = this.failed === 0 ? "" : `, ${this.failed} failed`;
    const done = this.phase === "running" ? ` ${this.answered} of ${this.requests} answered${failed}` : "";
    this.stream.write(`\r\u001b[K${this.phase}${done}, ${seconds} s (Ctrl-C shows what is measured)`);
  }
}
