import type { Cluster } from "./cluster";
import type { Log } from "./engine-log";
import type { Mutability } from "./force-new";
import type { JsonObject } from "./kube-object";

/** What every operation on a resource needs. */
export interface Session {
  readonly cluster: Cluster;
  readonly mutability: Mutability;
  /** Aborted when the user cancels. */
  readonly signal: AbortSignal;
  readonly log: Log;
}

/** What an operation leaves in the state file. */
export interface Outcome {
  readonly id: string;
  readonly state: JsonObject;
  readonly inputs?: JsonObject;
  /** The object is there, but not as it should be. */
  readonly failure?: Failure;
}

export interface Failure {
  readonly message: string;
  readonly reasons: readonly string[];
}
