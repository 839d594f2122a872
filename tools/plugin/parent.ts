const POLL_MS = 500;

/**
 * Calls back once the process that started this one is gone. A killed engine ends none of its plugins, and a program
 * without its engine spins at full load; so each plugin looks for itself.
 */
export function watchParent(onGone: () => void): void {
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    onGone();
  }, POLL_MS);
  timer.unref();
}
