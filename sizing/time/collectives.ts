import type { TimeValues } from "../coefficients";
import type { Deployment } from "../deployment";
import { isB200 } from "./roofline";

const BYTES_PER_MS_OF_GB_PER_SECOND = 1e6;
const BYTES_PER_ACTIVATION = 2;

/** Attained bytes per millisecond in one direction; link rates are quoted for both directions together. */
function linkBytesPerMs(deployment: Deployment, v: TimeValues): number {
  const nvlinkShare = v.nvlinkShare * (isB200(deployment.gpu) ? v.nvlinkBlackwell : 1);
  const share = deployment.link.kind === "nvlink" ? nvlinkShare : v.pcieShare;
  return (deployment.link.gigabytesPerSecond / 2) * BYTES_PER_MS_OF_GB_PER_SECOND * share;
}

/**
 * One all-reduce over the tensor-parallel group: a latency that grows with the number of GPUs, and
 * `2·(n − 1)/n` of the message over the link, as in a ring.
 */
export function allReduceMs(deployment: Deployment, tokens: number, v: TimeValues): number {
  const gpus = deployment.tensorParallel;
  if (gpus <= 1) return 0;
  const hops = Math.log2(gpus);
  const nvlinkMs =
    v.allReduceBaseMs + v.allReducePerHopMs * hops + (isB200(deployment.gpu) ? v.allReduceBlackwellMs : 0);
  const latencyMs = deployment.link.kind === "nvlink" ? nvlinkMs : v.pcieAllReducePerHopMs * hops;
  const messageBytes = tokens * deployment.architecture.hiddenSize * BYTES_PER_ACTIVATION;
  return latencyMs + (((2 * (gpus - 1)) / gpus) * messageBytes) / linkBytesPerMs(deployment, v);
}

/** Hidden states handed to the next pipeline stage. */
export function stageTransferMs(deployment: Deployment, tokens: number, v: TimeValues): number {
  const messageBytes = tokens * deployment.architecture.hiddenSize * BYTES_PER_ACTIVATION;
  return v.stageTransferLatencyMs + messageBytes / linkBytesPerMs(deployment, v);
}
