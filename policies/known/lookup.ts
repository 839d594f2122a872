import { gpuProductLabel } from "../../components/gpu-product-label";
import { GPUS } from "../../config/data/gpus";
import type { Gpu } from "../../sizing/catalog";
import type { ModelArchitecture } from "../../sizing/model/architecture";
import { QUANTIZATIONS, type Quantization } from "../../sizing/model/precision";
import { INSTANCE_GPUS } from "./instance-gpus.generated";
import { KNOWN_MODELS } from "./models.generated";

/** A model with the repositories that hold its weights, by precision. */
export interface KnownModel {
  readonly key: string;
  readonly parameters: number;
  readonly architecture: ModelArchitecture;
  readonly repositories: Partial<Readonly<Record<Quantization, string>>>;
}

/** Weights as they are named on a command line. */
export interface KnownWeights {
  readonly repository: string;
  readonly quantization: Quantization;
  readonly model: KnownModel;
}

const WEIGHTS: readonly KnownWeights[] = KNOWN_MODELS.flatMap((model) =>
  QUANTIZATIONS.flatMap((quantization) => {
    const repository = model.repositories[quantization];
    return repository === undefined ? [] : [{ repository, quantization, model }];
  }),
);

/**
 * Weights by repository, also as the end of a path (`/models/Qwen/Qwen3-32B`) or in the hub's own cache
 * (`models--Qwen--Qwen3-32B`). Undefined: not in the catalog, and then nothing is claimed about them.
 */
export function findWeights(model: string): KnownWeights | undefined {
  const asked = model
    .toLowerCase()
    .replace(/\/snapshots\/[^/]+\/?$/, "")
    .replace(/^.*models--(.+?)--(.+?)\/?$/, "$1/$2")
    .replace(/\/+$/, "");
  return WEIGHTS.find(({ repository }) => {
    const known = repository.toLowerCase();
    return asked === known || asked.endsWith(`/${known}`);
  });
}

/** Repository of the same model in another precision that the catalog knows, smallest weights first. */
export function quantizedRepository(model: KnownModel): string | undefined {
  const { repositories } = model;
  return repositories["int4-w4a16"] ?? repositories.mxfp4 ?? repositories.fp8 ?? repositories["int8-w8a8"];
}

const PRODUCT_LABELS = ["nvidia.com/gpu.product", "cloud.google.com/gke-accelerator"];
const INSTANCE_LABELS = ["node.kubernetes.io/instance-type", "beta.kubernetes.io/instance-type"];

/** The card that the pod's node must have by its labels; undefined when they leave it open or it is not in the catalog. */
export function gpuOfNode(labels: Readonly<Record<string, readonly string[]>>): Gpu | undefined {
  const byProduct = PRODUCT_LABELS.flatMap((label) => labels[label] ?? []).map(gpuOfProduct);
  const byInstance = INSTANCE_LABELS.flatMap((label) => labels[label] ?? []).map((type) => INSTANCE_GPUS[type]);
  const names = new Set(byProduct.length > 0 ? byProduct : byInstance);
  const [only] = names;
  return names.size === 1 ? GPUS.find(({ name }) => name === only) : undefined;
}

function gpuOfProduct(label: string): string | undefined {
  const product = label.toLowerCase().replace(/-shared$/, "");
  return GPUS.find(({ name }) => gpuProductLabel(name).toLowerCase() === product)?.name ?? GKE_ACCELERATORS[product];
}

/** Google names its accelerators itself. Source: GKE's list of GPU node labels. */
const GKE_ACCELERATORS: Readonly<Record<string, string>> = {
  "nvidia-tesla-a100": "A100-SXM4-40GB",
  "nvidia-a100-80gb": "A100-SXM4-80GB",
  "nvidia-h100-80gb": "H100-SXM5-80GB",
  "nvidia-h100-mega-80gb": "H100-SXM5-80GB",
  "nvidia-h200-141gb": "H200-SXM-141GB",
  "nvidia-b200": "B200-SXM-180GB",
  "nvidia-l4": "L4",
};
