import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { answers, ensureCluster } from "../cluster/cluster";
import { ensureCrds, loadDefinitions } from "../cluster/crds";
import type { Places } from "../cluster/places";
import { type FeasiblePlan } from "../../sizing/serving-plan";
import { heading, say } from "../engine/console";
import { errorCode, EXIT, Failure, Interrupted } from "../engine/failure";
import { buildTools, type Engine, prepareEngine } from "../engine/prepare";
import { KubeApi } from "../kubernetes-provider/kube-api";
import { loadKubeConfig } from "../kubernetes-provider/kube-config";
import { ensureServing, stopServing } from "../serve/serving";
import { servingSettings } from "../serve/serving-settings";
import { prepareServingTools, type ServingTools } from "../serve/serving-tools";
import { changesAnything, resourceCount, type StackEvents } from "./events";
import type { LocalOptions } from "./options";
import { showPlan } from "./plan-stage";
import { type Operation, PulumiStack } from "./pulumi-stack";
import { pendingOperations, removeDeadLocks } from "./recovery";
import { readTrackedConfig, type TrackedConfig } from "./stack-config";
import { printSummary, type Served } from "./summary";
import { withRunLock } from "./run-lock";

const STACK_FILE = "Pulumi.local.yaml";
const POLICY_PACK = "policies";

/** `up` and `preview`: plan, engine, cluster, preview, and for `up` the deployment and its summary. */
export async function up(places: Places, options: LocalOptions): Promise<void> {
  heading("Plan");
  const tracked = await readStackFile(places, options);
  const plan = showPlan(tracked.serving, STACK_FILE);

  await withRunLock(places, async () => {
    heading("Engine");
    const engine = await prepareEngine(places);
    const servingTools = options.serve ? await prepareServingTools(places.goModules) : undefined;
    heading("Cluster");
    const api = await prepareCluster(places, engine);
    try {
      const stack = await deploy(places, engine, tracked, options);
      if (options.command === "preview") return;
      const served = await serve(places, stack, plan, tracked, servingTools, options.port);
      heading("Running");
      await printSummary(stack, api, places, engine, served);
    } finally {
      api.close();
    }
  });
}

/** Builds the tools and fetches the definitions that `up` needs, for a cache that is filled ahead of time. */
export async function prepare(places: Places, options: LocalOptions): Promise<void> {
  heading("Engine");
  await buildTools(places.goModules);
  await loadDefinitions(places.goModules);
  if (options.serve) await prepareServingTools(places.goModules);
  say("  the tools of the local target are ready");
}

async function readStackFile(places: Places, options: LocalOptions): Promise<TrackedConfig> {
  const file = join(places.clone, STACK_FILE);
  try {
    return readTrackedConfig(await readFile(file, "utf8"), STACK_FILE, options.settings);
  } catch (error) {
    if (errorCode(error) !== "ENOENT") throw error;
    throw new Failure(`There is no ${file}: it says what to serve.`, EXIT.invalidInput);
  }
}

async function prepareCluster(places: Places, engine: Engine): Promise<KubeApi> {
  const start = await ensureCluster(places, engine.clusterTools);
  const api = new KubeApi(loadKubeConfig({ kubeconfig: places.kubeconfig, context: places.context }));
  try {
    const definitions = await ensureCrds(api, places.goModules);
    const how = { created: "created", started: "started again", running: "running already" }[start];
    say(`  ${places.clusterName} is ${how} at ${api.server}, with ${definitions} resource definitions of the gateway`);
    return api;
  } catch (error) {
    api.close();
    throw error;
  }
}

async function deploy(
  places: Places,
  engine: Engine,
  tracked: TrackedConfig,
  options: LocalOptions,
): Promise<PulumiStack> {
  const stack = new PulumiStack(places, engine);
  const removed = await removeDeadLocks(places.state);
  if (removed > 0) say("  the lock of a run that was killed has been removed");
  await stack.prepare(tracked);
  await settlePending(stack, places);

  heading("Preview: pulumi preview --policy-pack policies");
  const preview = await stack.operate(["preview", "--policy-pack", POLICY_PACK]);
  await requireSuccess(preview, "preview", places);
  const changed = changesAnything(preview.events);
  if (!changed) say(`\n  No changes: all ${resourceCount(preview.events)} resources are as configured.`);
  if (changed && options.command === "up") {
    heading("Deployment: pulumi up --policy-pack policies");
    // The preview has shown the outputs already.
    const quiet = ["--yes", "--skip-preview", "--suppress-outputs"];
    const update = await stack.operate(["up", ...quiet, "--policy-pack", POLICY_PACK]);
    await requireSuccess(update, "update", places);
  }
  return stack;
}

/** Real requests through the real gateway, where they are wanted; what served an earlier deployment ends otherwise. */
async function serve(
  places: Places,
  stack: PulumiStack,
  plan: FeasiblePlan,
  tracked: TrackedConfig,
  tools: ServingTools | undefined,
  port: number | undefined,
): Promise<Served | undefined> {
  if (tools === undefined) {
    if (await stopServing(places)) say("\n  The gateway of an earlier --serve has been stopped.");
    return undefined;
  }
  heading("Gateway");
  const settings = servingSettings(plan, tracked.config, tools, stack.clientKeyFile);
  const serving = await ensureServing(places, settings, port);
  const how = { started: "started", running: "running already" }[serving.start];
  say(
    `  Envoy AI Gateway is ${how} at http://127.0.0.1:${serving.port}, simulated engines behind it: ${settings.replicas.length}`,
  );
  return { port: serving.port, settings };
}

/**
 * A killed run leaves operations whose end nobody recorded. Refresh reads what the cluster really has; creations
 * without a record are dropped from the state, and the update that follows applies the same objects again by name.
 */
async function settlePending(stack: PulumiStack, places: Places): Promise<void> {
  const pending = pendingOperations(stack.checkpointFile);
  if (pending === 0) return;
  heading(`Recovery: ${pending} operations of a killed run have no recorded end; reading the cluster`);
  const args = ["refresh", "--yes", "--skip-preview", "--clear-pending-creates"];
  await requireSuccess(await stack.operate(args), "refresh", places);
}

// Pulumi's own exit codes, since 3.2xx: 5 is a violated policy, 8 a cancelled operation.
const PULUMI_POLICY_VIOLATION = 5;
const PULUMI_CANCELLED = 8;

async function requireSuccess(operation: Operation, what: string, places: Places): Promise<void> {
  if (operation.code === 0) return;
  if (operation.code === PULUMI_CANCELLED) throw new Interrupted();
  const refusals = mandatory(operation.events);
  if (operation.code === PULUMI_POLICY_VIOLATION || refusals.length > 0) {
    const names = [...new Set(refusals.map((one) => one.policy))].join(", ");
    const nothing = what === "preview" ? "; nothing was changed" : "";
    throw new Failure(`Refused by policy${names === "" ? "" : ` ${names}`}${nothing}.`, EXIT.refused);
  }
  if (!(await answers(places))) {
    throw new Failure(`The local cluster ${places.clusterName} no longer answers; the ${what} could not be finished.`);
  }
  throw new Failure(`The ${what} failed; Pulumi says why above.`, EXIT.bug);
}

function mandatory(events: StackEvents) {
  return events.violations.filter((violation) => violation.mandatory);
}
