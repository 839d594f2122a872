import { Command, Option } from "commander";
import { loadCatalog } from "../config/catalog";
import { parseServingRequest } from "../config/request";
import { planServing } from "../sizing/plan";
import { planJson, planMarkdown, planTable } from "../sizing/report";
import type { ServingPlan } from "../sizing/serving-plan";
import { OBJECTIVES } from "../sizing/serving-request";
import { EXIT, InvalidInputError, type ExitCode } from "./errors";
import { wantsColor, write } from "./output";
import { readRequest, type RequestOptions } from "./request-input";
import { withClusterCost } from "./stack-cluster";

const FORMATS = ["table", "json", "markdown"] as const;
type Format = (typeof FORMATS)[number];

const EXIT_OF_STATUS: Readonly<Record<ServingPlan["verdict"]["status"], ExitCode>> = {
  accepted: EXIT.done,
  refused: EXIT.refused,
  infeasible: EXIT.infeasible,
};

const EXAMPLES = `
Examples:
  fitserve plan                                          the stack local of this project, else the first use
  fitserve plan --set workload.concurrency=200           the same with another load
  fitserve plan --set model=qwen3-14b --set quantization=auto --set tensorParallel=auto
  fitserve plan --request request.yaml --format json     a request file; the plan as JSON
  fitserve plan --set workload.reasoningTokens=800       a model that thinks before it answers
  fitserve plan --set confidence=range                   limits met by the slow end of each range
  fitserve plan --optimize latency                       the fastest that meets the limits, whatever it costs
  fitserve plan --set 'market={clouds: [aws, gcp, azure], regions: []}'

Exit codes: 0 accepted, 2 invalid request, 3 nothing fits, 4 refused by policy.`;

/** Options that name a request; `render` and `compare` take the same. */
export function withRequestOptions(command: Command): Command {
  return command
    .option("--request <file>", "request as YAML or JSON (a fitserve:serving object); - reads standard input")
    .option("--stack <name>", "read the request from Pulumi.<name>.yaml (default: local, where it exists)")
    .option(
      "--set <path=value>",
      "lay one value over the request; can be repeated",
      (value, all: string[]) => [...all, value],
      [],
    )
    .addOption(
      new Option("--optimize <what>", "what decides among all that meets the limits (default: cost)").choices(
        OBJECTIVES,
      ),
    );
}

/** The plan that the options ask for; every fault of the request in one message. */
export async function planFromOptions(options: RequestOptions): Promise<ServingPlan> {
  const input = await readRequest(options, process.cwd(), process.stdin);
  const catalog = loadCatalog();
  const result = parseServingRequest(withToday(input), catalog);
  if (!result.ok) throw new InvalidInputError(result.faults.map((fault) => fault.message).join("\n"));
  return planServing(result.request, catalog);
}

/** The age of prices is judged by today where the request names no day; sizing itself has no clock. */
function withToday(input: unknown): unknown {
  if (typeof input !== "object" || input === null || Array.isArray(input) || "asOf" in input) return input;
  return { ...input, asOf: new Date().toISOString().slice(0, 10) };
}

export function planCommand(): Command {
  return withRequestOptions(new Command("plan"))
    .description("what to buy and how to run it, with cost, speed, alternatives and reasons")
    .addOption(new Option("--format <format>", "how it is printed").choices(FORMATS).default("table"))
    .addHelpText("after", EXAMPLES)
    .action(async (options: RequestOptions & { readonly format: Format }) => {
      const { plan, warning } = withClusterCost(await planFromOptions(options), options);
      await write(process.stdout, PRINTERS[options.format](plan));
      if (warning !== undefined) await write(process.stderr, warning);
      process.exitCode = EXIT_OF_STATUS[plan.verdict.status];
    });
}

const PRINTERS: Readonly<Record<Format, (plan: ServingPlan) => string>> = {
  table: (plan) => planTable(plan, { color: wantsColor(process.stdout, process.env) }),
  json: planJson,
  markdown: planMarkdown,
};
