import { Command, Option } from "commander";
import { loadCatalog, resolveModel } from "../config/catalog";
import { loadManagedApis, loadQualityNotes } from "../config/comparison-data";
import { parseServingRequest } from "../config/request";
import type { Catalog } from "../sizing/catalog";
import { compareServing } from "../sizing/compare";
import { COMPARISON_SECTIONS, type Comparison, type ComparisonSection } from "../sizing/compare/comparison";
import { hasOwnPlan } from "../sizing/compare/plans";
import { comparisonJson } from "../sizing/report/compare-json";
import { comparisonMarkdown } from "../sizing/report/compare-markdown";
import { comparisonTable } from "../sizing/report/compare-table";
import { longestRequestTokens } from "../sizing/time/workload";
import { EXIT, InvalidInputError } from "./errors";
import { optionFault } from "./option-faults";
import { wantsColor, write } from "./output";
import { withRequestOptions } from "./plan";
import { readRequest, type RequestOptions } from "./request-input";

const FORMATS = ["table", "json", "markdown"] as const;
type Format = (typeof FORMATS)[number];

interface CompareFlags extends RequestOptions {
  readonly format: Format;
  readonly only?: readonly ComparisonSection[];
  readonly modelB?: string;
  readonly share?: string;
}

const EXAMPLES = `
Examples:
  fitserve compare                                    everything beside the request of this project
  fitserve compare --only precision gpus              two of the tables
  fitserve compare --model-b qwen3-8b --share 0.3     30 % of the requests to another model, or to an API
  fitserve compare --set quantization=fp8 --format json

Exit codes: 0 compared, 2 invalid request, 3 neither the request nor anything beside it fits.`;

export function compareCommand(): Command {
  return withRequestOptions(new Command("compare"))
    .description("the request beside other weights, cards, clouds, models, managed APIs and mixes of them")
    .addOption(new Option("--format <format>", "how it is printed").choices(FORMATS).default("table"))
    .addOption(new Option("--only <section...>", "tables to make (default: all)").choices(COMPARISON_SECTIONS))
    .option("--model-b <name>", "model to compare with (default: the next smaller one of the same kind)")
    .option("--share <share>", "of the requests that go elsewhere, 0 to 1 (default: a row for each quarter)")
    .addHelpText("after", EXAMPLES)
    .action(async (flags: CompareFlags) => {
      const comparison = await comparisonFromFlags(flags);
      await write(process.stdout, PRINTERS[flags.format](comparison));
      process.exitCode = hasOwnPlan(comparison) ? EXIT.done : EXIT.infeasible;
    });
}

/** The comparison that the options ask for; every fault of request and options in one message. */
async function comparisonFromFlags(flags: CompareFlags): Promise<Comparison> {
  const input = await readRequest(flags, process.cwd(), process.stdin);
  const catalog = loadCatalog();
  const result = parseServingRequest(input, catalog);
  const other = otherModel(flags.modelB, catalog);
  const share = shareOf(flags.share);
  const faults = [
    ...(result.ok ? [] : result.faults.map((fault) => fault.message)),
    ...(typeof other === "object" ? [other.fault] : []),
    ...(typeof share === "object" ? [share.fault] : []),
  ];
  if (result.ok && typeof other === "string") faults.push(...misfits(result.request, other, catalog));
  if (!result.ok || typeof other === "object" || typeof share === "object" || faults.length > 0)
    throw new InvalidInputError(faults.join("\n"));
  return compareServing(result.request, catalog, {
    managedApis: loadManagedApis(),
    qualityNotes: loadQualityNotes(),
    ...(flags.only === undefined ? {} : { sections: flags.only }),
    ...(other === undefined ? {} : { otherModel: other }),
    ...(share === undefined ? {} : { share }),
  });
}

interface OptionFault {
  readonly fault: string;
}

function otherModel(name: string | undefined, catalog: Catalog): string | OptionFault | undefined {
  if (name === undefined) return undefined;
  const known = resolveModel(catalog, name);
  return known.ok ? known.model.key : { fault: `--model-b: ${known.message}; wanted a model of the catalog` };
}

function shareOf(text: string | undefined): number | OptionFault | undefined {
  if (text === undefined) return undefined;
  const share = /^\d*\.?\d+$/.test(text) ? Number(text) : Number.NaN;
  if (share >= 0 && share <= 1) return share;
  return { fault: optionFault("--share", text, "a number from 0 to 1, such as 0.3") };
}

/** Why the other model cannot stand beside the requested one. */
function misfits({ model, workload }: Comparison["request"], other: string, catalog: Catalog): string[] {
  if (other === model) return [`--model-b: got ${JSON.stringify(other)}; wanted another model than the requested one`];
  const context = catalog.models.find(({ key }) => key === other)?.architecture.maxPositionEmbeddings ?? 0;
  const tokens = longestRequestTokens(workload);
  if (tokens <= context) return [];
  return [
    `--model-b: got ${JSON.stringify(other)} with a context of ${count(context)} tokens; wanted a model that takes ` +
      `the ${count(tokens)} tokens of a request`,
  ];
}

function count(value: number): string {
  return value.toLocaleString("en-US");
}

const PRINTERS: Readonly<Record<Format, (comparison: Comparison) => string>> = {
  table: (comparison) => comparisonTable(comparison, { color: wantsColor(process.stdout, process.env) }),
  json: comparisonJson,
  markdown: comparisonMarkdown,
};
