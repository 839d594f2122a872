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

/** Envoy AI Gateway, with Envoy Gateway in it, as one program that needs no cluster. */
export const AI_GATEWAY: GoTool = {
  module: "aigw",
  title: "Envoy AI Gateway",
  version: "1.0.0",
  packages: { "github.com/envoyproxy/ai-gateway/cmd/aigw": "aigw" },
  linkVariables: { "github.com/envoyproxy/ai-gateway/internal/version.version": "v1.0.0" },
  minutesOnTwoCores: 4,
  packagesCompiled: 2100,
};

/** A server that speaks vLLM's HTTP API and takes the time that it is told to. */
export const SIMULATOR: GoTool = {
  module: "simulator",
  title: "llm-d-inference-sim",
  version: "0.10.2",
  packages: { "github.com/llm-d/llm-d-inference-sim/cmd/llm-d-inference-sim": "llm-d-inference-sim" },
  linkVariables: {},
  minutesOnTwoCores: 2,
  packagesCompiled: 1000,
};

/** Ours: runs a command where only its own loopback exists, and in a home of its own. */
export const ENCLOSURE: GoTool = {
  module: "enclosure",
  title: "network enclosure",
  version: "1",
  packages: { "fitserve.dev/tools/enclosure": "enclosure" },
  linkVariables: {},
  minutesOnTwoCores: 0.2,
  packagesCompiled: 100,
};

/** Counts what clients use, for all proxies together; and a Redis in memory for it. The tests need them. */
export const RATE_LIMIT: GoTool = {
  module: "ratelimit",
  title: "Envoy's rate-limit service",
  version: "1.4.1",
  packages: {
    "github.com/envoyproxy/ratelimit/src/service_cmd": "ratelimit-service",
    "fitserve.dev/tools/ratelimit": "redis",
  },
  linkVariables: {},
  minutesOnTwoCores: 1,
  packagesCompiled: 400,
};
