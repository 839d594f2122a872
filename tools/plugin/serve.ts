import { Server, ServerCredentials } from "@grpc/grpc-js";
import { watchParent } from "./parent";

// Objects of a whole cluster can pass in one message; the library's own limit is 4 MiB.
const MAX_MESSAGE_BYTES = 400 * 1024 * 1024;

/**
 * Serves a Pulumi plugin: on a free port of the loopback address alone, which it prints for the engine to read.
 * It stops when it is told to, and when the engine that started it is gone.
 */
export async function servePlugin(addServices: (server: Server) => void, onStop: () => void): Promise<void> {
  const server = new Server({
    "grpc.max_receive_message_length": MAX_MESSAGE_BYTES,
    "grpc.max_send_message_length": MAX_MESSAGE_BYTES,
  });
  addServices(server);
  const port = await bindLoopback(server);
  const stop = (): void => {
    onStop();
    server.forceShutdown();
    process.exit(0);
  };
  process.once("SIGTERM", stop);
  process.once("SIGINT", stop);
  watchParent(stop);
  process.stdout.write(`${port}\n`);
}

/** Binds a server to a free loopback port and gives that port. */
export function bindLoopback(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) => {
      if (error === null) resolve(port);
      else reject(error);
    });
  });
}

/** The engine's address: the last argument that is no flag. */
export function engineAddress(args: readonly string[]): string {
  return args.findLast((arg) => !arg.startsWith("-")) ?? "";
}
