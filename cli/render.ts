import { Command } from "commander";

import { NotDeployableError } from "../components/deployable";
import { isKubernetesName } from "../components/kubernetes-object";
import {
  clientKeysSecretName,
  SERVING_DEFAULTS,
  servingOptions,
  type ServingOptions,
} from "../components/serving-options";
import { isFeasible, type FeasiblePlan, type ServingPlan } from "../sizing/serving-plan";
import { CliError, EXIT, InvalidInputError } from "./errors";
import { manifestFiles } from "./manifest-files";
import { write } from "./output";
import { planFromOptions, withRequestOptions } from "./plan";
import type { RequestOptions } from "./request-input";
import { writeFolder } from "./write-folder";

interface RenderOptions extends RequestOptions {
  readonly out: string;
  readonly namespace: string;
  readonly existingNamespace: boolean;
  readonly gatewayClass: string;
  readonly createGatewayClass: boolean;
  readonly tlsSecret?: string;
  readonly hubTokenSecret?: string;
}

const EXAMPLES = `
Examples:
  fitserve render --out deploy/llm
  fitserve render --out deploy/llm --request request.yaml --namespace ai --tls-secret ai-tls

Exit codes: 0 written, 2 invalid request or folder, 3 nothing fits, 4 refused by policy; nothing is written but for 0.`;

export function renderCommand(): Command {
  return withRequestOptions(new Command("render"))
    .description("the Kubernetes manifests of the plan as a kustomization, for GitOps")
    .requiredOption("--out <dir>", "folder to write; files that render did not write are never touched")
    .option("--namespace <name>", "namespace of everything", SERVING_DEFAULTS.namespace)
    .option("--existing-namespace", "leave the namespace out of the manifests", false)
    .option("--gateway-class <name>", "GatewayClass of the Gateway", SERVING_DEFAULTS.gatewayClassName)
    .option("--create-gateway-class", "write the GatewayClass too; it is cluster-wide", false)
    .option("--tls-secret <name>", "Secret with the certificate: the gateway then listens on 443 with TLS")
    .option("--hub-token-secret <name>", "Secret whose key `token` opens gated weights")
    .addHelpText("after", EXAMPLES)
    .action(async (options: RenderOptions) => {
      const serving = namesOf(options);
      const plan = buildable(await planFromOptions(options));
      const files = filesOf(plan, serving);
      await writeFolder(options.out, files);
      await write(process.stdout, summary(plan, serving, options.out, files.length));
    });
}

/** What names objects is checked here; the API server would refuse it only when somebody applies the folder. */
function namesOf(options: RenderOptions): Partial<ServingOptions> {
  const named = {
    "--namespace": options.namespace,
    "--gateway-class": options.gatewayClass,
    "--tls-secret": options.tlsSecret,
    "--hub-token-secret": options.hubTokenSecret,
  };
  const faults = Object.entries(named).flatMap(([flag, name]) =>
    name === undefined || isKubernetesName(name)
      ? []
      : [`${flag}: got ${JSON.stringify(name.slice(0, 80))}; wanted lower-case letters, digits and dashes, at most 63`],
  );
  if (faults.length > 0) throw new InvalidInputError(faults.join("\n"));
  return {
    namespace: options.namespace,
    createNamespace: !options.existingNamespace,
    gatewayClass: { name: options.gatewayClass, create: options.createGatewayClass },
    // Git holds what a real cluster gets; nodes without machines are for the local target only.
    simulateNodes: false,
    ...(options.tlsSecret === undefined ? {} : { tlsSecret: options.tlsSecret }),
    ...(options.hubTokenSecret === undefined ? {} : { hubTokenSecret: options.hubTokenSecret }),
  };
}

function buildable(plan: ServingPlan): FeasiblePlan {
  const reasons = plan.verdict.reasons.map(({ message, fix }) =>
    fix === undefined ? message : `${message}\n  ${fix}`,
  );
  if (!isFeasible(plan))
    throw new CliError(["nothing was written: no plan fits", ...reasons].join("\n"), EXIT.infeasible);
  if (plan.verdict.status === "refused") {
    throw new CliError(["nothing was written: the policies refuse this plan", ...reasons].join("\n"), EXIT.refused);
  }
  return plan;
}

function filesOf(plan: FeasiblePlan, serving: Partial<ServingOptions>) {
  try {
    return manifestFiles(plan, serving);
  } catch (error) {
    if (error instanceof NotDeployableError) throw new InvalidInputError(error.message);
    throw error;
  }
}

function summary(plan: FeasiblePlan, serving: Partial<ServingOptions>, out: string, count: number): string {
  const secret = clientKeysSecretName(servingOptions(plan, serving));
  return [
    `${count} files in ${out}: ${plan.model.key} as ${plan.quantization}, ${plan.hardware.replicas} × ${plan.hardware.gpu}`,
    `Still to make by hand: the Secret ${secret} with the clients' API keys; ${out}/README.md has the command.`,
    "",
  ].join("\n");
}
