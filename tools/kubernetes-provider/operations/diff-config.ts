import { loadKubeConfig } from "../kube-config";
import type { JsonObject } from "../kube-object";
import { hasUnknown, reveal } from "../properties";

/** What a changed provider configuration means for everything that was made with it. */
export interface ConfigDifference {
  readonly changed: readonly string[];
  /** The settings by which it is another cluster now, so that all its resources have to be made anew. */
  readonly replaces: readonly string[];
}

const CLUSTER_SETTINGS = ["kubeconfig", "context", "cluster"];

/** Compares two configurations. `clusterIdentifier` decides where both have one; else the cluster's address does. */
export function diffConfig(olds: JsonObject, news: JsonObject): ConfigDifference {
  const keys = new Set([...Object.keys(olds), ...Object.keys(news)].filter((key) => key !== "version"));
  const changed = [...keys].filter((key) => textOf(olds[key]) !== textOf(news[key])).toSorted();
  return { changed, replaces: replacingSettings(olds, news, changed) };
}

function replacingSettings(olds: JsonObject, news: JsonObject, changed: readonly string[]): readonly string[] {
  const [before, after] = [textOf(olds["clusterIdentifier"]), textOf(news["clusterIdentifier"])];
  if (before !== "" && after !== "") return before === after ? [] : ["clusterIdentifier"];
  const settings = changed.filter((key) => CLUSTER_SETTINGS.includes(key));
  if (settings.length === 0) return [];
  // An unknown kubeconfig may lead anywhere.
  if (hasUnknown(news["kubeconfig"])) return settings;
  return clusterOf(olds) === clusterOf(news) ? [] : settings;
}

function textOf(value: JsonObject[string]): string {
  const revealed = reveal(value);
  if (revealed === null) return "";
  return typeof revealed === "string" ? revealed : JSON.stringify(revealed);
}

/** What makes a cluster this one: its address and the authority that vouches for it. */
function clusterOf(config: JsonObject): string {
  const given = (key: string): string | undefined => (textOf(config[key]) === "" ? undefined : textOf(config[key]));
  try {
    const loaded = loadKubeConfig({
      kubeconfig: given("kubeconfig"),
      context: given("context"),
      cluster: given("cluster"),
    });
    const cluster = loaded.getCurrentCluster();
    return JSON.stringify([cluster?.server, cluster?.caData, cluster?.caFile]);
  } catch {
    // A kubeconfig that is gone or broken says nothing; connecting will tell.
    return "";
  }
}
