import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { servingManifests } from "../../components";
import type { KubernetesObject } from "../../components/kubernetes-object";
import type { ServingOptions } from "../../components/serving-options";
import { Discovery, objectPath } from "../../tools/kubernetes-provider/discovery";
import type { KubeApi } from "../../tools/kubernetes-provider/kube-api";
import { valueAt, type JsonObject } from "../../tools/kubernetes-provider/kube-object";
import { benchJobManifests, NODE_IMAGE } from "../../load/job.manifest";
import { feasiblePlan } from "../support/feasible-plan";
import { Clone } from "./support/clone";
import { withApi } from "./support/cluster-view";

const NAMESPACE = "admission";
const FIELD_MANAGER = "admission-test";

/** Each option that changes what is deployed, alone or with what it needs. */
const VARIANTS: readonly (readonly [string, Partial<ServingOptions>])[] = [
  ["nothing set", {}],
  ["TLS from a Secret", { tlsSecret: "cert" }],
  [
    "TLS from cert-manager",
    { hostname: "llm.example.org", certificateIssuer: { kind: "ClusterIssuer", name: "letsencrypt" } },
  ],
  [
    "limits that each proxy counts",
    {
      rateLimits: {
        scope: "proxy",
        everyClient: { requestsPerMinute: 60 },
        clients: { ada: { requestsPerMinute: 600 } },
      },
    },
  ],
  [
    "limits that all proxies count together",
    {
      rateLimits: {
        scope: "shared",
        everyClient: { requestsPerMinute: 60, tokensPerMinute: 100_000 },
        clients: { ada: { tokensPerMinute: 1_000_000 } },
      },
    },
  ],
  ["annotations for the load balancer", { loadBalancerAnnotations: { "example.org/type": "internal" } }],
  ["a Service of the proxies for a load balancer of one's own", { proxyService: "front" }],
  ["proxies as the class has them", { createEnvoyProxy: false }],
  ["another controller", { gateway: "gateway-api" }],
  ["a replica for each dialogue", { sessionHeader: "x-session-id" }],
  ["a picker of replicas", { endpointPicker: { service: "picker", port: 9002 } }],
  ["weights from a claim", { modelCacheClaim: "weights" }],
  ["an image of another registry", { engineImage: "example.org/vllm:v0.33.0", imagePullSecret: "registry" }],
  ["gated weights", { hubTokenSecret: "hub" }],
  ["adapters", { loraAdapters: [{ name: "legal", repository: "acme/legal" }], maxLoraRank: 64 }],
  ["a priority class", { priorityClass: { name: "llm-engines", create: true } }],
];

/** Kinds without which the API server refuses a pod; made for real before the others are judged. */
const NEEDED_FIRST = new Set(["Namespace", "ServiceAccount", "PriorityClass"]);

describe("what is deployed, judged by the API server with the definitions of the gateway", () => {
  let clone: Clone;

  beforeAll(async () => {
    clone = new Clone("admission");
    const up = await clone.run(["up"]);
    if (up.code !== 0) throw new Error(up.output);
  }, 3_600_000);

  afterAll(async () => {
    await clone.dispose();
  });

  it.each(VARIANTS)("%s: every field is known and valid, and the pod is admitted as restricted", async (_, options) => {
    const objects = servingManifests(feasiblePlan(), { ...options, namespace: NAMESPACE });
    await withApi(clone.places, async (api) => {
      for (const object of objects.toSorted(neededFirst)) {
        await apply(api, object, { dryRun: !NEEDED_FIRST.has(object.kind) });
      }
      const deployment = objects.find(({ kind }) => kind === "Deployment");
      const pod = {
        apiVersion: "v1",
        kind: "Pod",
        metadata: { name: "judged", namespace: NAMESPACE },
        spec: valueAt(deployment, "spec", "template", "spec"),
      };
      const admitted = await apply(api, pod, { dryRun: true });
      expect(valueAt(admitted, "metadata", "name")).toBe("judged");
    });
  });

  it("the Job of a bench is known and valid, and its pod is admitted as restricted", async () => {
    const [files, job] = benchJobManifests({
      name: "bench",
      namespace: NAMESPACE,
      image: NODE_IMAGE,
      programGzip: Buffer.alloc(500_000).toString("base64"),
      args: ["bench", "--url=http://gateway"],
      request: "{}",
      keySecret: { name: "bench-key", key: "api-key" },
      keyVariable: "FITSERVE_API_KEY",
    });
    if (files === undefined || job === undefined) throw new Error("nothing was made");
    const spec = valueAt(job, "spec", "template", "spec");
    const pod = { apiVersion: "v1", kind: "Pod", metadata: { name: "bench", namespace: NAMESPACE }, spec };
    await withApi(clone.places, async (api) => {
      for (const object of [files, job, pod]) {
        const admitted = await apply(api, object, { dryRun: true });
        expect(valueAt(admitted, "metadata", "name")).toBe("bench");
      }
    });
  });

  it("a misspelt field and a root user are refused, so that the judge is awake", async () => {
    const misspelt = {
      apiVersion: "gateway.networking.k8s.io/v1",
      kind: "Gateway",
      metadata: { name: "misspelt", namespace: NAMESPACE },
      spec: { gatewayClassName: "eg", listeners: [], listenerz: [] },
    };
    const root = {
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: "root", namespace: NAMESPACE },
      spec: { containers: [{ name: "root", image: "example.org/root", securityContext: { runAsUser: 0 } }] },
    };
    await withApi(clone.places, async (api) => {
      await expect(apply(api, misspelt, { dryRun: true })).rejects.toThrow(/listenerz/);
      await expect(apply(api, root, { dryRun: true })).rejects.toThrow(/restricted/);
    });
  });
});

function neededFirst(one: KubernetesObject, other: KubernetesObject): number {
  return Number(NEEDED_FIRST.has(other.kind)) - Number(NEEDED_FIRST.has(one.kind));
}

async function apply(api: KubeApi, object: KubernetesObject, { dryRun }: { readonly dryRun: boolean }) {
  const kind = await new Discovery(api).find(object.apiVersion, object.kind);
  const path = objectPath(kind, object.metadata.namespace, object.metadata.name);
  return api.apply(path, jsonOf(object), { fieldManager: FIELD_MANAGER, force: true, dryRun });
}

function jsonOf(object: KubernetesObject): JsonObject {
  const { apiVersion, kind, metadata, ...rest } = object;
  return { ...rest, apiVersion, kind, metadata: { ...metadata } };
}
