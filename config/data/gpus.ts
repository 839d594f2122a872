import type { Gpu } from "../../sizing/catalog";
import { GPUS_WITHOUT_OFFERS } from "./gpus-without-offers";

const AIC =
  "https://github.com/ai-dynamo/aiconfigurator/blob/095f58a51c4ca8e61b66ec108d86f223f8d559ce/aic-core/src/aiconfigurator_core/systems";

/** Of every row below: the day on which the sources were read. */
const DATE = "2026-11-22";

const NVLINK_3 = { kind: "nvlink", gigabytesPerSecond: 600 } as const;
const NVLINK_4 = { kind: "nvlink", gigabytesPerSecond: 900 } as const;
const NVLINK_5 = { kind: "nvlink", gigabytesPerSecond: 1800 } as const;
const PCIE_GEN4 = { kind: "pcie", gigabytesPerSecond: 64 } as const;
const PCIE_GEN5 = { kind: "pcie", gigabytesPerSecond: 128 } as const;

/** Torch reports a little less than nvidia-smi prints; 0.9943 is the mean of the H100 (79.19 GiB) and the RTX PRO 6000 (95.01 GiB). */
function assumedUsableGiB(nvidiaSmiMiB: number): number {
  return Math.round((nvidiaSmiMiB / 1024) * 0.9941 * 100) / 100;
}

/**
 * Datasheet figures without sparsity; figures in circulation that are twice as high count zeros.
 * `usableGiB` is measured where a vLLM start-up log prints it.
 */
export const GPUS: readonly Gpu[] = [
  {
    name: "A100-SXM4-40GB",
    architecture: "Ampere",
    computeCapability: 8.0,
    bf16Teraflops: 312,
    int8Teraops: 624,
    bandwidthGBPerSecond: 1555,
    nominalGB: 40,
    usableGiB: 39.4,
    usableBasis: "assumed",
    link: NVLINK_3,
    source:
      "https://www.nvidia.com/content/dam/en-zz/Solutions/Data-Center/a100/pdf/nvidia-a100-datasheet-us-nvidia-1758950-r4-web.pdf",
    date: DATE,
  },
  {
    name: "A100-SXM4-80GB",
    architecture: "Ampere",
    computeCapability: 8.0,
    bf16Teraflops: 312,
    int8Teraops: 624,
    bandwidthGBPerSecond: 2039,
    nominalGB: 80,
    usableGiB: 79.1,
    usableBasis: "assumed",
    link: NVLINK_3,
    source: `${AIC}/a100_sxm.yaml`,
    date: DATE,
  },
  {
    // The card of Azure's NC A100 v4: slower memory than the SXM module, NVLink only by a bridge between pairs.
    name: "A100-PCIe-80GB",
    architecture: "Ampere",
    computeCapability: 8.0,
    bf16Teraflops: 312,
    int8Teraops: 624,
    bandwidthGBPerSecond: 1935,
    nominalGB: 80,
    usableGiB: 79.1,
    usableBasis: "assumed",
    link: PCIE_GEN4,
    source:
      "https://www.nvidia.com/content/dam/en-zz/Solutions/Data-Center/a100/pdf/nvidia-a100-datasheet-us-nvidia-1758950-r4-web.pdf",
    date: DATE,
  },
  {
    name: "H100-SXM5-80GB",
    architecture: "Hopper",
    computeCapability: 9.0,
    bf16Teraflops: 989.4,
    fp8Teraflops: 1978.9,
    int8Teraops: 1978.9,
    bandwidthGBPerSecond: 3350,
    nominalGB: 80,
    usableGiB: 79.19,
    usableBasis: "measured",
    link: NVLINK_4,
    source: "https://www.nvidia.com/en-us/data-center/h100/",
    date: DATE,
  },
  {
    name: "H100-NVL-94GB",
    architecture: "Hopper",
    computeCapability: 9.0,
    bf16Teraflops: 835.5,
    fp8Teraflops: 1670.5,
    int8Teraops: 1670.5,
    bandwidthGBPerSecond: 3938,
    nominalGB: 94,
    usableGiB: assumedUsableGiB(95_830),
    usableBasis: "assumed",
    link: NVLINK_3,
    source: "https://www.nvidia.com/en-us/data-center/h100/",
    date: DATE,
  },
  {
    name: "H200-SXM-141GB",
    architecture: "Hopper",
    computeCapability: 9.0,
    bf16Teraflops: 989,
    fp8Teraflops: 1979,
    int8Teraops: 1979,
    bandwidthGBPerSecond: 4800,
    nominalGB: 141,
    usableGiB: assumedUsableGiB(143_771),
    usableBasis: "assumed",
    link: NVLINK_4,
    source: "https://www.nvidia.com/en-us/data-center/h200/",
    date: DATE,
  },
  {
    name: "L4",
    architecture: "Ada",
    computeCapability: 8.9,
    bf16Teraflops: 121,
    fp8Teraflops: 242,
    int8Teraops: 242,
    bandwidthGBPerSecond: 300,
    nominalGB: 24,
    usableGiB: 22.04,
    usableBasis: "measured",
    link: PCIE_GEN4,
    source: "https://www.nvidia.com/en-us/data-center/l4/",
    date: DATE,
  },
  {
    // 125 TFLOPS belongs to the A10, another card.
    name: "A10G",
    architecture: "Ampere",
    computeCapability: 8.6,
    bf16Teraflops: 70,
    int8Teraops: 140,
    bandwidthGBPerSecond: 600,
    nominalGB: 24,
    usableGiB: 22.0,
    usableBasis: "assumed",
    link: PCIE_GEN4,
    source: "https://www.baseten.co/blog/nvidia-a10-vs-a10g-for-ml-model-inference/",
    date: DATE,
  },
  {
    name: "A10",
    architecture: "Ampere",
    computeCapability: 8.6,
    bf16Teraflops: 125,
    int8Teraops: 250,
    bandwidthGBPerSecond: 600,
    nominalGB: 24,
    usableGiB: 22.06,
    usableBasis: "measured",
    link: PCIE_GEN4,
    source: "https://www.nvidia.com/en-us/data-center/products/a10-gpu/",
    date: DATE,
  },
  {
    name: "L40S",
    architecture: "Ada",
    computeCapability: 8.9,
    bf16Teraflops: 362.05,
    fp8Teraflops: 733,
    int8Teraops: 733,
    bandwidthGBPerSecond: 864,
    nominalGB: 48,
    usableGiB: 44.39,
    usableBasis: "measured",
    link: PCIE_GEN4,
    source: "https://resources.nvidia.com/en-us-l40s/l40s-datasheet-28413",
    date: DATE,
  },
  {
    // NVIDIA prints no dense BF16 figure for the server edition; its memory is slower than the workstation's 1,792 GB/s.
    name: "RTX-PRO-6000-Blackwell-Server",
    architecture: "Blackwell",
    computeCapability: 12.0,
    bf16Teraflops: 467.8,
    fp8Teraflops: 935.6,
    int8Teraops: 935.6,
    fp4Teraflops: 1871.2,
    bandwidthGBPerSecond: 1597,
    nominalGB: 96,
    usableGiB: 95.01,
    usableBasis: "measured",
    link: PCIE_GEN5,
    source: `${AIC}/rtx_pro_6000_server.yaml`,
    date: DATE,
  },
  {
    name: "B200-SXM-180GB",
    architecture: "Blackwell",
    computeCapability: 10.0,
    bf16Teraflops: 2250,
    fp8Teraflops: 4500,
    int8Teraops: 4500,
    fp4Teraflops: 9000,
    bandwidthGBPerSecond: 8000,
    nominalGB: 180,
    usableGiB: assumedUsableGiB(183_359),
    usableBasis: "assumed",
    link: NVLINK_5,
    source: "https://nvdam.widen.net/s/wwnsxrhm2w/blackwell-datasheet-3384703",
    date: DATE,
  },
  ...GPUS_WITHOUT_OFFERS,
];
