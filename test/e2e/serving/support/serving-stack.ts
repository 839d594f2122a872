import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { clientKeysSecret } from "../../../../components/gateway/ingress-gateway.manifest";
import type { KubernetesObject } from "../../../../components/kubernetes-object";
import { servingManifests } from "../../../../components/serving-manifests";
import { servingOptions, type ServingOptions } from "../../../../components/serving-options";
import { loadCatalog } from "../../../../config/catalog";
import { parseServingRequest } from "../../../../config/request";
import { planServing } from "../../../../sizing/plan";
import { isFeasible, type FeasiblePlan } from "../../../../sizing/serving-plan";
import { withKeys } from "../../../../tools/serve/client-keys";
import { LocalGateway } from "../../../../tools/serve/gateway";
import { localGatewayResources } from "../../../../tools/serve/local-gateway";
import { LISTENER_PORT } from "../../../../tools/serve/serving-settings";
import { plannedSimulator, type SimulatorSettings } from "../../../../tools/serve/simulator";
import { SimulatedEngine } from "./engine";
import { RateLimitService, withPoliciesFromFiles, withoutRequestCost, withRateLimits } from "./rate-limit";
import { servingTools } from "./tools";

const FIRST_PORT = 8201;
const NAMESPACE = "fitserve";

/** The first use of the project at some concurrency, on cards that take two replicas for 50 requests. */
export function planFor(concurrency: number): FeasiblePlan {
  const catalog = loadCatalog();
  const request = parseServingRequest(
    {
      model: "qwen3-32b",
      quantization: "int4-w4a16",
      workload: { concurrency, promptTokens: 1024, outputTokens: 512 },
      slo: { ttftSeconds: 1.5, tokensPerSecondPerUser: 20 },
      tensorParallel: 2,
      gpu: "L40S",
      target: "local",
    },
    catalog,
  );
  if (!request.ok) throw new Error(request.faults.map((fault) => fault.message).join("\n"));
  const plan = planServing(request.request, catalog);
  if (!isFeasible(plan)) throw new Error(`no plan for ${concurrency} requests`);
  return plan;
}

export interface StackSettings {
  readonly plan: FeasiblePlan;
  /** Times and limits in place of the plan's. */
  readonly engine?: Partial<SimulatorSettings>;
  readonly options?: Partial<ServingOptions>;
  readonly clients: Readonly<Record<string, string>>;
  /** Ports of engines that the test runs itself; none are started then. */
  readonly enginePorts?: readonly number[];
  /** With the service that counts for all proxies together. */
  readonly countTogether?: boolean;
}

/** The gateway of a plan with its engines, as processes. */
export class ServingStack {
  readonly port = LISTENER_PORT;
  readonly engines: SimulatedEngine[] = [];
  readonly #settings: StackSettings;
  readonly #folder = mkdtempSync(join(tmpdir(), "fitserve-serving-"));
  #gateway: LocalGateway | undefined;
  #rateLimits: RateLimitService | undefined;
  #nextPort = FIRST_PORT;

  private constructor(settings: StackSettings) {
    this.#settings = settings;
  }

  static async start(settings: StackSettings): Promise<ServingStack> {
    const stack = new ServingStack(settings);
    const ports = settings.enginePorts ?? (await stack.#startEngines(settings.plan.hardware.replicas));
    try {
      await stack.#startGateway(ports);
    } catch (error) {
      await stack.stop();
      throw error;
    }
    return stack;
  }

  /** One more engine, which gets no requests until it is announced. */
  async addEngine(settings: Partial<SimulatorSettings> = {}): Promise<SimulatedEngine> {
    const { plan, engine } = this.#settings;
    const all = { ...plannedSimulator(plan), ...engine, ...settings };
    const started = await SimulatedEngine.start(all, this.#nextPort++, this.#folder);
    this.engines.push(started);
    return started;
  }

  /** Makes these the replicas that the gateway sends requests to, as a Service's endpoints change. */
  async announce(engines: readonly { readonly port: number }[]): Promise<void> {
    const resources = this.#resources(engines.map(({ port }) => port));
    for (const object of resources.filter(({ kind }) => kind === "Backend")) await this.#gateway?.put(object);
  }

  /** Takes away a client's key. */
  async revoke(client: string): Promise<void> {
    // The gateway's file provider merges a Secret that it reads into the one that it had, so that a name which is gone
    // would stay; the API server of a cluster knows no such thing.
    const { [client]: _revoked, ...others } = this.#settings.clients;
    await this.#gateway?.put(this.#clientKeys({ ...others, [client]: randomBytes(32).toString("hex") }));
  }

  async stop(): Promise<void> {
    await this.#gateway?.stop();
    await this.#rateLimits?.stop();
    await Promise.all(this.engines.map((engine) => engine.kill()));
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #startGateway(ports: readonly number[]): Promise<void> {
    const { aigw, envoy } = servingTools();
    if (this.#settings.countTogether === true) this.#rateLimits = await RateLimitService.reserve();
    this.#gateway = await LocalGateway.start({
      folder: this.#folder,
      aigw: this.#needsCopy() ? withPoliciesFromFiles(aigw, this.#folder) : aigw,
      envoy,
      listenerPort: this.port,
      resources: withoutRequestCost(this.#resources(ports)),
      secrets: [this.#clientKeys(this.#settings.clients)],
      ...(this.#settings.countTogether === true ? { configureController: withRateLimits } : {}),
    });
    await this.#rateLimits?.start(this.#folder);
  }

  #needsCopy(): boolean {
    const { rateLimits, sessionHeader } = this.#settings.options ?? {};
    return rateLimits !== undefined || sessionHeader !== undefined;
  }

  async #startEngines(count: number): Promise<number[]> {
    for (let index = 0; index < count; index += 1) await this.addEngine();
    return this.engines.map(({ port }) => port);
  }

  #options(): Partial<ServingOptions> {
    return { namespace: NAMESPACE, ...this.#settings.options };
  }

  #resources(ports: readonly number[]): readonly KubernetesObject[] {
    const replicas = ports.map((port) => ({ address: "127.0.0.1", port }));
    const manifests = servingManifests(this.#settings.plan, this.#options());
    return localGatewayResources(manifests, { listenerPort: this.port, replicas });
  }

  #clientKeys(clients: Readonly<Record<string, string>>): KubernetesObject {
    return withKeys(clientKeysSecret(servingOptions(this.#settings.plan, this.#options())), clients);
  }
}
