import { childOf, at, listOf, recordOf, textOf, UNKNOWN, type KnownValue } from "./known-values";
import { vllmCommandOf, type VllmCommand } from "./vllm-command";
import { nodeLabelChoices, workloadOf, type Workload } from "./workload";

/** A resource as the rules see it. */
export interface JudgedResource {
  /** Pulumi type token, e.g. `kubernetes:apps/v1:Deployment`. */
  readonly type: string;
  readonly inputs: KnownValue;
}

/** One container that runs vLLM's server, and what of its surroundings the rules need. */
export interface VllmServer {
  readonly containerName: string;
  readonly command: VllmCommand;
  /** Release by the image's tag; undefined for `latest`, a digest or a name of one's own. */
  readonly engineVersion: string | undefined;
  readonly image: string;
  readonly limits: Readonly<Record<string, KnownValue>>;
  readonly requests: Readonly<Record<string, KnownValue>>;
  /** Labels that its node must have, each with the values that are allowed. */
  readonly nodeLabels: Readonly<Record<string, readonly string[]>>;
  readonly workload: Workload;
}

/** Every vLLM server of a resource; empty for what runs none. */
export function vllmServersOf({ type, inputs }: JudgedResource): readonly VllmServer[] {
  const workload = workloadOf(type, inputs);
  if (workload === undefined) return [];
  const nodeLabels = nodeLabelChoices(workload.podSpec);
  return listOf(childOf(workload.podSpec, "containers")).flatMap((container, index) => {
    const command = vllmCommandOf(container);
    if (command === undefined) return [];
    const image = textOf(childOf(container, "image")) ?? "";
    return [
      {
        containerName: textOf(childOf(container, "name")) ?? `containers[${index}]`,
        command,
        engineVersion: /:v?(\d+\.\d+\.\d+)/.exec(image)?.[1],
        image,
        limits: recordOf(at(container, "resources", "limits")),
        requests: recordOf(at(container, "resources", "requests")),
        nodeLabels,
        workload,
      },
    ];
  });
}

/** Whether anything of the pod itself is unknown, so that a server could be hidden in it. */
export function hasUnknownPod({ type, inputs }: JudgedResource): boolean {
  const workload = workloadOf(type, inputs);
  if (workload === undefined) return false;
  const containers = childOf(workload.podSpec, "containers");
  return workload.podSpec === UNKNOWN || containers === UNKNOWN || listOf(containers).includes(UNKNOWN);
}
