/** A tool that is built from the Go module in `tools/go/<module>`. */
export interface GoTool {
  readonly module: string;
  readonly title: string;
  readonly version: string;
  /** Main packages, and the names that their executables get. */
  readonly packages: Readonly<Record<string, string>>;
  readonly tags?: string;
  readonly linkVariables: Readonly<Record<string, string>>;
  /** How long a build with nothing cached takes on two cores of 2026. */
  readonly minutesOnTwoCores: number;
  /** How many packages such a build compiles, the standard library's among them. */
  readonly packagesCompiled: number;
}

export const GO_MINIMUM = "1.26.4";
export const KUBERNETES_VERSION = "1.34.2";
export const PULUMI_VERSION = "3.250.0";

export const PULUMI_CLI: GoTool = {
  module: "pulumi",
  title: "Pulumi CLI",
  version: PULUMI_VERSION,
  packages: { "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi": "pulumi" },
  tags: "osusergo,grpcnotrace",
  linkVariables: { "github.com/pulumi/pulumi/sdk/v3/go/common/version.Version": PULUMI_VERSION },
  minutesOnTwoCores: 4,
  packagesCompiled: 1650,
};

// Clients refuse a server that does not say its version, which only the linker can tell it.
const COMPONENT_VERSION = "k8s.io/component-base/version";

export const KUBERNETES: GoTool = {
  module: "kubernetes",
  title: "Kubernetes control plane",
  version: KUBERNETES_VERSION,
  packages: {
    "go.etcd.io/etcd/server/v3": "etcd",
    "k8s.io/kubernetes/cmd/kube-apiserver": "kube-apiserver",
    "k8s.io/kubernetes/cmd/kube-controller-manager": "kube-controller-manager",
    "k8s.io/kubernetes/cmd/kube-scheduler": "kube-scheduler",
  },
  linkVariables: {
    [`${COMPONENT_VERSION}.gitVersion`]: `v${KUBERNETES_VERSION}`,
    [`${COMPONENT_VERSION}.gitMajor`]: "1",
    [`${COMPONENT_VERSION}.gitMinor`]: "34",
    [`${COMPONENT_VERSION}.gitTreeState`]: "clean",
  },
  minutesOnTwoCores: 5,
  packagesCompiled: 2200,
};

export const KWOK: GoTool = {
  module: "kwok",
  title: "kwok, the simulated nodes",
  version: "0.7.0",
  packages: { "sigs.k8s.io/kwok/cmd/kwok": "kwok", "sigs.k8s.io/kwok/cmd/kwokctl": "kwokctl" },
  linkVariables: { "sigs.k8s.io/kwok/pkg/consts.Version": "v0.7.0" },
  minutesOnTwoCores: 2,
  packagesCompiled: 760,
};
