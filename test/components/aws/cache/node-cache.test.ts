import { beforeAll, describe, expect, test } from "vitest";
import { servingManifests } from "../../../../components";
import { copyDaemonSet, nodeModel } from "../../../../components/aws/cache/node-cache.manifest";
import { servingOptions } from "../../../../components/serving-options";
import { engineDeployment } from "../../../../components/vllm/vllm-deployment.manifest";
import { policyOf, type Rule } from "../../../../policies/rule";
import { engineKnowsItsFlags } from "../../../../policies/rules/engine-knows-its-flags";
import { modelWeightsAreKnown } from "../../../../policies/rules/model-weights-are-known";
import { registeredOnAws } from "../../../support/aws-program";
import { awsCluster, awsPlan } from "../../../support/aws-settings";
import { judged } from "../../../support/judged";
import type { Registered } from "../../../support/pulumi-mocks";

const NODE_NVME = awsCluster({ modelCache: "node-nvme" });
const FOLDER = "/mnt/k8s-disks/0/fitserve/fitserve";

let resources: readonly Registered[];
let streamed: readonly Registered[];

beforeAll(async () => {
  ({ resources } = await registeredOnAws(NODE_NVME));
  ({ resources: streamed } = await registeredOnAws());
});

function named(name: string, among: readonly Registered[] = resources): Record<string, unknown> {
  const found = among.find((resource) => resource.name === name);
  if (found === undefined) throw new Error(`there is no ${name}`);
  return found.inputs;
}

interface Container {
  readonly name: string;
  readonly command?: readonly string[];
  readonly args?: readonly string[];
  readonly env?: readonly { readonly name: string; readonly value?: string }[];
  readonly securityContext: { readonly runAsUser?: number; readonly runAsNonRoot?: boolean };
  readonly volumeMounts?: readonly { readonly name: string; readonly mountPath: string; readonly readOnly?: boolean }[];
}

interface Pod {
  readonly nodeSelector: Readonly<Record<string, string>>;
  readonly securityContext: object;
  readonly initContainers: readonly Container[];
  readonly containers: readonly Container[];
  readonly volumes: readonly Readonly<Record<string, unknown>>[];
}

function podOf(name: string): Pod {
  const { spec }: { spec: { template: { spec: Pod } } } = Object(named(name));
  return spec.template.spec;
}

function environmentOf({ env = [] }: Container): Record<string, string> {
  return Object.fromEntries(env.flatMap(({ name, value }) => (value === undefined ? [] : [[name, value]])));
}

function containerOf(pod: Pod, name: string): Container {
  const found = [...pod.initContainers, ...pod.containers].find((one) => one.name === name);
  if (found === undefined) throw new Error(`there is no container ${name}`);
  return found;
}

function listOf(among: readonly Registered[]): string[] {
  return among.map(({ type, name }) => `${type} ${name}`);
}

function diskRequestedBy(inputs: object): string | undefined {
  return /"ephemeral-storage":"([^"]+)"/.exec(JSON.stringify(inputs))?.[1];
}

const ENGINE = "serving-engine-deployment";
const COPIES = "weights-nodes-copies";

describe("weights on the nodes' own disks", () => {
  test("bring these resources beside those of the bucket, and take none away", () => {
    const [before, after] = [new Set(listOf(streamed)), new Set(listOf(resources))];
    expect([...after].filter((one) => !before.has(one))).toEqual([
      "kubernetes:core/v1:PersistentVolumeClaim serving-engine-weights",
      "fitserve:aws:NodeCache weights-nodes",
      "kubernetes:core/v1:ServiceAccount weights-nodes-account",
      "kubernetes:apps/v1:DaemonSet weights-nodes-copies",
      "kubernetes:core/v1:Namespace weights-nodes-namespace",
      "kubernetes:core/v1:ConfigMap weights-nodes-script",
      "kubernetes:core/v1:PersistentVolume weights-nodes-volume",
    ]);
    expect([...before].filter((one) => !after.has(one))).toEqual([]);
  });

  test("are copied on every GPU node and no other", () => {
    expect(podOf(COPIES).nodeSelector).toEqual(named("gpu-nodes")["labels"]);
    expect(named(COPIES)).toMatchObject({
      spec: {
        updateStrategy: { rollingUpdate: { maxUnavailable: "100%" } },
        template: { spec: { tolerations: [{ key: "nvidia.com/gpu", operator: "Exists" }] } },
      },
    });
  });

  test("are loaded by the streamer from a path that ends in the repository, without the hub and without S3", () => {
    const engine = containerOf(podOf(ENGINE), "vllm");
    expect(engine.args?.[0]).toMatch(/^\/weights\/[a-z0-9-]+\/Qwen\/Qwen3-32B-AWQ$/);
    expect(engine.args?.filter((arg) => /load-format|loader|revision/.test(arg))).toEqual([
      "--load-format=runai_streamer",
      // Each rank would have a buffer of 40 GB of its own, more than the container may have.
      '--model-loader-extra-config={"memory_limit":0}',
    ]);
    expect(environmentOf(engine)).toMatchObject({ HF_HUB_OFFLINE: "1" });
    expect(Object.keys(environmentOf(engine)).filter((name) => name.includes("S3"))).toEqual([]);
    expect(JSON.stringify(named(ENGINE))).not.toContain("s3://");
  });

  test("are waited for: the engine's pod looks for the very file that the copy writes last", () => {
    const { ROOT = "", FOLDER: folder, REPOSITORY, DEVICE } = environmentOf(containerOf(podOf(COPIES), "copy"));
    const { MARKER } = environmentOf(containerOf(podOf(ENGINE), "weights"));
    expect(MARKER).toBe(`/weights/${folder}/${REPOSITORY}/.complete`);
    expect(ROOT).toBe("/cache");
    // A folder that is not on the joined disks would be made on the system's.
    expect(DEVICE).toBe("/dev/md");
  });

  test("lie in a folder of one level for each checkpoint, so that another quantization leaves the volume as it is", () => {
    const options = servingOptions(awsPlan());
    const [one, other] = ["a", "b"].map((revision) =>
      nodeModel(options, { repository: "Qwen/Qwen3-32B-AWQ", revision }),
    );
    expect(one?.uri).not.toBe(other?.uri);
    expect(one?.uri.split("/")).toHaveLength(5);
    expect([one?.claim, one?.volume]).toEqual([other?.claim, other?.volume]);
  });

  test("bring no disk: the claim is bound to the folder alone, and the folder to the pool", () => {
    expect(named("serving-engine-weights")).toMatchObject({
      metadata: { namespace: "fitserve", name: "qwen3-32b-weights" },
      spec: { storageClassName: "", volumeName: "fitserve-qwen3-32b-weights", accessModes: ["ReadOnlyMany"] },
    });
    expect(named("weights-nodes-volume")).toMatchObject({
      metadata: { name: "fitserve-qwen3-32b-weights" },
      spec: {
        local: { path: FOLDER },
        claimRef: { namespace: "fitserve", name: "qwen3-32b-weights" },
        persistentVolumeReclaimPolicy: "Retain",
        accessModes: ["ReadOnlyMany"],
        nodeAffinity: {
          required: {
            nodeSelectorTerms: [
              { matchExpressions: [{ key: "fitserve.dev/pool", operator: "In", values: ["fitserve"] }] },
            ],
          },
        },
      },
    });
    expect(resources.filter(({ type }) => type.endsWith(":StorageClass"))).toEqual([]);
  });

  test("leave the engine's home with what it compiles", () => {
    expect(diskRequestedBy(named(ENGINE))).toBe("20Gi");
    expect(diskRequestedBy(named(ENGINE, streamed))).not.toBe("20Gi");
  });
});

describe("safety of weights on the nodes' own disks", () => {
  test("the engine's pod still fulfils the restricted standard, and only reads the weights", () => {
    const pod = podOf(ENGINE);
    expect(named("serving-namespace")).toMatchObject({
      metadata: { labels: { "pod-security.kubernetes.io/enforce": "restricted" } },
    });
    expect(pod.securityContext).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } });
    const kinds = pod.volumes.flatMap((volume) => Object.keys(volume).filter((key) => key !== "name"));
    expect(new Set(kinds)).toEqual(new Set(["emptyDir", "persistentVolumeClaim"]));
    const containers = [...pod.initContainers, ...pod.containers];
    expect(containers.map(({ securityContext }) => securityContext)).toEqual(
      containers.map(() => ({
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ["ALL"] },
      })),
    );
    const mounts = containers.flatMap(({ volumeMounts = [] }) => volumeMounts.filter(({ name }) => name === "weights"));
    expect(mounts).toEqual(mounts.map(() => ({ name: "weights", mountPath: "/weights", readOnly: true })));
    expect(mounts).toHaveLength(2);
    expect(pod.volumes).toContainEqual({
      name: "weights",
      persistentVolumeClaim: { claimName: "qwen3-32b-weights", readOnly: true },
    });
  });

  test("one kind of pod alone sees a folder of its node, that folder alone, in a namespace of its own", () => {
    const withHostPath = resources.filter(({ inputs }) => JSON.stringify(inputs).includes("hostPath"));
    expect(withHostPath.map(({ name }) => name)).toEqual([COPIES]);
    expect(podOf(COPIES).volumes).toContainEqual({
      name: "cache",
      hostPath: { path: FOLDER, type: "DirectoryOrCreate" },
    });
    const lenient = resources.filter(({ inputs }) => JSON.stringify(inputs).includes('enforce":"privileged"'));
    expect(lenient.map(({ name }) => name)).toEqual(["weights-nodes-namespace"]);
    const inIt = resources.filter(({ inputs }) => JSON.stringify(inputs).includes('"namespace":"fitserve-node-cache"'));
    expect(inIt.map(({ name }) => name)).toEqual([
      "weights-nodes-account",
      COPIES,
      "weights-nodes-script",
      "weights-read-identity",
    ]);
  });

  test("what downloads is nobody's root; root, without any capability, opens the folder and does nothing else", () => {
    const pod = podOf(COPIES);
    const containers = [...pod.initContainers, ...pod.containers];
    expect(pod.securityContext).toMatchObject({ runAsNonRoot: true, runAsUser: 2000 });
    expect(containers.filter(({ securityContext }) => securityContext.runAsUser === 0)).toMatchObject([
      { name: "folder", command: ["chmod", "0775", "/cache"] },
    ]);
    for (const { securityContext } of containers) {
      expect(securityContext).toMatchObject({
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ["ALL"] },
      });
    }
  });

  test("the copy may read the bucket; the engine has no role and is let out nowhere", () => {
    expect(named("weights-read-identity")).toMatchObject({
      namespace: "fitserve-node-cache",
      serviceAccount: "weights-copy",
    });
    const actions = String(named("weights-read-policy")["policy"]);
    expect(actions).not.toMatch(/Put|Delete/);
    const accounts = resources.flatMap(({ type, inputs }) =>
      type === "aws:eks/podIdentityAssociation:PodIdentityAssociation" ? [inputs["serviceAccount"]] : [],
    );
    expect(accounts).not.toContain("qwen3-32b");
    expect(named("serving-engine-network-policy")).toMatchObject({ spec: { policyTypes: ["Ingress", "Egress"] } });
    expect(Object(named("serving-engine-network-policy"))["spec"]).not.toHaveProperty("egress");
  });

  test("adapters of the hub are still fetched, and nothing of the node's identity", async () => {
    const options = { loraAdapters: [{ name: "legal", repository: "acme/legal" }] };
    const { resources: made } = await registeredOnAws(NODE_NVME, options);
    const policy = JSON.stringify(named("serving-engine-network-policy", made));
    expect(policy).toContain('"port":443');
    expect(policy).not.toContain("169.254.170.23");
    expect(JSON.stringify(named(ENGINE, made))).not.toContain("HF_HUB_OFFLINE");
  });

  test("no secret is given to what copies, and nothing but names stands in its command", async () => {
    const { resources: made } = await registeredOnAws(NODE_NVME, { hubTokenSecret: "hub" });
    expect(JSON.stringify(named(COPIES, made))).not.toContain("secretKeyRef");
    const commands = podOf(COPIES).initContainers.map(({ command }) => command?.join(" "));
    expect(commands).toEqual(["chmod 0775 /cache", "python3 /program/copy_weights.py"]);
  });

  test("image and its registry's secret are the engine's", async () => {
    const options = { engineImage: "registry.example.com/vllm:1", imagePullSecret: "registry" };
    const pod = copyDaemonSet(awsPlan(), servingOptions(awsPlan(), options), "models", { repository: "Qwen/Qwen3-32B" })
      .spec.template.spec;
    expect(new Set([...pod.initContainers, ...pod.containers].map(({ image }) => image))).toEqual(
      new Set(["registry.example.com/vllm:1"]),
    );
    expect(pod.imagePullSecrets).toEqual([{ name: "registry" }]);
  });
});

describe("an engine that loads from its node", () => {
  const plan = awsPlan();
  const base = servingOptions(plan);
  const { checkpoint } = plan.model;
  if (checkpoint === undefined) throw new Error("the plan has no weights");
  const options = { ...base, modelSource: nodeModel(base, checkpoint) };

  test.each<[string, Rule]>([
    ["its flags are of its version", engineKnowsItsFlags],
    ["its weights are known", modelWeightsAreKnown],
  ])("complies with the policies: %s", async (_, rule) => {
    const verdict = await judged(policyOf(rule), { ...engineDeployment(plan, options) });
    expect(verdict).toEqual({ kind: "violations", messages: [] });
  });

  test("has its claim among its manifests, before the pods that wait for it", () => {
    const kinds = servingManifests(plan, options).map(({ kind }) => kind);
    expect(kinds.indexOf("PersistentVolumeClaim")).toBeGreaterThan(kinds.indexOf("Namespace"));
    expect(kinds.indexOf("PersistentVolumeClaim")).toBeLessThan(kinds.indexOf("Deployment"));
  });
});
