import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";

/** A Helm chart at a version, as the cluster gets it. */
export interface Chart {
  readonly name: string;
  readonly chart: string;
  readonly version: string;
  /** Absent: the chart's name is an address of a registry. */
  readonly repository?: string;
  readonly namespace: string;
  readonly values: Readonly<Record<string, unknown>>;
}

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
