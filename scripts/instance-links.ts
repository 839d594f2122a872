import type { GpuLink } from "../sizing/catalog";

const PCIE: Readonly<Record<string, number>> = { "RTX-PRO-6000-Blackwell-Server": 128, "H100-NVL-94GB": 128 };
const SWITCHED: readonly (readonly [card: RegExp, gigabytesPerSecond: number])[] = [
  [/^A100-SXM/, 600],
  [/^(H100-SXM|H200)/, 900],
  [/^(B200|B300|GB200)/, 1800],
  [/^V100/, 300],
];

/**
 * Link between the cards of a machine, both directions summed. AWS: EC2's product pages (NVSwitch on p4/p5/p6, PCIe
 * on g types); the SXM machines of Google and Azure are HGX boards or slices of them. Azure joins its PCIe cards by
 * an NVLink bridge in pairs only, so a machine of four is as fast as PCIe.
 */
export function linkOf(cloud: string, instanceType: string, gpu: string, gpuCount: number): GpuLink {
  const switched = SWITCHED.find(([card]) => card.test(gpu));
  if (switched !== undefined && gpuCount > 1) return { kind: "nvlink", gigabytesPerSecond: switched[1] };
  const bridged = cloud === "azure" && gpuCount === 2 && /_A100_v4$|_H100_v5$/.test(instanceType);
  if (bridged) return { kind: "nvlink", gigabytesPerSecond: 600 };
  if (switched !== undefined) return { kind: "pcie", gigabytesPerSecond: gpu.startsWith("A100") ? 64 : 128 };
  return { kind: "pcie", gigabytesPerSecond: PCIE[gpu] ?? 64 };
}
