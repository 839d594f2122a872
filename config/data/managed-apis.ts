import type { ManagedApi } from "../../sizing/compare/comparison";

const BILLING = "https://www.alibabacloud.com/help/en/model-studio/billing-for-model-studio";
/** "Last Updated" of the newest stored copy of the page that still prints the figures. */
const BILLING_DATE = "2025-04-22";

/**
 * International (Singapore) list prices of real-time calls without thinking, at the lowest tier of prompt length.
 * The mainland list (https://help.aliyun.com/en/document_detail/3023262.html) has other prices, and asks four times as
 * much for output tokens of qwen-plus when it thinks.
 */
export const MANAGED_APIS = [
  {
    name: "qwen-plus",
    provider: "Alibaba Cloud Model Studio",
    usdPerMillionInputTokens: 0.4,
    usdPerMillionOutputTokens: 1.2,
    source: BILLING,
    date: BILLING_DATE,
    basis: "published",
    note: "international list, without thinking, short prompts; output of thinking costs more",
  },
  {
    name: "qwen-max",
    provider: "Alibaba Cloud Model Studio",
    usdPerMillionInputTokens: 1.6,
    usdPerMillionOutputTokens: 6.4,
    source: BILLING,
    date: BILLING_DATE,
    basis: "published",
    note: "international list; another model than the one that is planned",
  },
] as const satisfies readonly ManagedApi[];
