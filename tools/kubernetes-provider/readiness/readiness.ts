import type { JsonObject, KubeObject } from "../kube-object";

/** Whether a live object is ready to use, and if not, why. */
export interface Readiness {
  readonly ready: boolean;
  /** What is waited for, in a few words for the progress display. */
  readonly waitingFor?: string;
  /** What is wrong, one fault an entry; shown when the wait ends without success. */
  readonly reasons?: readonly string[];
  /** It will never become ready: there is no use in waiting on. */
  readonly failed?: boolean;
}

/** Other objects that decide about, or explain, the readiness of one. */
export interface RelatedQuery {
  readonly apiVersion: string;
  readonly kind: string;
  readonly labelSelector: string;
}

/** How to wait for one kind. The judgement is pure: it sees objects and nothing else. */
export interface ReadinessRule {
  readonly timeoutSeconds: number;
  readonly related?: (live: KubeObject) => RelatedQuery | undefined;
  readonly judge: (live: KubeObject, related: readonly JsonObject[]) => Readiness;
}

export const READY: Readiness = { ready: true };

export function waiting(waitingFor: string, reasons: readonly string[] = []): Readiness {
  return { ready: false, waitingFor, reasons: reasons.length === 0 ? [`waiting for ${waitingFor}`] : reasons };
}

export function failed(...reasons: readonly string[]): Readiness {
  return { ready: false, failed: true, reasons };
}
