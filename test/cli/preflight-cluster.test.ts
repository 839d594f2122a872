import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { stringify } from "yaml";
import { gibOf } from "../../cli/preflight/cluster-storage";
import { answeringProgram } from "../support/answering-program";
import { CommandLine, type Run } from "../support/command-line";

const command = new CommandLine();

beforeAll(() => command.build());
afterAll(() => command.remove());

const SERVING = {
  model: "qwen3-32b",
  quantization: "int4-w4a16",
  gpu: "L40S",
  tensorParallel: 2,
  replicas: 2,
  target: "existing",
};

function node(disk: string | undefined, driver = "580", card = "NVIDIA-L40S"): object {
  const labels = { "nvidia.com/gpu.product": card, "nvidia.com/cuda.driver.major": driver };
  const allocatable = { "nvidia.com/gpu": "4", ...(disk === undefined ? {} : { "ephemeral-storage": disk }) };
  return { metadata: { name: "a", labels }, spec: {}, status: { allocatable } };
}

function definition(name: string, version: string, bundle?: string): object {
  const annotations = bundle === undefined ? {} : { "gateway.networking.k8s.io/bundle-version": bundle };
  return { metadata: { name, annotations }, spec: { versions: [{ name: version, served: true }] } };
}

function deployment(image: string): object {
  return { spec: { template: { spec: { containers: [{ image }] } } } };
}

const ACCEPTED = { metadata: { name: "eg" }, status: { conditions: [{ type: "Accepted", status: "True" }] } };
const ROUTES = "aigatewayroutes.aigateway.envoyproxy.io";
const DEFINED = [
  definition("gateways.gateway.networking.k8s.io", "v1", "v1.5.1"),
  definition("backends.gateway.envoyproxy.io", "v1alpha1"),
  definition(ROUTES, "v1beta1"),
];

/** What a cluster answers in which nothing stands against the plan. */
const CLUSTER = {
  "get nodes": [node("400Gi")],
  "get gatewayclasses": [ACCEPTED],
  "get customresourcedefinitions": DEFINED,
  "get deployments": [
    deployment("docker.io/envoyproxy/gateway:v1.8.1"),
    deployment("docker.io/envoyproxy/ai-gateway-controller:v1.0.0"),
  ],
};

function preflight(answers: Readonly<Record<string, readonly object[]>> = {}, settings: object = {}): Run {
  const file = join(command.folder, "existing.yaml");
  writeFileSync(file, stringify({ config: { "fitserve:serving": SERVING, ...settings } }));
  const all = Object.entries({ ...CLUSTER, ...answers }).map(([asked, items]) => [asked, { items }]);
  const bin = answeringProgram(command.folder, "kubectl", Object.fromEntries(all));
  return command.run(["preflight", "--request", "existing.yaml"], "", { PATH: bin });
}

describe("fitserve preflight of a cluster's disks", () => {
  test("says how many replicas they hold, weights and image included", () => {
    const { code, out, err } = preflight();
    expect([code, err]).toEqual([0, ""]);
    expect(out).toMatch(
      /ok +disks of the nodes: hold 2 replicas: 40 GiB for the image and 41 GiB a replica for weights and/,
    );
  });

  test("that hold fewer would fail, with what to do", () => {
    const { code, out } = preflight({ "get nodes": [node("95Gi")] });
    expect(out).toMatch(
      /FAILS +disks of the nodes: hold 1 of 2 replicas: .*; a has 95 GiB\. .*fitserve:modelCacheClaim/,
    );
    expect(code).toBe(5);
  });

  test("that hold nothing but what an engine compiles suffice for weights on a claim", () => {
    const claim = {
      metadata: { name: "weights" },
      spec: { accessModes: ["ReadWriteMany"] },
      status: { phase: "Bound", capacity: { storage: "100Gi" } },
    };
    const small = { "get nodes": [node("95Gi")], "get persistentvolumeclaims": [claim] };
    const { code, out } = preflight(small, { "fitserve:modelCacheClaim": "weights" });
    expect(out).toMatch(/ok +disks of the nodes: hold 2 replicas: .*20 GiB a replica for what an engine compiles/);
    expect(out).toMatch(/ok +claim weights: is Bound, ReadWriteMany/);
    expect(code).toBe(0);
  });

  test.each<[string, object[], object[], RegExp]>([
    ["a claim that nobody made", [], [], /claim weights: is not in the namespace fitserve-\w+; make it first/],
    [
      "a claim that is too small",
      [
        {
          metadata: { name: "weights" },
          spec: { accessModes: ["ReadWriteMany"] },
          status: { phase: "Bound", capacity: { storage: "10Gi" } },
        },
      ],
      [],
      /claim weights: holds 10 GiB, the weights want 21/,
    ],
    [
      "a claim of a class that is not there",
      [
        {
          metadata: { name: "weights" },
          spec: { accessModes: ["ReadWriteMany"], storageClassName: "efs" },
          status: { phase: "Pending" },
        },
      ],
      [{ metadata: { name: "gp3" } }],
      /claim weights: is Pending: there is no StorageClass efs/,
    ],
  ])("%s would fail", (_, claims, classes, wanted) => {
    const answers = { "get persistentvolumeclaims": claims, "get storageclasses": classes };
    const { code, out } = preflight(answers, { "fitserve:modelCacheClaim": "weights" });
    expect(out).toMatch(new RegExp(`FAILS +${wanted.source}`));
    expect(code).toBe(5);
  });

  test("are unknown where a node does not say how much it has", () => {
    expect(preflight({ "get nodes": [node(undefined)] }).out).toMatch(/unknown +disks of the nodes: no node says/);
  });

  test.each<[unknown, number | undefined]>([
    ["18242267924", 16.99],
    ["102625208Ki", 97.87],
    ["1.5Ti", 1536],
    ["500G", 465.66],
    ["much", undefined],
    [undefined, undefined],
  ])("are read from %s", (quantity, gib) => {
    const read = gibOf(quantity);
    expect(read === undefined ? read : Number(read.toFixed(2))).toBe(gib);
  });
});

describe("fitserve preflight of a cluster's driver", () => {
  test("asks for that of the plan's cards alone: no engine comes to the others", () => {
    const { code, out } = preflight({ "get nodes": [node("400Gi"), node("400Gi", "535", "Tesla-T4")] });
    expect(out).toMatch(/ok +driver: 580; CUDA 13/);
    expect(code).toBe(0);
  });

  test.each<[string, string | undefined, RegExp]>([
    ["570", undefined, /FAILS +driver: 570: CUDA 13 of \S+:v0\.33\.0\S* wants 580 or newer\. .*fitserve:engineImage/],
    ["580", undefined, /ok +driver: 580; CUDA 13/],
    ["570", "registry.example.org:5000/vllm-openai:v0.33.0-cu129", /ok +driver: 570; CUDA 12 of/],
    ["570", "vllm/vllm-openai:v0.19.1", /ok +driver: 570; CUDA 12 of/],
    ["570", "registry.example.org/engine@sha256:0123", /ok +driver: 570\n/],
  ])("%s with the image %s", (driver, image, wanted) => {
    const settings = image === undefined ? {} : { "fitserve:engineImage": image };
    expect(preflight({ "get nodes": [node("400Gi", driver)] }, settings).out).toMatch(wanted);
  });
});

describe("fitserve preflight of a cluster's gateway", () => {
  test("names the versions of the controllers and of the Gateway API", () => {
    const { out } = preflight();
    expect(out).toMatch(/ok +gateways\.gateway\.networking\.k8s\.io: is defined, of Gateway API v1\.5\.1/);
    expect(out).toMatch(/ok +Envoy Gateway: 1\.8\.1/);
    expect(out).toMatch(/ok +Envoy AI Gateway: 1\.0\.0/);
  });

  test("warns of older ones than were tested, and fails nothing", () => {
    const { code, out } = preflight({
      "get deployments": [deployment("docker.io/envoyproxy/gateway:v1.6.0"), deployment("mirror/agent:1")],
      "get customresourcedefinitions": [
        definition("gateways.gateway.networking.k8s.io", "v1", "v1.4.0"),
        ...DEFINED.slice(1),
      ],
    });
    expect(out).toMatch(/warns +gateways\.\S+: is of Gateway API v1\.4\.0; tested with 1\.5\.1/);
    expect(out).toMatch(/warns +Envoy Gateway: 1\.6\.0; tested with 1\.8\.1/);
    expect(out).toMatch(/unknown +Envoy AI Gateway: no Deployment runs an image of its name/);
    expect(code).toBe(0);
  });

  test("misses nothing that the stack brings, and warns where it is there already", () => {
    const nothing = { "get customresourcedefinitions": [], "get gatewayclasses": [], "get deployments": [] };
    const installs = { "fitserve:installGateway": true };
    const { code, out } = preflight(nothing, installs);
    expect(out).toMatch(/ok +gateway controllers: come with the stack/);
    expect(out).not.toMatch(/FAILS|GatewayClass/);
    expect(code).toBe(0);
    expect(preflight({}, installs).out).toMatch(/warns +gateway controllers: Envoy Gateway 1\.8\.1 runs already/);
    expect(preflight({ "get gatewayclasses": [] }, { "fitserve:createGatewayClass": "true" }).code).toBe(0);
  });

  test("fails where the version that the stack writes is not served", () => {
    const old = [...DEFINED.slice(0, 2), definition(ROUTES, "v1alpha1")];
    const { code, out } = preflight({ "get customresourcedefinitions": old });
    expect(out).toMatch(/FAILS +aigatewayroutes\S+: is served as v1alpha1; the stack writes v1beta1/);
    expect(code).toBe(5);
  });
});
