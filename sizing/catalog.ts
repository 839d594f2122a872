import type { AwsPrices } from "./cost/region-prices";
import type { ModelArchitecture } from "./model/architecture";
import type { Quantization } from "./model/precision";

/** A repository of weights, pinned so that the same plan always loads the same bytes. */
export interface Checkpoint {
  readonly repository: string;
  /** Commit of the repository; absent where none could be verified, and then deploying needs an explicit one. */
  readonly revision?: string;
}

export interface CatalogModel {
  /** Short name that requests use, e.g. `qwen3-32b`. */
  readonly key: string;
  readonly repository: string;
  readonly architecture: ModelArchitecture;
  readonly checkpoints: Partial<Readonly<Record<Quantization, Checkpoint>>>;
  readonly source: string;
  readonly date: string;
}

export type GpuLink =
  | { readonly kind: "nvlink"; readonly gigabytesPerSecond: number }
  | { readonly kind: "pcie"; readonly gigabytesPerSecond: number };

/** One card. Rates are dense (no sparsity); GB/s are 1e9 bytes a second; link rates are both directions summed. */
export interface Gpu {
  /** Canonical name, e.g. `H100-SXM5-80GB`; other spellings are aliases of the catalog. */
  readonly name: string;
  readonly architecture: "Ampere" | "Ada" | "Hopper" | "Blackwell";
  readonly computeCapability: number;
  readonly bf16Teraflops: number;
  /** Absent: no tensor cores for it; such weights run as weight-only. */
  readonly fp8Teraflops?: number;
  readonly int8Teraops?: number;
  readonly fp4Teraflops?: number;
  readonly bandwidthGBPerSecond: number;
  readonly nominalGB: number;
  /** What torch reports to the engine and gpu-memory-utilization multiplies. */
  readonly usableGiB: number;
  readonly usableBasis: "measured" | "assumed";
  readonly link: GpuLink;
  readonly source: string;
  readonly date: string;
}

export const CLOUDS = ["aws", "gcp", "azure"] as const;
export type Cloud = (typeof CLOUDS)[number];

export const PURCHASES = ["on-demand", "spot"] as const;
export type Purchase = (typeof PURCHASES)[number];

/** A machine that can be bought, at one price in one region. */
export interface InstanceOffer {
  readonly cloud: Cloud;
  readonly region: string;
  readonly purchase: Purchase;
  readonly instanceType: string;
  readonly gpu: string;
  readonly gpuCount: number;
  /** Link between the cards of this machine; it can differ from the best that the card knows. */
  readonly link: GpuLink;
  readonly vcpus: number;
  readonly memoryGiB: number;
  readonly usdPerHour: number;
  readonly source: string;
  readonly date: string;
}

/** An instance type that cannot be planned with, and why: no roofline row, a fraction of a GPU, no price. */
export interface UnusableInstance {
  readonly cloud: Cloud;
  readonly instanceType: string;
  readonly reason: string;
}

/** What the world is: read and checked by `config/catalog.ts`, then plain data. */
export interface Catalog {
  readonly models: readonly CatalogModel[];
  readonly gpus: readonly Gpu[];
  readonly offers: readonly InstanceOffer[];
  readonly unusable: readonly UnusableInstance[];
  /** What stands around nodes of AWS, by region. */
  readonly awsPrices: AwsPrices;
}
