import { closest, distance } from "fastest-levenshtein";

/**
 * Spellings of the cards in price lists, logs, `nvidia-smi` and benchmarks, to the canonical name of `data/gpus.ts`.
 * A name that fits several cards (`A100`) is left out on purpose: guessing would halve or double the memory.
 */
const GPU_ALIASES: Readonly<Record<string, readonly string[]>> = {
  "A100-SXM4-40GB": ["A100-40GB", "A100-40", "A100-SXM-40GB", "NVIDIA A100-SXM4-40GB"],
  "A100-SXM4-80GB": ["A100-80GB", "A100-80", "A100-SXM-80GB", "NVIDIA A100 80GB", "NVIDIA A100-SXM4-80GB"],
  "A100-PCIe-80GB": ["A100-PCIE", "NVIDIA A100 80GB PCIe"],
  "H100-SXM5-80GB": ["H100", "H100-80GB", "H100-SXM", "H100-SXM5", "NVIDIA H100 80GB HBM3", "H100-80GB-HBM3"],
  "H100-NVL-94GB": ["H100-NVL", "NVIDIA H100 NVL"],
  "H200-SXM-141GB": ["H200", "H200-141GB", "H200-SXM", "NVIDIA H200"],
  L4: ["L4-24GB", "NVIDIA L4"],
  A10: ["A10-24GB", "NVIDIA A10"],
  A10G: ["A10G-24GB", "NVIDIA A10G"],
  L40S: ["L40S-48GB", "NVIDIA L40S"],
  "RTX-PRO-6000-Blackwell-Server": [
    "RTX-PRO-6000-Blackwell",
    "RTX-PRO-6000",
    "RTX-PRO-6000-96GB",
    "RTX PRO Server 6000",
    "NVIDIA RTX PRO 6000 Blackwell Server Edition",
  ],
  "B200-SXM-180GB": ["B200", "B200-SXM", "B200-SXM (HGX)", "B200-180GB", "NVIDIA B200"],
  A40: ["A40-48GB", "NVIDIA A40"],
  "RTX-A6000": ["A6000", "RTX-A6000-48GB", "NVIDIA RTX A6000"],
  "RTX-3090": ["3090", "RTX-3090-24GB", "NVIDIA GeForce RTX 3090"],
  "RTX-4090": ["4090", "RTX-4090-24GB", "NVIDIA GeForce RTX 4090"],
  L40: ["L40-48GB", "NVIDIA L40"],
  "H100-PCIe-80GB": ["H100-PCIe", "NVIDIA H100 PCIe"],
  "GH200-96GB": ["GH200", "NVIDIA GH200 480GB"],
};

/** Letters and digits only: `NVIDIA A100-SXM4-80GB` and `a100 sxm4 80gb` are one card. */
function simplified(name: string): string {
  return name
    .toLowerCase()
    .replace(/^nvidia/, "")
    .replaceAll("geforce", "")
    .replaceAll(/[^a-z0-9]/g, "");
}

const CANONICAL_BY_ALIAS: ReadonlyMap<string, string> = new Map(
  Object.entries(GPU_ALIASES).flatMap(([canonical, aliases]) =>
    [canonical, ...aliases].map((alias) => [simplified(alias), canonical] as const),
  ),
);

/** Canonical name of a card, or undefined when no spelling of it is known. */
export function canonicalGpuName(name: string): string | undefined {
  return CANONICAL_BY_ALIAS.get(simplified(name));
}

/** Canonical name of the card one of whose spellings is nearest to `name`, or undefined. */
export function nearestGpuName(name: string): string | undefined {
  const spellings = Object.entries(GPU_ALIASES).flatMap(([canonical, aliases]) => [canonical, ...aliases]);
  const nearest = nearestName(name, spellings);
  return nearest === undefined ? undefined : canonicalGpuName(nearest);
}

/** Share of a name that slips may change; of three letters or four one, so that `foo` is not taken for `slo`. */
const MOST_WRONG_LETTERS = 0.4;

/** The known name that is spelt most like `name`; undefined when nothing is near enough to be meant. */
export function nearestName(name: string, known: readonly string[]): string | undefined {
  if (known.length === 0 || name.length > 100) return undefined;
  const folded = name.toLowerCase();
  const prefixed = known.filter((one) => folded.length >= 3 && one.toLowerCase().startsWith(folded));
  const best = prefixed.toSorted((a, b) => a.length - b.length)[0] ?? closestFolded(folded, known);
  if (prefixed.length > 0) return best;
  const most = Math.max(1, Math.floor(name.length * MOST_WRONG_LETTERS));
  return slips(folded, best.toLowerCase()) <= most ? best : undefined;
}

/** Letters that differ; two that changed places are one slip. */
function slips(name: string, known: string): number {
  const wrong = distance(name, known);
  return wrong === 2 && sortedLetters(name) === sortedLetters(known) ? 1 : wrong;
}

function sortedLetters(name: string): string {
  return name.split("").toSorted().join("");
}

function closestFolded(folded: string, known: readonly string[]): string {
  const byFolded = new Map(known.map((one) => [one.toLowerCase(), one]));
  const best = closest(folded, [...byFolded.keys()]);
  return byFolded.get(best) ?? best;
}
