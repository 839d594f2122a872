import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";

interface HubFile {
  readonly body: Buffer;
  /** Kept as a large file, of which the hub tells the hash. */
  readonly sha256: string | undefined;
  /** By which git knows a small one. */
  readonly blobId: string;
}

const COMMIT = "0123456789abcdef0123456789abcdef01234567";

/** One repository as the hub shows it: what it holds, and each file. */
export class HubServer {
  readonly #files = new Map<string, HubFile>();
  readonly #server: Server;
  /** Files that were downloaded, in order. */
  readonly downloads: string[] = [];
  /** Only who has it may read; absent: everybody. */
  token: string | undefined;

  constructor(
    readonly repository: string,
    readonly revision: string,
  ) {
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

  /** Without files, and open to everybody. */
  empty(): void {
    this.#files.clear();
    this.downloads.length = 0;
    this.token = undefined;
  }

  putSmall(name: string, body: Buffer, blobId = gitId(body)): void {
    this.#files.set(name, { body, sha256: undefined, blobId });
  }

  putLarge(name: string, body: Buffer, sha256 = createHash("sha256").update(body).digest("hex")): void {
    this.#files.set(name, { body, sha256, blobId: gitId(body) });
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const { pathname } = new URL(request.url ?? "/", "http://hub");
    if (this.token !== undefined && request.headers.authorization !== `Bearer ${this.token}`) {
      return void response.writeHead(401, { "x-error-code": "GatedRepo" }).end();
    }
    if (pathname === `/api/models/${this.repository}/revision/${this.revision}`) {
      return void response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(this.#info()));
    }
    // A name of a branch may mean another commit by now.
    const name = decodeURIComponent(pathname.replace(`/${this.repository}/resolve/${COMMIT}/`, ""));
    const file = this.#files.get(name);
    if (file === undefined) return void response.writeHead(404, { "x-error-code": "EntryNotFound" }).end();
    if (request.method === "GET") this.downloads.push(name);
    const etag = `"${file.sha256 ?? file.blobId}"`;
    response.writeHead(200, { etag, "x-repo-commit": COMMIT, "content-length": file.body.length });
    response.end(request.method === "HEAD" ? undefined : file.body);
  }

  #info(): object {
    const siblings = [...this.#files].map(([rfilename, { body, sha256, blobId }]) => ({
      rfilename,
      size: body.length,
      blobId,
      ...(sha256 === undefined ? {} : { lfs: { sha256, size: body.length, pointerSize: 100 } }),
    }));
    return { _id: "0", id: this.repository, modelId: this.repository, sha: COMMIT, siblings, tags: [], downloads: 0 };
  }
}

function gitId(body: Buffer): string {
  return createHash("sha1").update(`blob ${body.length}\0`).update(body).digest("hex");
}
