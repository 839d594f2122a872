import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join, resolve } from "node:path";
import { KubeConfig } from "@kubernetes/client-node";
import { messageOf } from "./kube-error";

/** Which cluster to talk to: the fields of Pulumi's Kubernetes provider of the same names. */
export interface ClusterChoice {
  /** A kubeconfig's content, or the path of one; absent means the user's own. */
  readonly kubeconfig?: string | undefined;
  readonly context?: string | undefined;
  readonly cluster?: string | undefined;
}

/**
 * Loads a kubeconfig and selects context and cluster in it.
 * Without one it reads what kubectl would: $KUBECONFIG, then ~/.kube/config, then the service account of the pod.
 */
export function loadKubeConfig(choice: ClusterChoice): KubeConfig {
  const config = readConfig(choice.kubeconfig);
  if (choice.context !== undefined) {
    requireKnown("context", choice.context, config.getContexts());
    config.setCurrentContext(choice.context);
  }
  if (choice.cluster !== undefined) overrideCluster(config, choice.cluster);
  if (config.getCurrentCluster() === null) {
    throw new Error("the kubeconfig has no current context: name one in the provider's `context`");
  }
  return config;
}

/** The namespace of the selected context, or undefined where it names none. */
export function contextNamespace(config: KubeConfig): string | undefined {
  const namespace = config.getContextObject(config.getCurrentContext())?.namespace;
  return namespace === undefined || namespace === "" ? undefined : namespace;
}

function readConfig(kubeconfig: string | undefined): KubeConfig {
  const config = new KubeConfig();
  const given = kubeconfig?.trim() ?? "";
  try {
    if (given === "") loadDefault(config);
    else if (isContent(given)) config.loadFromString(given);
    else config.loadFromFile(expandHome(given));
  } catch (error) {
    const what = given === "" || isContent(given) ? "the kubeconfig" : `the kubeconfig file ${given}`;
    throw new Error(`${what} cannot be read: ${messageOf(error)}`, { cause: error });
  }
  return config;
}

function loadDefault(config: KubeConfig): void {
  const named = process.env["KUBECONFIG"]?.split(delimiter).find((path) => path !== "");
  // loadFromDefault falls back to localhost:8080; a missing file has to be an error here.
  const file = named ?? join(homedir(), ".kube", "config");
  if (!existsSync(file) && process.env["KUBERNETES_SERVICE_HOST"] === undefined) {
    throw new Error(`there is no ${file}`);
  }
  config.loadFromDefault();
}

// A path never spans lines and never holds a mapping; JSON content may stand on one line.
function isContent(kubeconfig: string): boolean {
  return kubeconfig.includes("\n") || kubeconfig.startsWith("{") || /^\w+:\s/.test(kubeconfig);
}

function expandHome(path: string): string {
  return path.startsWith("~/") ? join(homedir(), path.slice(2)) : resolve(path);
}

function overrideCluster(config: KubeConfig, cluster: string): void {
  requireKnown("cluster", cluster, config.getClusters());
  const current = config.getContextObject(config.getCurrentContext());
  if (current === null) throw new Error("the kubeconfig has no current context to use the `cluster` with");
  config.contexts = config.contexts.map((context) =>
    context.name === current.name ? { ...context, cluster } : context,
  );
}

function requireKnown(what: string, name: string, known: readonly { name: string }[]): void {
  if (known.some((one) => one.name === name)) return;
  const names = known.map((one) => one.name).join(", ");
  throw new Error(`the kubeconfig has no ${what} "${name}"; it has: ${names === "" ? "none" : names}`);
}
