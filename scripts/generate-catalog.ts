// Writes config/data/*.generated.ts from the price lists in config/data/captured (run: npx tsx scripts/generate-catalog.ts).
// The captures are Apache-2.0 price tables of the Karpenter providers and the facts of EC2; see SOURCES for their days.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { format } from "prettier";
import { z } from "zod";
import { canonicalGpuName } from "../config/names";
import type { PriceSource } from "../config/data/instance-row";
import { linkOf } from "./instance-links";

const DATA = join(__dirname, "../config/data");

const KARPENTER_AWS = "aws/karpenter-provider-aws zz_generated.pricing_aws.go";
const SKYPILOT = "skypilot-catalog v8";
const SPOT_AWS = { spot: `${SKYPILOT}, cheapest zone on the day of capture`, spotDate: "2026-01" };

const CLOUDS = {
  aws: (source: string | undefined): PriceSource => awsSource(source ?? ""),
  gcp: (): PriceSource => {
    const list = "cloudpilot-ai/karpenter-provider-gcp@417f047b initial-prices.json";
    return { onDemand: list, onDemandDate: "2026-08-03", spot: list, spotDate: "2026-08-03" };
  },
  azure: (): PriceSource => {
    const list = "Azure/karpenter-provider-azure@352646f5 zz_generated.pricing.go";
    return { onDemand: list, onDemandDate: "2026-06-18", spot: list, spotDate: "2026-06-18" };
  },
} as const;

function awsSource(source: string): PriceSource {
  if (source.startsWith("karpenter")) return { onDemand: KARPENTER_AWS, onDemandDate: "2026-07-20", ...SPOT_AWS };
  if (source.startsWith("derived:")) {
    const family = source.slice("derived:".length);
    return { onDemand: `computed: ${KARPENTER_AWS} x ${family}`, onDemandDate: "2026-07-20", ...SPOT_AWS };
  }
  if (source.includes("@00148f2a")) return { onDemand: `${SKYPILOT}@00148f2a`, onDemandDate: "2026-01", ...SPOT_AWS };
  if (source.includes("@e385a0d3")) return { onDemand: `${SKYPILOT}@e385a0d3`, onDemandDate: "2025-10", ...SPOT_AWS };
  throw new Error(`aws-gpu-prices.csv: unknown price_source "${source}"`);
}

const price = z
  .string()
  .regex(/^(\d+(\.\d+)?)?$/)
  .transform((text) => (text === "" ? undefined : Number(text)))
  .refine((value) => value === undefined || value > 0, "a price of 0 is a missing price");

const CsvRow = z.object({
  instance_type: z.string().min(1),
  region: z.string().min(1),
  gpu_model: z.string().min(1),
  gpu_count: z.coerce.number().positive(),
  vcpus: z.coerce.number().int().positive(),
  memory_gib: z.string().transform((text) => (text === "" ? undefined : Number(text))),
  on_demand_usd_h: price,
  spot_usd_h: price,
  price_source: z.string().optional(),
});
type CsvRow = z.infer<typeof CsvRow>;

function readCsv(file: string): CsvRow[] {
  const [header = "", ...lines] = readFileSync(join(DATA, "captured", file), "utf8")
    .trim()
    .split(/\r?\n/);
  const columns = header.split(",");
  return lines.map((line, index) => {
    const cells = line.split(",");
    const parsed = CsvRow.safeParse(Object.fromEntries(columns.map((column, i) => [column, cells[i] ?? ""])));
    if (!parsed.success) throw new Error(`${file}:${index + 2}: ${z.prettifyError(parsed.error)}`);
    return parsed.data;
  });
}

function cardOf(row: CsvRow): string {
  // Azure's NC A100 v4 carries the PCIe card; the price list names only the size of its memory.
  return /^Standard_NC\d+ads_A100_v4$/.test(row.instance_type) ? "A100-PCIe-80GB" : row.gpu_model;
}

function unusableReason(row: CsvRow): string | undefined {
  if (!Number.isInteger(row.gpu_count)) return "it has a fraction of a GPU, and the engine needs whole ones";
  if (canonicalGpuName(cardOf(row)) === undefined)
    return `no roofline figures of the ${row.gpu_model} are in the catalog`;
  if (row.memory_gib === undefined) return "its host memory is in no source and its GPU count is inferred from prices";
  return undefined;
}

function generated(cloud: keyof typeof CLOUDS): string {
  const sources: PriceSource[] = [];
  const indexOf = (source: PriceSource): number => {
    const found = sources.findIndex(
      (one) => one.onDemand === source.onDemand && one.onDemandDate === source.onDemandDate,
    );
    return found >= 0 ? found : sources.push(source) - 1;
  };
  const byType = new Map<string, CsvRow[]>();
  for (const row of readCsv(`${cloud}-gpu-prices.csv`)) {
    byType.set(row.instance_type, [...(byType.get(row.instance_type) ?? []), row]);
  }
  const lines = [...byType.values()].map((rows) => {
    const [first] = rows;
    if (first === undefined) throw new Error("an instance type without rows");
    const unusable = unusableReason(first);
    const prices = rows
      .toSorted((a, b) => a.region.localeCompare(b.region, "en"))
      .map((row) => {
        const cells = [
          JSON.stringify(row.region),
          row.on_demand_usd_h,
          row.spot_usd_h,
          indexOf(CLOUDS[cloud](row.price_source)),
        ];
        return `[${cells.map(String).join(", ")}]`;
      });
    const gpu = canonicalGpuName(cardOf(first)) ?? first.gpu_model;
    const facts = [
      `instanceType: ${JSON.stringify(first.instance_type)}`,
      `gpu: ${JSON.stringify(gpu)}`,
      `gpuCount: ${first.gpu_count}`,
      `vcpus: ${first.vcpus}`,
      ...(first.memory_gib === undefined ? [] : [`memoryGiB: ${first.memory_gib}`]),
      `link: ${JSON.stringify(linkOf(cloud, first.instance_type, gpu, first.gpu_count))}`,
      ...(unusable === undefined ? [] : [`unusable: ${JSON.stringify(unusable)}`]),
      `prices: [${unusable === undefined ? prices.join(", ") : ""}]`,
    ];
    return { key: first.instance_type, line: `  { ${facts.join(", ")} },` };
  });
  const NAME = cloud.toUpperCase();
  return [
    `// Generated by scripts/generate-catalog.ts from captured/${cloud}-gpu-prices.csv; do not edit.`,
    `import type { InstanceRow, PriceSource } from "./instance-row";`,
    "",
    `export const ${NAME}_SOURCES: readonly PriceSource[] = [`,
    ...sources.map((source) => `  ${JSON.stringify(source)},`),
    "];",
    "",
    "// One instance type a line, so that a new capture gives a readable difference.",
    "// prettier-ignore",
    `export const ${NAME}_INSTANCES: readonly InstanceRow[] = [`,
    ...lines.toSorted((a, b) => a.key.localeCompare(b.key, "en")).map((one) => one.line),
    "];",
    "",
  ].join("\n");
}

/** File name and text of every generated file; the test compares them with what is committed. */
export async function generatedFiles(): Promise<{ path: string; text: string }[]> {
  return await Promise.all(
    (["aws", "gcp", "azure"] as const).map(async (cloud) => ({
      path: join(DATA, `${cloud}.generated.ts`),
      text: await format(generated(cloud), { parser: "typescript", printWidth: 120 }),
    })),
  );
}

if (require.main === module) {
  void generatedFiles().then((files) => files.forEach((file) => writeFileSync(file.path, file.text)));
}
