import { stdout } from "node:process";
import { isatty } from "node:tty";
import picocolors from "picocolors";
import { wantsColor } from "../../cli/output";

/** Colours for standard output, or none where it wants none. */
export const colours = picocolors.createColors(wantsColor(stdout, process.env));

export function say(text = ""): void {
  stdout.write(`${text}\n`);
}

/** A stage of the run, so that a log can be read by its headings. */
export function heading(text: string): void {
  say(`\n${colours.bold(`▸ ${text}`)}`);
}

const PLAIN_INTERVAL_MS = 20_000;
const TERMINAL_INTERVAL_MS = 500;

/** Shows a line that changes: rewritten in place on a terminal, repeated now and then in a log. */
export function showProgress(line: () => string): { stop: (last: string) => void } {
  const onTerminal = isatty(stdout.fd);
  const show = () => {
    if (onTerminal) stdout.write(`\r\u001b[2K${line().slice(0, (stdout.columns ?? 80) - 1)}`);
    else say(line());
  };
  show();
  const timer = setInterval(show, onTerminal ? TERMINAL_INTERVAL_MS : PLAIN_INTERVAL_MS);
  return {
    stop: (last) => {
      clearInterval(timer);
      if (onTerminal) stdout.write("\r\u001b[2K");
      say(last);
    },
  };
}

/** `75` → `1 min 15 s`. */
export function duration(seconds: number): string {
  const whole = Math.round(seconds);
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`;
}
