import type { Deployment } from "./deployment";

/** Whether measured runs stand behind a prediction of time: H100 in 16 and 8 bit, with plain attention and MLP. */
export function timeBasis({ gpu, quantization, architecture }: Deployment): "predicted" | "extrapolated" {
  const calibratedCard = gpu.name === "H100-SXM5-80GB" && (quantization === "bf16" || quantization === "fp8");
  const calibratedShape = architecture.layerGroups.every(
    ({ attention, mlp }) => attention.kind === "grouped-query" && mlp.kind === "dense",
  );
  return calibratedCard && calibratedShape ? "predicted" : "extrapolated";
}
