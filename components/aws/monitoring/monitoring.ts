import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { installChart } from "../../chart-release";
import { dashboardUid, servingDashboard } from "./dashboard.manifest";
import { grafana, prometheus } from "./monitoring-charts.manifest";
import type { ServedModel } from "./monitoring-rules.manifest";
import {
  dashboardReader,
  dashboardReaderBinding,
  grafanaToPrometheus,
  MONITORING_NAMESPACE,
  monitoringAccess,
  monitoringNamespace,
  nobodyComesIn,
  podReader,
  podReaderBinding,
  type MonitoringAccess,
} from "./monitoring.manifest";

export interface MonitoringArgs {
  /** Each has a dashboard, and alerts against its plan. */
  readonly served: readonly ServedModel[];
  /** Who is told of alerts, as scheme, host and port; absent: nobody. */
  readonly alertmanager?: string;
}

/**
 * Prometheus and Grafana on the system nodes: dashboards and alerts of what is served, for whoever may forward a port of
 * the cluster. It waits for no model, so that it shows how the first one starts.
 *
 * ### Cost
 * None of its own: it fits the system nodes of the plan, and what it keeps lies on their disks.
 *
 * @example
 * new Monitoring("monitoring", { served: [{ plan, options }] }, { providers: { kubernetes: provider } });
 */
export class Monitoring extends pulumi.ComponentResource {
  /** How to open the dashboard of each model, in their order. */
  readonly access: readonly MonitoringAccess[];
  readonly dashboards: readonly k8s.core.v1.ConfigMap[];

  constructor(name: string, { served, alertmanager }: MonitoringArgs, opts?: pulumi.ComponentResourceOptions) {
    super("fitserve:aws:Monitoring", name, {}, opts);
    const mine = { parent: this };
    const namespace = new k8s.core.v1.Namespace(`${name}-namespace`, monitoringNamespace(), mine);
    const within = { parent: this, dependsOn: [namespace] };
    const closed = [
      new k8s.networking.v1.NetworkPolicy(`${name}-closed`, nobodyComesIn(), within),
      new k8s.networking.v1.NetworkPolicy(`${name}-grafana-to-prometheus`, grafanaToPrometheus(), within),
    ];
    installChart(name, prometheus(served, alertmanager), {
      parent: this,
      dependsOn: [...closed, ...this.mayReadPods(name)],
    });
    installChart(name, grafana(), { parent: this, dependsOn: [...closed, ...this.mayReadDashboards(name, within)] });
    this.dashboards = served.map(({ plan, options }) => {
      const dashboard = servingDashboard(plan, options, MONITORING_NAMESPACE);
      return new k8s.core.v1.ConfigMap(`${name}-dashboard-${options.namespace}`, dashboard, within);
    });
    this.access = served.map(({ options }) => monitoringAccess(dashboardUid(options)));
    this.registerOutputs({ access: this.access });
  }

  private mayReadPods(name: string): pulumi.Resource[] {
    const mine = { parent: this };
    const role = new k8s.rbac.v1.ClusterRole(`${name}-pod-reader`, podReader(), mine);
    return [role, new k8s.rbac.v1.ClusterRoleBinding(`${name}-pod-reader-binding`, podReaderBinding(), mine)];
  }

  private mayReadDashboards(name: string, within: pulumi.CustomResourceOptions): pulumi.Resource[] {
    const role = new k8s.rbac.v1.Role(`${name}-dashboard-reader`, dashboardReader(), within);
    return [role, new k8s.rbac.v1.RoleBinding(`${name}-dashboard-reader-binding`, dashboardReaderBinding(), within)];
  }
}
