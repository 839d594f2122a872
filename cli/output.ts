/** Whether colours help: on a terminal, unless NO_COLOR (https://no-color.org) or a dumb terminal says no. */
export function wantsColor(stream: { readonly isTTY?: boolean }, env: NodeJS.ProcessEnv): boolean {
  const noColor = env["NO_COLOR"];
  return stream.isTTY === true && (noColor === undefined || noColor === "") && env["TERM"] !== "dumb";
}

/** Writes everything before the process may end; a reader that went away (`| head`) is no fault. */
export async function write(stream: NodeJS.WritableStream, text: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    stream.write(text, (error) => {
      if (error === null || error === undefined || isClosedPipe(error)) resolve();
      else reject(error);
    });
  });
}

export function isClosedPipe(error: unknown): boolean {
  return error instanceof Error && "code" in error && (error.code === "EPIPE" || error.code === "ERR_STREAM_DESTROYED");
}

/** A reader that goes away ends the output quietly instead of the program loudly. */
export function ignoreClosedPipes(...streams: NodeJS.WritableStream[]): void {
  for (const stream of streams) {
    stream.on("error", (error) => {
      if (!isClosedPipe(error)) throw error;
    });
  }
}
