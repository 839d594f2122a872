import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { Chart } from "./eks-services.manifest";

/** Pulls of several images on nodes that have just come. */
const INSTALL_SECONDS = 900;

/** A child of the component that installs it. */
export function installChart(name: string, chart: Chart, opts: pulumi.CustomResourceOptions): k8s.helm.v3.Release {
  return new k8s.helm.v3.Release(
    `${name}-${chart.name}`,
    {
      name: chart.name,
      chart: chart.chart,
      version: chart.version,
      namespace: chart.namespace,
      createNamespace: true,
      timeout: INSTALL_SECONDS,
      values: { ...chart.values },
      ...(chart.repository === undefined ? {} : { repositoryOpts: { repo: chart.repository } }),
    },
    opts,
  );
}
