import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { answers, clusterProcesses, deleteCluster } from "../cluster/cluster";
import type { Places } from "../cluster/places";
import { cacheFolder } from "../engine/cache";
import { heading, say } from "../engine/console";
import { Failure } from "../engine/failure";
import { builtClusterTools, findEngine } from "../engine/prepare";
import { servingProcesses, stopServing } from "../serve/serving";
import { PulumiStack } from "./pulumi-stack";
import { removeDeadLocks } from "./recovery";
import { withRunLock } from "./run-lock";

/** Removes everything that `up` made in this clone; what is gone already is passed over. */
export async function down(places: Places): Promise<void> {
  if (!existsSync(places.work) && processesOf(places).length === 0) {
    say(`Nothing to remove: there is no ${places.work}.`);
    sayWhatStays();
    return;
  }
  await withRunLock(places, async () => {
    await removeDeadLocks(places.state);
    if (await stopServing(places)) {
      heading("Gateway");
      say("  the gateway and its engines are stopped");
    }
    await destroyStack(places);
    heading("Cluster");
    await deleteCluster(places, builtClusterTools(places.goModules));
    const left = clusterProcesses(places);
    if (left.length > 0) throw new Failure(`These processes of the cluster do not end: ${left.join(", ")}.`);
    say(`  ${places.clusterName} and its processes are gone`);
    await rm(places.work, { recursive: true, force: true });
  });
  sayWhatStays();
}

function processesOf(places: Places): number[] {
  return [...clusterProcesses(places), ...servingProcesses(places)];
}

// The cluster belongs to this clone alone, so deleting it removes whatever the stack could not.
async function destroyStack(places: Places): Promise<void> {
  const engine = await findEngine(places);
  if (engine === undefined) return;
  const stack = new PulumiStack(places, engine);
  if (!(await stack.exists())) return;
  heading("Stack: pulumi destroy");
  if (!(await answers(places))) {
    say("  the cluster does not run: what the stack made in it goes with the cluster");
    return;
  }
  const { code } = await stack.operate(["destroy", "--yes", "--skip-preview"]);
  if (code !== 0) say("  not everything could be destroyed one by one: the rest goes with the cluster");
}

function sayWhatStays(): void {
  const cache = cacheFolder();
  if (existsSync(cache)) say(`\nThe built tools stay in ${cache} for the next time; rm -r ${cache} removes them.`);
}
