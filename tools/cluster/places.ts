import { createHash } from "node:crypto";
import { realpathSync } from "node:fs";
import { join } from "node:path";

/** Where everything of one clone lies. Two clones on one machine share nothing but the tool cache. */
export interface Places {
  /** The folder of the clone, links resolved. */
  readonly clone: string;
  /** Everything that the local target makes; ignored by git. */
  readonly work: string;
  readonly clusterName: string;
  /** KWOK_WORKDIR: kwokctl keeps the cluster's data, keys and logs there. */
  readonly kwok: string;
  readonly kubeconfig: string;
  readonly context: string;
  readonly pulumiHome: string;
  readonly state: string;
  readonly passphrase: string;
  readonly stackConfig: string;
  readonly goModules: string;
  readonly bundledPlugins: string;
}

export function placesOf(cloneFolder: string): Places {
  const clone = realpathSync(cloneFolder);
  const work = join(clone, ".fitserve");
  const clusterName = `fitserve-${createHash("sha256").update(clone).digest("hex").slice(0, 8)}`;
  return {
    clone,
    work,
    clusterName,
    kwok: join(work, "kwok"),
    kubeconfig: join(work, "kubeconfig"),
    context: `kwok-${clusterName}`,
    pulumiHome: join(work, "pulumi"),
    state: join(work, "state"),
    passphrase: join(work, "passphrase"),
    stackConfig: join(work, "Pulumi.local.yaml"),
    goModules: join(clone, "tools", "go"),
    bundledPlugins: join(clone, "dist", "tools"),
  };
}
