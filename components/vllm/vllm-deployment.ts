import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { FeasiblePlan } from "../../sizing/serving-plan";
import { assertDeployable } from "../deployable";
import { servingTimeouts } from "../gateway/serving-timeouts";
import { servingOptions, type ServingOptions } from "../serving-options";
import { engineNetworkPolicy } from "./engine-network-policy.manifest";
import { ENGINE_PORT, engineHost } from "./vllm-addresses";
import {
  engineDeployment,
  engineDisruptionBudget,
  enginePriorityClass,
  engineReplicasService,
  engineService,
  engineServiceAccount,
} from "./vllm-deployment.manifest";
import { weightsClaim } from "./weights-claim.manifest";

export interface VllmDeploymentArgs {
  /** Decides image, arguments, cards and replicas. */
  readonly plan: FeasiblePlan;
  /** Names and placement. The namespace has to exist. */
  readonly options?: Partial<ServingOptions>;
  /** Changes the arguments of a child, applied last; returns new ones. */
  readonly transform?: {
    readonly deployment?: (args: ReturnType<typeof engineDeployment>) => k8s.apps.v1.DeploymentArgs;
    readonly service?: (args: ReturnType<typeof engineService>) => k8s.core.v1.ServiceArgs;
  };
}

/** A cold start loads the weights and compiles, and an update ends one replica after the other before it starts the next. */
function untilStarted(plan: FeasiblePlan) {
  const { replacementSeconds, rolloutSeconds } = servingTimeouts(plan);
  return { create: minutes(replacementSeconds), update: minutes(rolloutSeconds) };
}

function minutes(seconds: number): string {
  return `${Math.ceil(seconds / 60)}m`;
}

/**
 * vLLM by plan: one pod a replica with all of its cards, reachable within the cluster only.
 *
 * ### Cost
 * The cards that it asks for: `plan.cost.expected` when it has the plan's nodes to itself.
 *
 * @example
 * const engine = new VllmDeployment("llm", { plan, options: { namespace: "ai" } });
 * export const url = engine.url;
 */
export class VllmDeployment extends pulumi.ComponentResource {
  /** Base URL within the cluster, without `/v1`. */
  readonly url: pulumi.Output<string>;
  readonly serviceName: pulumi.Output<string>;

  constructor(name: string, args: VllmDeploymentArgs, opts?: pulumi.ComponentResourceOptions) {
    super("fitserve:serving:VllmDeployment", name, {}, opts);
    assertDeployable(args.plan, args.options);
    const options = servingOptions(args.plan, args.options);
    const account = this.createServiceAccount(name, args.plan, options);
    const service = this.createService(name, args, options);
    this.createReplicasService(name, args.plan, options);
    this.createDeployment(name, args, options, [account, ...this.createWeightsClaim(name, options)]);
    this.createGuards(name, args.plan, options);
    this.serviceName = service.metadata.name;
    this.url = pulumi.output(`http://${engineHost(options)}:${ENGINE_PORT}`);
    this.registerOutputs({ url: this.url, serviceName: this.serviceName });
  }

  private createServiceAccount(name: string, plan: FeasiblePlan, options: ServingOptions) {
    return new k8s.core.v1.ServiceAccount(`${name}-service-account`, engineServiceAccount(plan, options), {
      parent: this,
    });
  }

  private createService(name: string, args: VllmDeploymentArgs, options: ServingOptions) {
    const planned = engineService(args.plan, options);
    const transformed = args.transform?.service?.(planned) ?? planned;
    // A Service counts as ready when a pod stands behind it, which takes as long as the engine's start.
    const opts = { parent: this, customTimeouts: untilStarted(args.plan) };
    return new k8s.core.v1.Service(`${name}-service`, transformed, opts);
  }

  private createReplicasService(name: string, plan: FeasiblePlan, options: ServingOptions) {
    const opts = { parent: this, customTimeouts: untilStarted(plan) };
    return new k8s.core.v1.Service(`${name}-replicas-service`, engineReplicasService(plan, options), opts);
  }

  private createDeployment(
    name: string,
    args: VllmDeploymentArgs,
    options: ServingOptions,
    before: readonly pulumi.Resource[],
  ) {
    const { priorityClass } = options;
    const own = priorityClass?.create === true ? [this.createPriorityClass(name, priorityClass.name, options)] : [];
    const planned = engineDeployment(args.plan, options);
    const transformed = args.transform?.deployment?.(planned) ?? planned;
    return new k8s.apps.v1.Deployment(`${name}-deployment`, transformed, {
      parent: this,
      // Pods are refused until their account and their class exist, and wait for their claim.
      dependsOn: [...before, ...own],
      customTimeouts: untilStarted(args.plan),
    });
  }

  private createWeightsClaim(name: string, options: ServingOptions): pulumi.Resource[] {
    const { modelSource: source } = options;
    if (source?.kind !== "node") return [];
    return [new k8s.core.v1.PersistentVolumeClaim(`${name}-weights`, weightsClaim(options, source), { parent: this })];
  }

  private createPriorityClass(name: string, className: string, options: ServingOptions) {
    const planned = enginePriorityClass(options, className);
    return new k8s.scheduling.v1.PriorityClass(`${name}-priority-class`, planned, { parent: this });
  }

  private createGuards(name: string, plan: FeasiblePlan, options: ServingOptions): pulumi.Resource[] {
    const mine = { parent: this };
    return [
      new k8s.policy.v1.PodDisruptionBudget(`${name}-disruption-budget`, engineDisruptionBudget(plan, options), mine),
      new k8s.networking.v1.NetworkPolicy(`${name}-network-policy`, engineNetworkPolicy(plan, options), mine),
    ];
  }
}
