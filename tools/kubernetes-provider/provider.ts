import type { Cluster } from "./cluster";
import { connect, type Connection } from "./connection";
import { type Log, SILENT } from "./engine-log";
import type { JsonObject } from "./kube-object";
import { checkInputs, type CheckRequest } from "./operations/check";
import { createResource, type CreateRequest } from "./operations/create";
import { deleteResource, type DeleteRequest } from "./operations/delete";
import { type Difference, diffResource, type DiffRequest } from "./operations/diff";
import { readResource, type ReadRequest } from "./operations/read";
import { updateResource, type UpdateRequest } from "./operations/update";
import type { Outcome, Session } from "./session";
import { parseSettings, type ProviderSettings } from "./settings";

const UNREACHABLE_HINT =
  "If the cluster was deleted, you can remove this resource from Pulumi state by rerunning the operation with the " +
  'PULUMI_K8S_DELETE_UNREACHABLE environment variable set to "true"';

/** The provider's operations, free of the protocol. A cluster that does not answer stops only what needs it. */
export class KubernetesProvider {
  readonly #abort = new AbortController();
  #log: Log = SILENT;
  #settings: ProviderSettings = parseSettings({}, {});
  #connection: Connection = { cluster: undefined, reason: "the provider is not configured" };

  attachLog(log: Log): void {
    this.#log = log;
  }

  async configure(variables: Readonly<Record<string, string>>): Promise<void> {
    this.#settings = parseSettings(variables, process.env);
    this.#connection = await connect(this.#settings);
    if (this.#connection.cluster === undefined) {
      this.#log.warning("", `configured Kubernetes cluster is unreachable: ${this.#connection.reason}`);
    }
  }

  cancel(): void {
    this.#abort.abort();
  }

  check(request: CheckRequest): Promise<JsonObject> {
    return checkInputs(this.#connection.cluster, request);
  }

  diff(request: DiffRequest): Promise<Difference> {
    return diffResource(this.#connection.cluster, this.#settings.mutability, request);
  }

  async create(request: CreateRequest): Promise<Outcome> {
    if (request.preview && this.#connection.cluster === undefined) return { id: "", state: request.properties };
    return createResource(this.#session(), request);
  }

  async update(request: UpdateRequest): Promise<Outcome> {
    if (request.preview && this.#connection.cluster === undefined) return { id: request.id, state: request.news };
    return updateResource(this.#session(), request);
  }

  async read(request: ReadRequest): Promise<Outcome | undefined> {
    return this.#countsAsDeleted(request.urn) ? undefined : readResource(this.#session(UNREACHABLE_HINT), request);
  }

  async delete(request: DeleteRequest): Promise<Outcome | undefined> {
    return this.#countsAsDeleted(request.urn) ? undefined : deleteResource(this.#session(UNREACHABLE_HINT), request);
  }

  #countsAsDeleted(urn: string): boolean {
    if (this.#connection.cluster !== undefined || !this.#settings.deleteUnreachable) return false;
    this.#log.warning(
      urn,
      `the cluster does not answer and deleteUnreachable is set: removing the resource from the state`,
    );
    return true;
  }

  #session(hint?: string): Session {
    const cluster = this.#reachable(hint);
    return { cluster, mutability: this.#settings.mutability, signal: this.#abort.signal, log: this.#log };
  }

  #reachable(hint: string | undefined): Cluster {
    if (this.#connection.cluster !== undefined) return this.#connection.cluster;
    const message = `configured Kubernetes cluster is unreachable: ${this.#connection.reason}`;
    throw new Error(hint === undefined ? message : `${message}. ${hint}`);
  }
}
