import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { startBackground, stopBackground } from "./background";

const STOP_WAIT_MS = 3000;
const RESTART_WAIT_MS = 1000;

/** A simulated engine that is started again when it ends, as the kubelet would. */
export interface Replica {
  readonly stop: () => Promise<void>;
}

export function startReplica(program: string, args: readonly string[], folder: string, name: string): Replica {
  const options = { log: join(folder, `${name}.log`), name: join(folder, name), cwd: folder };
  let child = startBackground(program, args, options);
  let stopping = false;
  const watch = () => {
    child.once("exit", () => {
      void delay(RESTART_WAIT_MS).then(() => {
        if (stopping) return;
        child = startBackground(program, args, options);
        watch();
      });
    });
  };
  watch();
  return {
    stop: () => {
      stopping = true;
      return stopBackground(child, STOP_WAIT_MS);
    },
  };
}
