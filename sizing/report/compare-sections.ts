import type { CardRuleComparison, Comparison } from "../compare/comparison";
import { hybridTable, managedTable, modelTable } from "./compare-choice-tables";
import { cloudTable } from "./compare-cloud-table";
import { planTable, type ReportTable } from "./compare-plan-rows";
import { precisionTables } from "./compare-precision-tables";

/** Every table of the comparison, in the order of reading. */
export function comparisonTables({ request, pins, ...sections }: Comparison): ReportTable[] {
  const { precision, gpus, clouds, models, managed, hybrid, card } = sections;
  const pinned = pins.join(", ");
  return [
    ...(precision === undefined ? [] : precisionTables(precision)),
    ...(gpus === undefined
      ? []
      : [
          planTable(
            `Cards (${request.quantization === "auto" ? "cheapest weights" : request.quantization})`,
            "card",
            gpus.map(({ gpu, outcome }) => ({ name: shortCard(gpu), outcome, notes: [] })),
          ),
        ]),
    ...(clouds === undefined ? [] : [cloudTable(clouds, request)]),
    ...(models === undefined ? [] : [modelTable(models)]),
    ...(managed === undefined ? [] : [managedTable(managed, pinned)]),
    ...(hybrid === undefined ? [] : [hybridTable(hybrid, request.model)]),
    ...(card === undefined ? [] : [cardRuleTable(card)]),
  ];
}

function shortCard(gpu: string): string {
  return gpu.replace("-Blackwell-Server", "");
}

function cardRuleTable({ notApplicable, setup, rows }: CardRuleComparison): ReportTable {
  return {
    title: `The rule of thumb, row by row${setup === undefined ? "" : ` (exact: ${setup})`}`,
    head:
      rows.length === 0
        ? []
        : ["GB", "weights", "exact", "KV cache", "exact", "runtime", "total", "exact", "fits 2x 80 GB"],
    right: [1, 2, 3, 4, 5, 6, 7],
    rows: rows.map(({ title, quoted, exact, fitsTwoCards, reasons }) => ({
      cells: [
        title,
        quoted.weightsGB,
        exact.weightsGB.toFixed(1),
        quoted.kvCacheGB,
        exact.kvCacheGB.toFixed(1),
        exact.runtimeGB.toFixed(1),
        quoted.totalGB,
        exact.totalGB.toFixed(1),
        fitsTwoCards ? "yes" : "no",
      ],
      notes: reasons,
    })),
    notes:
      notApplicable === undefined
        ? [
            "quoted figures stand as the first design gives them; exact weights and KV cache are computed, the runtime is predicted",
          ]
        : [notApplicable],
  };
}
