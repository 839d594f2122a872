import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";

interface StoredObject {
  readonly body: Buffer;
  /** As the job that fills the bucket puts it beside the object. */
  readonly sha256: string | undefined;
}

/** Fewer than a checkpoint has files, so that whoever lists has to ask for the next page. */
const KEYS_PER_PAGE = 2;

/** One bucket as S3 shows it over HTTP: lists by pages, heads, and whole objects or ranges of them. */
export class BucketServer {
  readonly #objects = new Map<string, StoredObject>();
  readonly #server: Server;
  /** `GET key` of each object that was asked for, in order. */
  readonly downloads: string[] = [];

  constructor(readonly name: string) {
    this.#server = createServer((request, response) => this.#answer(request, response));
  }

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    const address = this.#server.address();
    if (address === null || typeof address === "string") throw new Error("no port");
    return `http://127.0.0.1:${address.port}`;
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  /** Stores an object with its own hash, or with the one that is given; without one for undefined. */
  put(key: string, body: Buffer, sha256: string | undefined = hashOf(body)): void {
    this.#objects.set(key, { body, sha256 });
  }

  putWithoutHash(key: string, body: Buffer): void {
    this.#objects.set(key, { body, sha256: undefined });
  }

  /** Every object: key, and the hash beside it. */
  stored(): Readonly<Record<string, string | undefined>> {
    return Object.fromEntries([...this.#objects].map(([key, { sha256 }]) => [key, sha256]));
  }

  empty(): void {
    this.#objects.clear();
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url ?? "/", "http://bucket");
    const [, bucket, ...rest] = decodeURIComponent(url.pathname).split("/");
    const key = rest.join("/");
    if (bucket !== this.name) return void response.writeHead(404).end();
    if (key === "") return void response.writeHead(200).end(this.#page(url.searchParams));
    if (request.method === "PUT") return this.#store(request, response, key);
    const found = this.#objects.get(key);
    if (found === undefined) return void response.writeHead(404).end();
    if (request.method === "GET") this.downloads.push(key);
    this.#send(request, response, found);
  }

  #store(request: IncomingMessage, response: ServerResponse, key: string): void {
    const parts: Buffer[] = [];
    request.on("data", (part: Buffer) => parts.push(part));
    request.on("end", () => {
      const sha256 = request.headers["x-amz-meta-sha256"];
      this.#objects.set(key, {
        body: Buffer.concat(parts),
        sha256: typeof sha256 === "string" ? sha256 : undefined,
      });
      response.writeHead(200, { etag: '"0"' }).end();
    });
  }

  #send({ method, headers }: IncomingMessage, response: ServerResponse, { body, sha256 }: StoredObject): void {
    const range = /^bytes=(\d+)-(\d*)$/.exec(headers.range ?? "");
    const from = Number(range?.[1] ?? 0);
    const to = range === null || range[2] === "" ? body.length - 1 : Number(range[2]);
    const sent = body.subarray(from, to + 1);
    response.writeHead(range === null ? 200 : 206, {
      "content-length": sent.length,
      "last-modified": new Date(0).toUTCString(),
      etag: `"${hashOf(body).slice(0, 32)}"`,
      ...(range === null ? {} : { "content-range": `bytes ${from}-${to}/${body.length}` }),
      ...(sha256 === undefined ? {} : { "x-amz-meta-sha256": sha256 }),
    });
    response.end(method === "HEAD" ? undefined : sent);
  }

  #page(query: URLSearchParams): string {
    const prefix = query.get("prefix") ?? "";
    const keys = [...this.#objects.keys()].filter((key) => key.startsWith(prefix)).toSorted();
    const start = Number(query.get("continuation-token") ?? 0);
    const end = start + KEYS_PER_PAGE;
    const contents = keys
      .slice(start, end)
      .map((key) => `<Contents><Key>${key}</Key><Size>${this.#objects.get(key)?.body.length}</Size></Contents>`);
    const more = end < keys.length;
    return [
      '<?xml version="1.0" encoding="UTF-8"?><ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">',
      `<IsTruncated>${more}</IsTruncated>`,
      ...(more ? [`<NextContinuationToken>${end}</NextContinuationToken>`] : []),
      ...contents,
      "</ListBucketResult>",
    ].join("");
  }
}

function hashOf(body: Buffer): string {
  return createHash("sha256").update(body).digest("hex");
}
