import { readFileSync } from "node:fs";
import { clientKeysSecret } from "../../components/gateway/ingress-gateway.manifest";
import type { KubernetesObject } from "../../components/kubernetes-object";
import { servingManifests } from "../../components/serving-manifests";
import { servingOptions, type ServingOptions } from "../../components/serving-options";
import { readProgramSettings } from "../../components/settings/program-settings";
import type { FeasiblePlan } from "../../sizing/serving-plan";
import { EXIT, Failure } from "../engine/failure";
import type { JsonObject } from "../kubernetes-provider/kube-object";
import { localGatewayResources } from "./local-gateway";
import type { ServingTools } from "./serving-tools";
import { plannedSimulator, simulatorArguments } from "./simulator";

/** What the programs in the enclosure are to be; written by `up`, read by them. */
export interface ServingSettings {
  readonly tools: ServingTools;
  readonly listenerPort: number;
  readonly resources: readonly KubernetesObject[];
  /** The clients' Secret without its keys. */
  readonly clientKeys: KubernetesObject;
  /** File with the key of the one client. */
  readonly keyFile: string;
  readonly replicas: readonly { readonly port: number; readonly args: readonly string[] }[];
  /** What a client's request has to name. */
  readonly servedName: string;
}

// In the enclosure no port is anybody else's; the gateway's program itself takes 1061, 1064, 8081, 9856 and 18000-19003.
export const LISTENER_PORT = 10_080;
const FIRST_REPLICA_PORT = 8101;
const LOOPBACK = "127.0.0.1";

/** The programs that stand for a deployed plan, with the stack configuration that it was deployed with. */
export function servingSettings(
  plan: FeasiblePlan,
  config: JsonObject,
  tools: ServingTools,
  keyFile: string,
): ServingSettings {
  const key = readFileSync(keyFile, "utf8").trim();
  const read = readProgramSettings(asText({ ...config, "fitserve:clientKeys": { local: key } }), "local");
  if (!read.ok) throw new Failure(read.faults.join("\n"), EXIT.invalidInput);
  refuseWhatNeedsACluster(read.settings.options);
  const simulator = plannedSimulator(plan);
  const ports = Array.from({ length: plan.hardware.replicas }, (_, index) => FIRST_REPLICA_PORT + index);
  const addresses = {
    listenerPort: LISTENER_PORT,
    replicas: ports.map((port) => ({ address: LOOPBACK, port })),
  };
  return {
    tools,
    listenerPort: LISTENER_PORT,
    resources: localGatewayResources(servingManifests(plan, read.settings.options), addresses),
    clientKeys: clientKeysSecret(servingOptions(plan, read.settings.options)),
    keyFile,
    replicas: ports.map((port) => ({ port, args: simulatorArguments(simulator, port) })),
    servedName: simulator.servedName,
  };
}

/**
 * Another controller and a picker are programs that are not here; and the files from which Envoy Gateway reads outside
 * a cluster can hold neither limits nor a header that chooses the replica: its program would end.
 */
function refuseWhatNeedsACluster(options: Partial<ServingOptions>): void {
  const named = (["rateLimits", "sessionHeader", "endpointPicker"] as const).filter(
    (key) => options[key] !== undefined,
  );
  const settings = [...named, ...(options.gateway === "gateway-api" ? ["gateway: gateway-api"] : [])];
  if (settings.length === 0) return;
  const message =
    `--serve runs the gateway outside a cluster, where it cannot have these settings of the stack: ${settings.join(", ")}. ` +
    "They are deployed all the same: leave out --serve, or them.";
  throw new Failure(message, EXIT.invalidInput);
}

// Pulumi hands text over as it is and everything else as JSON.
function asText(config: JsonObject): Record<string, string> {
  return Object.fromEntries(
    Object.entries(config).map(([key, value]) => [key, typeof value === "string" ? value : JSON.stringify(value)]),
  );
}
