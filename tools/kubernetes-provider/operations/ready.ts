import { untilReady } from "../await";
import type { JsonObject, KubeObject } from "../kube-object";
import type { Session } from "../session";

/** Waits until an applied object is ready, shows the progress of it, and returns the object as it is then. */
export async function ready(
  session: Session,
  request: { readonly urn: string; readonly timeoutSeconds: number },
  inputs: JsonObject,
  applied: KubeObject,
): Promise<KubeObject> {
  const { cluster, signal, log } = session;
  const onProgress = (text: string): void => log.status(request.urn, text);
  try {
    const live = await untilReady(cluster, applied, {
      inputs,
      timeoutSeconds: request.timeoutSeconds,
      signal,
      onProgress,
    });
    // A new definition brings a kind that the server did not have before.
    if (inputs["kind"] === "CustomResourceDefinition") cluster.discovery.reset();
    return live;
  } finally {
    log.status(request.urn, "");
  }
}
