import { Command } from "commander";

import { NotDeployableError } from "../components/deployable";
import { isDottedName, isKubernetesName } from "../components/kubernetes-object";
import { namespaceFault } from "../components/namespace.manifest";
import {
  clientKeysSecretName,
  SERVING_DEFAULTS,
  servingOptions,
  type ServingOptions,
} from "../components/serving-options";
import { readDeploymentSettings } from "../components/settings/deployment-settings";
import { printable } from "../config/printable";
import { parseRequestText } from "../config/request/text";
import { isFeasible, type FeasiblePlan, type ServingPlan } from "../sizing/serving-plan";
import { allOf } from "./all-of";
import { CliError, EXIT, InvalidInputError } from "./errors";
import { manifestFiles } from "./manifest-files";
import { noPlanFits, reasonLines } from "./no-plan";
import { optionFault } from "./option-faults";
import { write } from "./output";
import { planFromOptions, withRequestOptions } from "./plan";
import { isObject, readTextFile, type RequestOptions } from "./request-input";
import { writeFolder } from "./write-folder";

interface RenderOptions extends RequestOptions {
  readonly out: string;
  readonly namespace?: string;
  readonly existingNamespace?: boolean;
  readonly gatewayClass?: string;
  readonly createGatewayClass?: boolean;
  readonly tlsSecret?: string;
  readonly hubTokenSecret?: string;
  readonly settings?: string;
}

const EXAMPLES = `
Examples:
  fitserve render --out deploy/llm
  fitserve render --out deploy/llm --request request.yaml --namespace ai --tls-secret ai-tls
  fitserve render --out deploy/llm --settings deployment.yaml

Exit codes: 0 written, 2 invalid request or folder, 3 nothing fits, 4 refused by policy; nothing is written but for 0.`;

export function renderCommand(): Command {
  return withRequestOptions(new Command("render"))
    .description("the Kubernetes manifests of the plan as a kustomization, for GitOps")
    .requiredOption("--out <dir>", "folder to write; files that render did not write are never touched")
    .option("--namespace <name>", `namespace of everything (default: ${SERVING_DEFAULTS.namespace})`)
    .option("--existing-namespace", "leave the namespace out of the manifests")
    .option("--gateway-class <name>", `GatewayClass of the Gateway (default: ${SERVING_DEFAULTS.gatewayClassName})`)
    .option("--create-gateway-class", "write the GatewayClass too; it is cluster-wide")
    .option("--tls-secret <name>", "Secret with the certificate: the gateway then listens on 443 with TLS")
    .option("--hub-token-secret <name>", "Secret whose key `token` opens gated weights")
    .option("--settings <file>", "YAML with the settings of docs/serving.md (limits, adapters, TLS, …); options win")
    .addHelpText("after", EXAMPLES)
    .action(async (options: RenderOptions) => {
      const [, settings, planned] = await allOf([
        () => checkNames(options),
        () => (options.settings === undefined ? {} : settingsOf(options.settings)),
        () => planFromOptions(options),
      ]);
      const serving = namesOf(options, settings);
      const plan = buildable(planned);
      const files = filesOf(plan, serving);
      await writeFolder(options.out, files);
      await write(process.stdout, summary(plan, serving, options.out, files.length));
    });
}

/** What names objects is checked here; the API server would refuse it only when somebody applies the folder. */
function checkNames(options: RenderOptions): void {
  const dotted = {
    "--gateway-class": options.gatewayClass,
    "--tls-secret": options.tlsSecret,
    "--hub-token-secret": options.hubTokenSecret,
  };
  const { namespace } = options;
  const faults = [
    ...(namespace === undefined || isKubernetesName(namespace)
      ? []
      : [optionFault("--namespace", namespace, "lower-case letters, digits and dashes, at most 63")]),
    ...Object.entries(dotted).flatMap(([flag, name]) =>
      name === undefined || isDottedName(name)
        ? []
        : [optionFault(flag, name, "lower-case letters, digits, dashes and dots, at most 253")],
    ),
  ];
  if (faults.length > 0) throw new InvalidInputError(faults.join("\n"));
}

/** Of the command line and the file; the command line wins. */
function namesOf(options: RenderOptions, fromFile: Partial<ServingOptions>): Partial<ServingOptions> {
  const { existingNamespace, gatewayClass, createGatewayClass, tlsSecret, hubTokenSecret } = options;
  const namespace = options.namespace ?? fromFile.namespace ?? SERVING_DEFAULTS.namespace;
  const createNamespace = existingNamespace === true ? false : (fromFile.createNamespace ?? true);
  const fault = namespaceFault(namespace, createNamespace);
  if (fault !== undefined) throw new InvalidInputError(`--namespace: ${fault}; wanted --existing-namespace beside it`);
  return {
    ...fromFile,
    namespace,
    createNamespace,
    gatewayClass: {
      name: gatewayClass ?? fromFile.gatewayClass?.name ?? SERVING_DEFAULTS.gatewayClassName,
      create: createGatewayClass ?? fromFile.gatewayClass?.create ?? false,
    },
    // Git holds what a real cluster gets; nodes without machines are for the local target only.
    simulateNodes: false,
    ...(tlsSecret === undefined ? {} : { tlsSecret }),
    ...(hubTokenSecret === undefined ? {} : { hubTokenSecret }),
  };
}

/** The same settings that a stack's configuration has, in a file of their own. */
function settingsOf(file: string): Partial<ServingOptions> {
  const parsed = parseRequestText(readTextFile(file, "--settings"));
  if (!parsed.ok) {
    const faults = parsed.faults.map(({ message }) => `${file}: ${message.replace(/^request: /, "")}`);
    throw new InvalidInputError(faults.join("\n"));
  }
  const value = parsed.value ?? {};
  if (!isObject(value)) throw new InvalidInputError(`--settings ${file}: wanted settings, such as namespace: ai`);
  const read = readDeploymentSettings(value, { prefix: "", namespace: SERVING_DEFAULTS.namespace });
  if (!read.ok) throw new InvalidInputError(read.faults.map((line) => `${file}: ${line}`).join("\n"));
  return read.options;
}

function buildable(plan: ServingPlan): FeasiblePlan {
  if (!isFeasible(plan)) throw noPlanFits(plan, "nothing was written");
  if (plan.verdict.status === "refused") {
    const message = ["nothing was written: the policies refuse this plan", ...reasonLines(plan)].join("\n");
    throw new CliError(message, EXIT.refused);
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
    `${count} files in ${printable(out)}: ${plan.model.key} as ${plan.quantization}, ${plan.hardware.replicas} × ${plan.hardware.gpu}`,
    `Still to make by hand: the Secret ${secret} with the clients' API keys; ${out}/README.md has the command.`,
    "",
  ].join("\n");
}
