import { forceNewFields } from "../kubernetes-provider/force-new";
import { stringAt } from "../kubernetes-provider/kube-object";
import type { RecordedPackage } from "./recorded-package";

const RELEASE = "kubernetes:helm.sh/v3:Release";

/** Properties that make a new release. Source: pulumi-kubernetes provider/pkg/provider/helm_release.go. */
const RELEASE_FORCE_NEW = ["name", "namespace"];

/**
 * A cluster that takes everything: objects are checked against a real API server elsewhere. Here it is only told in
 * which order they come and go beside the resources of AWS.
 */
export const KUBERNETES_PACKAGE: RecordedPackage = {
  name: "kubernetes",
  version: "4.34.2",
  check: (_resource, news) => ({ inputs: news, faults: [] }),
  forceNew: ({ type }, inputs) =>
    type === RELEASE ? RELEASE_FORCE_NEW : forceNewFields(inputs, { configMaps: false, secrets: true }),
  id: ({ type, name }, inputs) => {
    const object = [stringAt(inputs, "metadata", "namespace"), stringAt(inputs, "metadata", "name")];
    const release = [stringAt(inputs, "namespace"), stringAt(inputs, "name")];
    const path = (type === RELEASE ? release : object).filter((part) => part !== undefined);
    return path.length === 0 ? name : path.join("/");
  },
  outputs: (_resource, _id, inputs) => inputs,
  previewed: (_resource, inputs) => inputs,
  invoke: () => undefined,
  configurationFault: () => undefined,
};
