import type { GpuLink } from "../../sizing/catalog";

/** One instance type of one cloud with its prices; the generated files hold these, `config/catalog.ts` makes offers of them. */
export interface InstanceRow {
  readonly instanceType: string;
  /** Canonical name of `config/data/gpus.ts`, or the vendor's own name where `unusable` is set. */
  readonly gpu: string;
  readonly gpuCount: number;
  readonly vcpus: number;
  /** Absent: the price list does not say. */
  readonly memoryGiB?: number;
  readonly link: GpuLink;
  /** Why this type cannot be planned with; its prices are then left out. */
  readonly unusable?: string;
  readonly prices: readonly PriceRow[];
}

/** Region, on-demand and spot in USD an hour for the whole machine (undefined: not sold or not known), index of the source. */
export type PriceRow = readonly [
  region: string,
  onDemand: number | undefined,
  spot: number | undefined,
  source: number,
];

/** Where the on-demand and the spot prices of a row come from. */
export interface PriceSource {
  readonly onDemand: string;
  readonly onDemandDate: string;
  readonly spot: string;
  readonly spotDate: string;
}
