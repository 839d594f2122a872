import type { Gpu } from "../../sizing/catalog";

/** Of every row below: the day on which the sources were read. */
const DATE = "2026-11-24";

const NVLINK_4 = { kind: "nvlink", gigabytesPerSecond: 900 } as const;
const PCIE_GEN4 = { kind: "pcie", gigabytesPerSecond: 64 } as const;
const PCIE_GEN5 = { kind: "pcie", gigabytesPerSecond: 128 } as const;

/**
 * Cards of workstations and smaller clouds, which none of our price lists sells: `predict` knows them, no plan takes them.
 * Figures as in `gpus.ts`.
 */
export const GPUS_WITHOUT_OFFERS: readonly Gpu[] = [
  {
    // Usable as on the L40S, of which nvidia-smi prints the same 46,068 MiB.
    name: "A40",
    architecture: "Ampere",
    computeCapability: 8.6,
    bf16Teraflops: 149.7,
    int8Teraops: 299.3,
    bandwidthGBPerSecond: 696,
    nominalGB: 48,
    usableGiB: 44.39,
    usableBasis: "assumed",
    link: PCIE_GEN4,
    source: "https://images.nvidia.com/content/Solutions/data-center/a40/nvidia-a40-datasheet.pdf",
    date: DATE,
  },
  {
    // The datasheet's 309.7 TFLOPS count zeros.
    name: "RTX-A6000",
    architecture: "Ampere",
    computeCapability: 8.6,
    bf16Teraflops: 154.8,
    int8Teraops: 309.7,
    bandwidthGBPerSecond: 768,
    nominalGB: 48,
    usableGiB: 47.4,
    usableBasis: "measured",
    link: PCIE_GEN4,
    source: "https://www.nvidia.com/content/PDF/nvidia-ampere-ga-102-gpu-architecture-whitepaper-v2.pdf",
    date: DATE,
  },
  {
    // GeForce: half rate where sums are kept in 32 bit, as the engine's kernels do.
    name: "RTX-3090",
    architecture: "Ampere",
    computeCapability: 8.6,
    bf16Teraflops: 71,
    int8Teraops: 284,
    bandwidthGBPerSecond: 936,
    nominalGB: 24,
    usableGiB: 23.58,
    usableBasis: "measured",
    link: PCIE_GEN4,
    source: "https://www.nvidia.com/content/PDF/nvidia-ampere-ga-102-gpu-architecture-whitepaper-v2.pdf",
    date: DATE,
  },
  {
    // Half rate as the RTX 3090; usable as there.
    name: "RTX-4090",
    architecture: "Ada",
    computeCapability: 8.9,
    bf16Teraflops: 165.2,
    fp8Teraflops: 330.3,
    int8Teraops: 660.6,
    bandwidthGBPerSecond: 1008,
    nominalGB: 24,
    usableGiB: 23.58,
    usableBasis: "assumed",
    link: PCIE_GEN4,
    source: "https://images.nvidia.com/aem-dam/Solutions/geforce/ada/nvidia-ada-gpu-architecture.pdf",
    date: DATE,
  },
  {
    // Usable as on the L40S, of which nvidia-smi prints the same 46,068 MiB.
    name: "L40",
    architecture: "Ada",
    computeCapability: 8.9,
    bf16Teraflops: 181.05,
    fp8Teraflops: 362.1,
    int8Teraops: 362.1,
    bandwidthGBPerSecond: 864,
    nominalGB: 48,
    usableGiB: 44.39,
    usableBasis: "assumed",
    link: PCIE_GEN4,
    source: "https://www.nvidia.com/en-us/data-center/l40/",
    date: DATE,
  },
  {
    // Usable as on the SXM module; NVLink only by a bridge between pairs.
    name: "H100-PCIe-80GB",
    architecture: "Hopper",
    computeCapability: 9.0,
    bf16Teraflops: 756,
    fp8Teraflops: 1513,
    int8Teraops: 1513,
    bandwidthGBPerSecond: 2000,
    nominalGB: 80,
    usableGiB: 79.19,
    usableBasis: "assumed",
    link: PCIE_GEN5,
    source: "https://www.nvidia.com/content/dam/en-zz/Solutions/gtcs22/data-center/h100/PB-11133-001_v01.pdf",
    date: DATE,
  },
  {
    // The superchip with HBM3; the one with 144 GB of HBM3e is another card.
    name: "GH200-96GB",
    architecture: "Hopper",
    computeCapability: 9.0,
    bf16Teraflops: 989.4,
    fp8Teraflops: 1978.9,
    int8Teraops: 1978.9,
    bandwidthGBPerSecond: 4000,
    nominalGB: 96,
    usableGiB: 94.5,
    usableBasis: "measured",
    link: NVLINK_4,
    source: "https://resources.nvidia.com/en-us-grace-cpu/grace-hopper-superchip",
    date: DATE,
  },
];
