import { parser } from "@prometheus-io/lezer-promql";
import { beforeAll, describe, expect, test } from "vitest";
import { servingDashboard } from "../../../../components/aws/monitoring/dashboard.manifest";
import { alertGroups } from "../../../../components/aws/monitoring/monitoring-rules.manifest";
import { monitoringNamespaceFault } from "../../../../components/aws/monitoring/monitoring.manifest";
import { servingOptions } from "../../../../components/serving-options";
import { MONITORING_REQUESTS, type Share } from "../../../../sizing/cost/system-pool";
import type { FeasiblePlan } from "../../../../sizing/serving-plan";
import { registeredOnAws } from "../../../support/aws-program";
import { awsCluster, awsFaults, awsPlan } from "../../../support/aws-settings";
import { EXPORTED_METRICS } from "../../../support/exported-metrics";
import type { Registered } from "../../../support/pulumi-mocks";

let resources: readonly Registered[];
let monitoring: readonly Registered[];

beforeAll(async () => {
  ({ resources } = await registeredOnAws());
  monitoring = resources.filter(({ name }) => name.startsWith("monitoring"));
});

function named(name: string, among: readonly Registered[] = resources): Record<string, unknown> {
  const found = among.find((resource) => resource.name === name);
  if (found === undefined) throw new Error(`there is no ${name}`);
  return found.inputs;
}

describe("what monitoring makes", () => {
  test("is this list, by type and name", () => {
    expect(monitoring.map(({ type, name }) => `${type} ${name}`)).toEqual([
      "fitserve:aws:Monitoring monitoring",
      "kubernetes:networking.k8s.io/v1:NetworkPolicy monitoring-closed",
      "kubernetes:core/v1:ConfigMap monitoring-dashboard-fitserve",
      "kubernetes:rbac.authorization.k8s.io/v1:Role monitoring-dashboard-reader",
      "kubernetes:rbac.authorization.k8s.io/v1:RoleBinding monitoring-dashboard-reader-binding",
      "kubernetes:helm.sh/v3:Release monitoring-grafana",
      "kubernetes:networking.k8s.io/v1:NetworkPolicy monitoring-grafana-to-prometheus",
      "kubernetes:core/v1:Namespace monitoring-namespace",
      "kubernetes:rbac.authorization.k8s.io/v1:ClusterRole monitoring-pod-reader",
      "kubernetes:rbac.authorization.k8s.io/v1:ClusterRoleBinding monitoring-pod-reader-binding",
      "kubernetes:helm.sh/v3:Release monitoring-prometheus",
    ]);
  });

  test("is nothing where it is not wanted: the dashboard lies beside the engine, for somebody's own Grafana", async () => {
    const { resources: made, built } = await registeredOnAws(awsCluster({ monitoring: false }));
    expect(made.filter(({ name }) => name.startsWith("monitoring"))).toEqual([]);
    expect(named("dashboard", made)["metadata"]).toMatchObject({
      namespace: "fitserve",
      labels: { grafana_dashboard: "1" },
    });
    expect(built.monitoring).toBeUndefined();
  });

  test("takes the dashboard up where it lies: label and namespace are those of Grafana's sidecar", () => {
    expect(named("monitoring-dashboard-fitserve")["metadata"]).toMatchObject({
      namespace: "monitoring",
      labels: { grafana_dashboard: "1" },
    });
    expect(named("monitoring-grafana")).toMatchObject({
      namespace: "monitoring",
      values: { sidecar: { dashboards: { enabled: true, labelValue: "1" } } },
    });
  });

  test("is opened by a command that the stack prints, and an address at which the dashboard is", async () => {
    const { built } = await registeredOnAws();
    expect(built.monitoring).toEqual({
      grafana: "kubectl --namespace monitoring port-forward service/grafana 3000:80",
      dashboard: "http://localhost:3000/d/fitserve-fitserve",
      prometheus: "kubectl --namespace monitoring port-forward service/prometheus 9090:80",
      alerts: "http://localhost:9090/alerts",
    });
    const [dashboard = ""] = Object.values<string>(Object(named("monitoring-dashboard-fitserve")["data"]));
    expect(JSON.parse(dashboard)).toMatchObject({ uid: "fitserve-fitserve" });
    expect(named("monitoring-prometheus")["values"]).toMatchObject({ server: { fullnameOverride: "prometheus" } });
  });

  test("has its namespace to itself", () => {
    expect(monitoringNamespaceFault("monitoring", true)).toMatch(/^fitserve:namespace is monitoring, .*Grafana/);
    expect(monitoringNamespaceFault("monitoring", false)).toBeUndefined();
    expect(monitoringNamespaceFault("fitserve", true)).toBeUndefined();
  });
});

describe("safety of what monitoring makes", () => {
  test("orders no load balancer, and no volume that would stay behind", () => {
    const text = JSON.stringify(monitoring);
    expect(text).not.toMatch(/LoadBalancer|NodePort|PersistentVolumeClaim/);
    expect(named("monitoring-prometheus")["values"]).toMatchObject({
      server: { persistentVolume: { enabled: false }, service: { type: "ClusterIP" } },
      alertmanager: { enabled: false },
    });
    expect(named("monitoring-grafana")["values"]).toMatchObject({
      persistence: { enabled: false },
      service: { type: "ClusterIP" },
    });
  });

  test("runs the plugins of its image: without them there would be no source of data", () => {
    expect(named("monitoring-grafana")["values"]).toMatchObject({
      containerSecurityContext: { readOnlyRootFilesystem: true },
      env: { GF_PLUGINS_PREINSTALL_DISABLED: "true" },
    });
  });

  test("knows no password: Grafana has no administrator, shows and changes nothing", () => {
    expect(monitoring.filter(({ type }) => type.endsWith(":Secret"))).toEqual([]);
    expect(JSON.stringify(monitoring)).not.toMatch(/password/i);
    expect(named("monitoring-grafana")["values"]).toMatchObject({
      env: { GF_SECURITY_DISABLE_INITIAL_ADMIN_CREATION: "true" },
      "grafana.ini": {
        auth: { disable_login_form: true },
        "auth.anonymous": { enabled: true, org_role: "Viewer" },
        "auth.basic": { enabled: false },
      },
    });
  });

  test("reads pods in the cluster and ConfigMaps in its namespace, and changes nothing", () => {
    const rights = monitoring.flatMap(({ inputs }) => (inputs["rules"] === undefined ? [] : [inputs["rules"]]));
    const verbs = ["get", "list", "watch"];
    expect(rights).toEqual([
      [{ apiGroups: [""], resources: ["configmaps"], verbs }],
      [{ apiGroups: [""], resources: ["pods"], verbs }],
    ]);
    for (const release of ["monitoring-prometheus", "monitoring-grafana"]) {
      expect(named(release)["values"]).toMatchObject({ rbac: { create: false } });
    }
  });

  test("keeps to the strictest standard of pod security, in each container", () => {
    expect(named("monitoring-namespace")["metadata"]).toMatchObject({
      labels: { "pod-security.kubernetes.io/enforce": "restricted" },
    });
    const restricted = {
      allowPrivilegeEscalation: false,
      capabilities: { drop: ["ALL"] },
      runAsNonRoot: true,
      seccompProfile: { type: "RuntimeDefault" },
    };
    expect(named("monitoring-prometheus")["values"]).toMatchObject({
      server: { containerSecurityContext: restricted },
      configmapReload: { prometheus: { containerSecurityContext: restricted } },
    });
    expect(named("monitoring-grafana")["values"]).toMatchObject({
      containerSecurityContext: restricted,
      sidecar: { securityContext: restricted },
    });
  });

  test("is reached by nobody, but Prometheus by Grafana; and reaches the engine, whoever else may", async () => {
    expect(named("monitoring-closed")["spec"]).toEqual({ podSelector: {}, policyTypes: ["Ingress"] });
    expect(named("monitoring-grafana-to-prometheus")["spec"]).toMatchObject({
      podSelector: { matchLabels: { "app.kubernetes.io/name": "prometheus" } },
      ingress: [
        { from: [{ podSelector: { matchLabels: { "app.kubernetes.io/name": "grafana" } } }], ports: [{ port: 9090 }] },
      ],
    });
    const { resources: made } = await registeredOnAws(awsCluster(), { clientNamespaces: ["batch"] });
    const [policy] = made.filter(
      ({ type, name }) => type.endsWith(":NetworkPolicy") && name.startsWith("serving-engine"),
    );
    expect(JSON.stringify(policy?.inputs)).toContain('"kubernetes.io/metadata.name":"monitoring"');
  });
});

function asked({ milliCpus, memoryMiB }: Share) {
  return { requests: { cpu: `${milliCpus}m`, memory: `${memoryMiB}Mi` } };
}

describe("what monitoring takes and keeps", () => {
  test("asks for what the plan of the system nodes counts, on these nodes alone", () => {
    const { prometheus, reloader, grafana, dashboards } = MONITORING_REQUESTS;
    const nodeSelector = { "fitserve.dev/pool": "system" };
    expect(named("monitoring-prometheus")["values"]).toMatchObject({
      server: { nodeSelector, resources: asked(prometheus) },
      configmapReload: { prometheus: { resources: asked(reloader) } },
    });
    expect(named("monitoring-grafana")["values"]).toMatchObject({
      nodeSelector,
      resources: asked(grafana),
      sidecar: { resources: asked(dashboards) },
    });
    expect(named("cluster-system-nodes")["labels"]).toEqual(nodeSelector);
  });

  test("ends by days and by size, the size below the volume, the volume below the node's disk", () => {
    const { server } = Object(named("monitoring-prometheus")["values"]);
    expect(server).toMatchObject({ retention: "15d", retentionSize: "5GB", emptyDir: { sizeLimit: "8Gi" } });
    expect(JSON.stringify(named("cluster-system-template")["blockDeviceMappings"])).toContain('"volumeSize":50');
  });

  test("comes from pods that say so by their annotations, and from nothing else", () => {
    const { scrapeConfigs } = Object(named("monitoring-prometheus")["values"]);
    const on = Object.entries<object>(scrapeConfigs).filter(([, job]) => !("enabled" in job));
    expect(on.map(([name]) => name)).toEqual(["annotated-pods"]);
    expect(JSON.stringify(on)).toContain("__meta_kubernetes_pod_annotation_prometheus_io_scrape");
  });
});

function rulesOf(plan: FeasiblePlan) {
  return alertGroups([{ plan, options: servingOptions(plan) }]).flatMap(({ rules }) => rules);
}

function withSlo(slo: FeasiblePlan["request"]["slo"]): FeasiblePlan {
  const plan = awsPlan();
  return { ...plan, request: { ...plan.request, slo } };
}

async function told(alertmanager?: string): Promise<unknown> {
  const cluster = awsCluster(alertmanager === undefined ? {} : { alertmanager });
  const { resources: made } = await registeredOnAws(cluster);
  return Object(named("monitoring-prometheus", made)["values"]).server.alertmanagers;
}

describe("alerts", () => {
  test("are these, with how long it has to last", () => {
    expect(rulesOf(awsPlan({ replicas: 2 })).map(({ alert, for: lasting }) => [alert, lasting])).toEqual([
      ["EngineDown", "5m"],
      ["EngineMissing", "15m"],
      ["AnswersFail", "5m"],
      ["FirstTokenLate", "10m"],
      ["TokensSlow", "10m"],
      ["QueueGrows", "5m"],
      ["KvCacheFull", "10m"],
      ["RequestsPreempted", "10m"],
      ["CardError", undefined],
      ["CardMemoryFails", undefined],
      ["CardsUnseen", "10m"],
    ]);
  });

  test("have the plan's figures as their limits", () => {
    const plan = awsPlan({ replicas: 3 });
    const limits = new Map(rulesOf(plan).map(({ alert, expr }) => [alert, / ([<>]=?|==) ([\d.]+)$/.exec(expr)?.[0]]));
    const { slo, workload } = plan.request;
    expect(limits.get("EngineMissing")).toBe(" < 3");
    expect(limits.get("FirstTokenLate")).toBe(` > ${slo.ttftSeconds}`);
    expect(limits.get("TokensSlow")).toBe(` > ${1 / (slo.tokensPerSecondPerUser ?? 0)}`);
    expect(limits.has("AnswersLate")).toBe(false);
    expect(rulesOf(withSlo({ endToEndSeconds: 30 })).map(({ alert }) => alert)).toContain("AnswersLate");
    expect(limits.get("QueueGrows")).toBe(` > ${workload.concurrency / 10}`);
  });

  test("hold nobody to what was not promised, and miss no second engine of one", () => {
    const alerts = rulesOf(withSlo({})).map(({ alert }) => alert);
    expect(alerts).not.toContain("FirstTokenLate");
    expect(alerts).not.toContain("TokensSlow");
    expect(alerts).not.toContain("EngineMissing");
  });

  test("are told to the Alertmanager that is named, and to nobody else", async () => {
    expect(await told()).toEqual([]);
    expect(await told("https://alerts.example.com:443")).toEqual([
      { scheme: "https", static_configs: [{ targets: ["alerts.example.com:443"] }] },
    ]);
    expect(awsFaults({ monitoring: false, alertmanager: "http://alerts:9093" })).toEqual([
      "fitserve:aws.alertmanager is told by the Prometheus of fitserve:aws.monitoring, which is false.",
    ]);
  });

  test("of several models are told apart by the namespace, and the cards are watched once", () => {
    const plan = awsPlan();
    const served = ["small", "large"].map((namespace) => ({ plan, options: servingOptions(plan, { namespace }) }));
    const groups = alertGroups(served);
    expect(groups.map(({ name }) => name)).toEqual(["fitserve small", "fitserve large", "fitserve cards"]);
    expect(groups[0]?.rules.filter(({ expr }) => !expr.includes('namespace="small"'))).toEqual([]);
    expect(groups[0]?.rules.map(({ labels }) => labels["namespace"])).not.toContain("large");
  });
});

describe("PromQL of alerts and dashboards", () => {
  const plan = awsPlan({ replicas: 2 });
  const data = servingDashboard(plan, servingOptions(plan), "monitoring").data;
  const dashboard: { panels: readonly { targets: readonly { expr: string }[] }[] } = JSON.parse(
    Object.values(data)[0] ?? "{}",
  );
  const queries = [
    ...rulesOf(plan).map(({ expr }) => expr),
    ...dashboard.panels.flatMap(({ targets }) => targets.map(({ expr }) => expr)),
  ];

  test.each(queries)("%s is read by Prometheus's own grammar", (query) => {
    const faults: string[] = [];
    parser.parse(query).iterate({
      enter: ({ type, from }) => {
        if (type.isError) faults.push(query.slice(from));
      },
    });
    expect(faults).toEqual([]);
  });

  test("asks only for metrics that engine, proxy and exporter have", () => {
    const metrics = queries.flatMap((query) => {
      const names: string[] = [];
      parser.parse(query).iterate({
        enter: ({ name, from, to }) => {
          if (name === "Identifier") names.push(query.slice(from, to));
        },
      });
      return names;
    });
    expect(new Set(metrics).size).toBeGreaterThan(12);
    expect([...new Set(metrics)].filter((name) => !EXPORTED_METRICS.has(name))).toEqual([]);
  });
});
