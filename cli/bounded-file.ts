import { closeSync, openSync, readSync } from "node:fs";

const CHUNK_BYTES = 64 * 1024;

/** A file or stream holds more than its reader can use. */
export class FileTooLargeError extends Error {}

/**
 * The whole of a file that has at most `mostBytes`; a device such as /dev/zero has no end.
 *
 * @throws FileTooLargeError, and what the file system says of a file that cannot be read
 */
export function readUpTo(path: string, mostBytes: number): Buffer {
  const file = openSync(path, "r");
  try {
    const chunks: Buffer[] = [];
    for (let length = 0; ;) {
      const chunk = Buffer.alloc(CHUNK_BYTES);
      const read = readSync(file, chunk, 0, CHUNK_BYTES, null);
      if (read === 0) return Buffer.concat(chunks);
      length += read;
      if (length > mostBytes) throw new FileTooLargeError();
      chunks.push(chunk.subarray(0, read));
    }
  } finally {
    closeSync(file);
  }
}

/** The same of a stream, such as standard input. */
export async function readStreamUpTo(stream: AsyncIterable<unknown>, mostBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of stream) {
    const bytes = Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk));
    length += bytes.length;
    if (length > mostBytes) throw new FileTooLargeError();
    chunks.push(bytes);
  }
  return Buffer.concat(chunks);
}
