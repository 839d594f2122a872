import { monitorEventLoopDelay, performance } from "node:perf_hooks";

/** How busy the client itself was, by which a run is believed or not. */
export interface ClientLoad {
  /** How late the client's own timers came, milliseconds. */
  readonly meanLagMs: number;
  readonly p99LagMs: number;
  /** Share of the time that its one thread worked. */
  readonly busyShare: number;
}

const RESOLUTION_MS = 10;
const NANOSECONDS_PER_MS = 1e6;

/** Watches the event loop until asked. */
export function watchClient(): () => ClientLoad {
  const delays = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  const before = performance.eventLoopUtilization();
  delays.enable();
  return () => {
    delays.disable();
    const { utilization } = performance.eventLoopUtilization(before);
    // What is recorded is the time between two ticks; a tick comes every RESOLUTION_MS when nothing is late.
    const lag = (nanoseconds: number): number =>
      delays.count === 0 ? 0 : Math.max(0, nanoseconds / NANOSECONDS_PER_MS - RESOLUTION_MS);
    return { meanLagMs: lag(delays.mean), p99LagMs: lag(delays.percentile(99)), busyShare: utilization };
  };
}

/** Above it requests wait for the client and not for the server. */
const MOST_BUSY_SHARE = 0.8;
/** Of the median gap between tokens. */
const MOST_LAG_SHARE = 0.1;

/** Why the client, and not the server, made the figures; undefined where it did not. */
export function clientLimit({ meanLagMs, busyShare }: ClientLoad, medianGapMs: number | undefined): string | undefined {
  if (busyShare > MOST_BUSY_SHARE)
    return `the client's thread was busy ${Math.round(busyShare * 100)} % of the time; spread the load over several clients`;
  if (medianGapMs !== undefined && medianGapMs > 0 && meanLagMs > MOST_LAG_SHARE * medianGapMs)
    return (
      `the client read ${meanLagMs.toFixed(1)} ms late on average, more than a tenth of the median gap between ` +
      `tokens of ${medianGapMs.toFixed(1)} ms; run it on an idle machine`
    );
  return undefined;
}
