import type { Check } from "./checks";

/** Release from which vLLM's images have CUDA 13 unless their tag says otherwise. Source: vLLM releases, v0.20.0. */
const FIRST_WITH_CUDA_13 = [0, 20] as const;

/** Least driver by the major version of CUDA. Source: NVIDIA CUDA compatibility, minor versions. */
const LEAST_DRIVER = { 12: 525, 13: 580 } as const;

/** Whether the drivers of the nodes know the CUDA of the engine's image. */
export function driverCheck(versions: readonly (string | undefined)[], image: string): Check {
  const name = "driver";
  const known = [...new Set(versions.flatMap((version) => version ?? []))].toSorted();
  if (known.length === 0) {
    return { name, status: "unknown", detail: "no node says its version; GPU feature discovery would" };
  }
  const cuda = cudaOf(image);
  if (cuda === undefined) return { name, status: "ok", detail: known.join(", ") };
  const least = LEAST_DRIVER[cuda];
  const old = known.filter((version) => Number(version.split(".")[0]) < least);
  const wanted = `CUDA ${cuda} of ${image} wants ${least} or newer`;
  if (old.length === 0) return { name, status: "ok", detail: `${known.join(", ")}; ${wanted}` };
  const older = cuda === 13 ? ", or name an image of CUDA 12 (-cu129) in fitserve:engineImage" : "";
  return { name, status: "fails", detail: `${old.join(", ")}: ${wanted}. Update it${older}` };
}

/** Major version of CUDA in an image of vLLM; undefined where its tag says nothing. */
function cudaOf(image: string): 12 | 13 | undefined {
  const [, tag = ""] = /:([^:/@]+)(?:@|$)/.exec(image) ?? [];
  const [, suffix] = /-cu(12|13)\d/.exec(tag) ?? [];
  if (suffix !== undefined) return suffix === "12" ? 12 : 13;
  const [, major, minor] = /^v?(\d+)\.(\d+)/.exec(tag) ?? [];
  if (major === undefined || minor === undefined) return undefined;
  const isNewer = Number(major) > FIRST_WITH_CUDA_13[0] || Number(minor) >= FIRST_WITH_CUDA_13[1];
  return isNewer ? 13 : 12;
}
