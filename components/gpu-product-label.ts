import { GPU_PRODUCT_LABEL, POOL_LABEL } from "./kubernetes-object";

/**
 * Names that NVIDIA's GPU feature discovery writes into the node label `nvidia.com/gpu.product`: the driver's
 * product name with spaces turned into dashes. Keys are the catalog's canonical names.
 * Source: driver product names as in NVIDIA/k8s-device-plugin and published `nvidia-smi -L` output.
 */
const PRODUCT_LABELS: Readonly<Record<string, string>> = {
  A10G: "NVIDIA-A10G",
  "A100-PCIe-80GB": "NVIDIA-A100-80GB-PCIe",
  "A100-SXM4-40GB": "NVIDIA-A100-SXM4-40GB",
  "A100-SXM4-80GB": "NVIDIA-A100-SXM4-80GB",
  "B200-SXM-180GB": "NVIDIA-B200",
  "H100-NVL-94GB": "NVIDIA-H100-NVL",
  "H100-SXM5-80GB": "NVIDIA-H100-80GB-HBM3",
  "H200-SXM-141GB": "NVIDIA-H200",
  L4: "NVIDIA-L4",
  L40S: "NVIDIA-L40S",
  "RTX-PRO-6000-Blackwell-Server": "NVIDIA-RTX-PRO-6000-Blackwell-Server-Edition",
};

/** Labels of the GPU nodes of a pool, by which its engines find them. */
export function gpuNodeLabels(pool: string, gpu: string): Record<string, string> {
  return { [POOL_LABEL]: pool, [GPU_PRODUCT_LABEL]: gpuProductLabel(gpu) };
}

/** Value of `nvidia.com/gpu.product` for a card of the catalog; a card without a known one keeps its own name. */
export function gpuProductLabel(gpu: string): string {
  return PRODUCT_LABELS[gpu] ?? `NVIDIA-${gpu.replaceAll(/[^A-Za-z0-9._-]+/g, "-")}`;
}
