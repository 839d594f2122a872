import type { Mutability } from "./force-new";

/** The provider's configuration, under the names of the official provider. */
export interface ProviderSettings {
  readonly kubeconfig: string | undefined;
  readonly context: string | undefined;
  readonly cluster: string | undefined;
  readonly namespace: string | undefined;
  readonly mutability: Mutability;
  /** Objects of a cluster that does not answer count as deleted. */
  readonly deleteUnreachable: boolean;
}

const PREFIX = "kubernetes:config:";

/** Reads the configuration, whose values are all text; what this stand-in cannot do is refused by name. */
export function parseSettings(
  variables: Readonly<Record<string, string>>,
  environment: Readonly<Record<string, string | undefined>>,
): ProviderSettings {
  const text = (key: string): string | undefined => {
    const value = variables[PREFIX + key];
    return value === undefined || value === "" ? undefined : value;
  };
  const flag = (key: string, variable: string): boolean => (text(key) ?? environment[variable]) === "true";
  refuse(text("enableServerSideApply") === "false", "enableServerSideApply: false", "it always applies on the server");
  refuse(text("renderYamlToDirectory") !== undefined, "renderYamlToDirectory", "`fitserve render` writes manifests");
  return {
    kubeconfig: text("kubeconfig"),
    context: text("context"),
    cluster: text("cluster"),
    namespace: text("namespace"),
    mutability: {
      configMaps: flag("enableConfigMapMutable", "PULUMI_K8S_ENABLE_CONFIGMAP_MUTABLE"),
      secrets: flag("enableSecretMutable", "PULUMI_K8S_ENABLE_SECRET_MUTABLE"),
    },
    deleteUnreachable: flag("deleteUnreachable", "PULUMI_K8S_DELETE_UNREACHABLE"),
  };
}

function refuse(isGiven: boolean, what: string, instead: string): void {
  if (isGiven) throw new Error(`this stand-in for the Kubernetes provider does not support ${what}: ${instead}`);
}
