/** Weight and activation precision of a deployment, by the names of the predict contract. */
export const QUANTIZATIONS = ["bf16", "fp8", "int8-w8a8", "int4-w4a16", "mxfp4"] as const;
export type Quantization = (typeof QUANTIZATIONS)[number];

/** `auto` keeps the 16 bits of the model. */
export const KV_CACHE_DTYPES = ["auto", "fp8"] as const;
export type KvCacheDtype = (typeof KV_CACHE_DTYPES)[number];

/** What a request may ask: `any` lets the search decide between 16 bit and FP8. */
export const KV_CACHE_CHOICES = [...KV_CACHE_DTYPES, "any"] as const;
export type KvCacheChoice = (typeof KV_CACHE_CHOICES)[number];

/**
 * How a number is known: measured on hardware, published by a vendor or price list, computed exactly from such
 * facts, predicted by the calibrated model, predicted outside of what it was calibrated on, or assumed.
 */
export type Basis = "measured" | "published" | "computed" | "predicted" | "extrapolated" | "assumed";
