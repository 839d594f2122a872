import { knownTo } from "../../sizing/engine/flag-versions";
import { parserFlags } from "../../sizing/engine/parsers";
import type { FeasiblePlan } from "../../sizing/serving-plan";
import type { ServingOptions } from "../serving-options";
import { bucketArguments } from "./latency-buckets";
import { withModelSource } from "./model-source";
import { parseVllmArguments, servedModelName } from "./vllm-arguments";

/** Command line of the engine as deployed: the plan's, then what the deployment adds to it. */
export function deployedArguments(plan: FeasiblePlan, options: ServingOptions): string[] {
  return [
    ...withModelSource(plan, withParsers(plan.engine.args, options), options.modelSource),
    // One JSON object a line; requests are not logged, and with them no prompt.
    ...knownTo(plan.engine.version, ["--logging-config.formatter=json"]),
    ...bucketArguments(plan),
    ...loraArguments(options),
  ];
}

/** Names that clients may send as `model`: the model's own first, then its adapters'. */
export function servedNames(plan: FeasiblePlan, options: ServingOptions): readonly string[] {
  const own = servedModelName(parseVllmArguments(plan.engine.args)) ?? plan.model.key;
  return [own, ...options.loraAdapters.map(({ name }) => name)];
}

function withParsers(planned: readonly string[], { toolCallParser, reasoningParser }: ServingOptions): string[] {
  const replaced = [
    ...(toolCallParser === undefined ? [] : ["--tool-call-parser=", "--enable-auto-tool-choice"]),
    ...(reasoningParser === undefined ? [] : ["--reasoning-parser="]),
  ];
  return [
    ...planned.filter((word) => !replaced.some((flag) => word.startsWith(flag))),
    ...parserFlags({
      ...(isParser(toolCallParser) ? { tools: toolCallParser } : {}),
      ...(isParser(reasoningParser) ? { reasoning: reasoningParser } : {}),
    }),
  ];
}

function isParser(name: string | undefined): name is string {
  return name !== undefined && name !== "none";
}

/** All adapters stay loaded, so that no request waits for one. */
function loraArguments({ loraAdapters, maxLoraRank }: ServingOptions): string[] {
  if (loraAdapters.length === 0) return [];
  return [
    "--enable-lora",
    `--max-loras=${loraAdapters.length}`,
    `--max-lora-rank=${maxLoraRank}`,
    "--lora-modules",
    ...loraAdapters.map(({ name, repository }) => `${name}=${repository}`),
  ];
}
