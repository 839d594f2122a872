/** Words and surroundings of a hand-written vLLM Deployment; known-good, so that a test breaks exactly one thing. */
export interface HandWritten {
  readonly image?: string;
  readonly command?: readonly unknown[];
  readonly args?: readonly unknown[];
  readonly env?: readonly unknown[];
  readonly gpus?: unknown;
  readonly labels?: Readonly<Record<string, unknown>>;
  readonly annotations?: Readonly<Record<string, unknown>>;
  readonly nodeSelector?: Readonly<Record<string, unknown>>;
  readonly replicas?: unknown;
}

export const GOOD_ARGS = [
  "Qwen/Qwen3-32B-AWQ",
  "--tensor-parallel-size=2",
  "--max-model-len=8192",
  "--max-num-seqs=64",
  "--max-num-batched-tokens=4096",
] as const;

/** Inputs of a Deployment as a policy gets them. */
export function handWritten(given: HandWritten = {}): Record<string, unknown> {
  const { labels = { "fitserve.dev/concurrency": "50" }, annotations = {}, replicas = 1 } = given;
  const container = {
    name: "server",
    image: given.image ?? "vllm/vllm-openai:v0.33.0",
    ...(given.command === undefined ? {} : { command: given.command }),
    args: given.args ?? GOOD_ARGS,
    env: given.env ?? [],
    resources: { limits: { "nvidia.com/gpu": "gpus" in given ? given.gpus : "2", memory: "48Gi" } },
  };
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "llm", labels, annotations },
    spec: {
      replicas,
      template: {
        metadata: { labels: { app: "llm" } },
        spec: {
          nodeSelector: given.nodeSelector ?? { "nvidia.com/gpu.product": "NVIDIA-L40S" },
          containers: [container],
        },
      },
    },
  };
}
