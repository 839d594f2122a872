import { beforeAll, describe, expect, test } from "vitest";
import { registeredOnAws } from "../../../support/aws-program";
import { awsCluster, awsPlan } from "../../../support/aws-settings";
import type { Registered } from "../../../support/pulumi-mocks";

const KARPENTER = { disk: "auto", provisioner: "karpenter" } as const;
const RESERVED = { id: "cr-0123456789abcdef0", kind: "on-demand" } as const;

let resources: readonly Registered[];

beforeAll(async () => {
  ({ resources } = await registeredOnAws(awsCluster({ gpu: KARPENTER })));
});

function named(name: string, among: readonly Registered[] = resources): Record<string, unknown> {
  const found = among.find((resource) => resource.name === name);
  if (found === undefined) throw new Error(`there is no ${name}`);
  return found.inputs;
}

interface Statement {
  readonly Effect: string;
  readonly Action: string | readonly string[];
  readonly Resource: string | readonly string[];
  readonly Principal?: unknown;
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

function statements(name: string): readonly Statement[] {
  const { Statement } = JSON.parse(String(named(name)["policy"]));
  return Statement;
}

const CALLS = (statement: Statement): string[] => [statement.Action].flat();

function list(among: readonly Registered[]): string[] {
  return among.map(({ type, name }) => `${type} ${name}`);
}

describe("GPU nodes by Karpenter", () => {
  test("are made by these resources, in place of a managed group and its template", async () => {
    const { resources: managed } = await registeredOnAws();
    expect(list(resources).filter((entry) => !list(managed).includes(entry))).toEqual(
      [
        "kubernetes:karpenter.k8s.aws/v1:EC2NodeClass gpu-node-class",
        "kubernetes:karpenter.sh/v1:NodePool gpu-node-pool",
        "fitserve:aws:KarpenterGpuNodes gpu",
        "aws:eks/podIdentityAssociation:PodIdentityAssociation karpenter-controller-identity",
        "aws:iam/rolePolicy:RolePolicy karpenter-controller-policy",
        "aws:iam/role:Role karpenter-controller-role",
        "aws:cloudwatch/eventRule:EventRule karpenter-health-rule",
        "aws:cloudwatch/eventTarget:EventTarget karpenter-health-target",
        "kubernetes:helm.sh/v3:Release karpenter-karpenter",
        "kubernetes:helm.sh/v3:Release karpenter-karpenter-crd",
        "aws:iam/rolePolicyAttachment:RolePolicyAttachment karpenter-node-AmazonEC2ContainerRegistryPullOnly",
        "aws:iam/rolePolicyAttachment:RolePolicyAttachment karpenter-node-AmazonEKSWorkerNodePolicy",
        "aws:eks/accessEntry:AccessEntry karpenter-node-access",
        "aws:iam/instanceProfile:InstanceProfile karpenter-node-profile",
        "aws:iam/role:Role karpenter-node-role",
        "aws:sqs/queue:Queue karpenter-queue",
        "aws:sqs/queuePolicy:QueuePolicy karpenter-queue-policy",
        "aws:cloudwatch/eventRule:EventRule karpenter-rebalance-rule",
        "aws:cloudwatch/eventTarget:EventTarget karpenter-rebalance-target",
        "aws:cloudwatch/eventRule:EventRule karpenter-reservation-rule",
        "aws:cloudwatch/eventTarget:EventTarget karpenter-reservation-target",
        "aws:cloudwatch/eventRule:EventRule karpenter-spot-rule",
        "aws:cloudwatch/eventTarget:EventTarget karpenter-spot-target",
        "aws:cloudwatch/eventRule:EventRule karpenter-state-rule",
        "aws:cloudwatch/eventTarget:EventTarget karpenter-state-target",
        "fitserve:aws:KarpenterController karpenter",
      ].toSorted(byName),
    );
    expect(list(managed).filter((entry) => !list(resources).includes(entry))).toEqual([
      "fitserve:aws:EksGpuNodeGroup gpu",
      "aws:eks/nodeGroup:NodeGroup gpu-nodes",
      "aws:ec2/launchTemplate:LaunchTemplate gpu-template",
    ]);
  });

  test("are the planned machines alone, with labels and taint of the managed group", async () => {
    const { resources: managed } = await registeredOnAws();
    const group = named("gpu-nodes", managed);
    expect(named("gpu-node-pool")["spec"]).toMatchObject({
      template: {
        metadata: { labels: group["labels"] },
        spec: {
          taints: [{ key: "nvidia.com/gpu", value: "present", effect: "NoSchedule" }],
          requirements: [
            { key: "node.kubernetes.io/instance-type", operator: "In", values: group["instanceTypes"] },
            { key: "karpenter.sh/capacity-type", operator: "In", values: ["on-demand"] },
            { key: "kubernetes.io/arch", operator: "In", values: ["amd64"] },
            { key: "kubernetes.io/os", operator: "In", values: ["linux"] },
          ],
        },
      },
    });
  });

  test("are as many as the plan has and one that stands in while another is replaced", () => {
    const { nodes, gpusPerNode } = awsPlan().hardware;
    expect(named("gpu-node-pool")["spec"]).toMatchObject({
      limits: { nodes: `${nodes + 1}`, "nvidia.com/gpu": `${(nodes + 1) * gpusPerNode}` },
    });
  });

  test("keep an engine: a node goes when it is empty, is never too old, and one is replaced at a time", () => {
    expect(named("gpu-node-pool")["spec"]).toMatchObject({
      disruption: { consolidationPolicy: "WhenEmpty", consolidateAfter: "15m", budgets: [{ nodes: "1" }] },
      template: { spec: { expireAfter: "Never", terminationGracePeriod: "2h" } },
    });
  });

  test("have the image of the plan's release, the stack's subnets and security group, and its own profile", () => {
    expect(named("gpu-node-class")["spec"]).toMatchObject({
      amiSelectorTerms: [{ alias: "al2023@v20260714" }],
      associatePublicIPAddress: false,
      subnetSelectorTerms: ["use1-az1", "use1-az2", "use1-az4"].map((zone) => ({
        id: `cluster-network-private-${zone}-id`,
      })),
      instanceProfile: "fitserve-test-us-east-1-karpenter-profile",
      tags: { team: "serving", "fitserve:stack": "fitserve/test" },
    });
    expect(Object(named("gpu-node-class")["spec"])).not.toHaveProperty("role");
  });

  test("have encrypted volumes, IMDSv2, and a metadata service that ends on the node", () => {
    expect(named("gpu-node-class")["spec"]).toMatchObject({
      metadataOptions: { httpEndpoint: "enabled", httpTokens: "required", httpPutResponseHopLimit: 1 },
      blockDeviceMappings: [{ deviceName: "/dev/xvda", ebs: { encrypted: true, deleteOnTermination: true } }],
    });
  });

  test("join NVMe disks where the plan has them, and have none of it on gp3", async () => {
    expect(named("gpu-node-class")["spec"]).toMatchObject({ instanceStorePolicy: "RAID0" });
    const gp3 = await registeredOnAws(awsCluster({ gpu: { ...KARPENTER, disk: "gp3" } }));
    const spec = Object(named("gpu-node-class", gp3.resources)["spec"]);
    expect(spec).not.toHaveProperty("instanceStorePolicy");
    expect(spec.blockDeviceMappings[0].ebs).toMatchObject({ volumeSize: "512Gi", iops: 4000, throughput: 1000 });
  });

  test("come from a reservation alone where one is given, in its zone, with none to spare", async () => {
    const gpu = { ...KARPENTER, zone: "use1-az2", reservation: RESERVED };
    const { resources: reserved } = await registeredOnAws(awsCluster({ gpu }));
    expect(named("gpu-node-class", reserved)["spec"]).toMatchObject({
      capacityReservationSelectorTerms: [{ id: RESERVED.id }],
      subnetSelectorTerms: [{ id: "cluster-network-private-use1-az2-id" }],
    });
    const { limits, template } = Object(named("gpu-node-pool", reserved)["spec"]);
    expect(limits.nodes).toBe(`${awsPlan().hardware.nodes}`);
    expect(template.spec.requirements).toContainEqual({
      key: "karpenter.sh/capacity-type",
      operator: "In",
      values: ["reserved"],
    });
    expect(template.spec.requirements).toContainEqual({
      key: "topology.k8s.aws/zone-id",
      operator: "In",
      values: ["use1-az2"],
    });
  });

  test("are those that the engine waits for, by the name of their pool", () => {
    const { name } = Object(named("gpu-node-pool")["metadata"]);
    const { template } = Object(named("serving-engine-deployment")["spec"]);
    expect(template.spec.nodeSelector).toMatchObject({ "karpenter.sh/nodepool": name });
  });
});

describe("what Karpenter may do", () => {
  const TAG = "kubernetes.io/cluster/fitserve-test";
  const CHANGES = /^(ec2:(Create|Run|Terminate|Delete)|iam:(?!Get|List)|sqs:Delete)/;

  test("is to start, tag and end machines of this cluster, and to give them one role", () => {
    const changing = statements("karpenter-controller-policy").filter((one) =>
      CALLS(one).some((call) => CHANGES.test(call)),
    );
    const loose = changing.filter(({ Condition }) => !JSON.stringify(Condition ?? {}).includes(TAG));
    // What is used and not made has no tag; the role and the queue are named.
    expect(loose.map(({ Action }) => Action)).toEqual([
      ["ec2:CreateFleet", "ec2:RunInstances"],
      ["sqs:DeleteMessage", "sqs:GetQueueUrl", "sqs:ReceiveMessage"],
      "iam:PassRole",
    ]);
    expect(loose.flatMap(({ Resource }) => Resource).filter((arn) => /(instance|volume|fleet)\/\*$/.test(arn))).toEqual(
      [],
    );
    expect(changing.flatMap(({ Resource }) => Resource)).not.toContain("*");
  });

  test("names each action, and none that makes roles or profiles", () => {
    const calls = statements("karpenter-controller-policy").flatMap(CALLS);
    expect(calls.filter((call) => call.includes("*"))).toEqual([]);
    expect(calls.filter((call) => call.startsWith("iam:")).toSorted()).toEqual([
      "iam:GetInstanceProfile",
      "iam:ListInstanceProfiles",
      "iam:PassRole",
    ]);
  });

  test("fits what IAM takes of a role's own policies", () => {
    expect(String(named("karpenter-controller-policy")["policy"]).length).toBeLessThan(10_240);
  });

  test("is for the pods of its account of this cluster alone", () => {
    expect(named("karpenter-controller-identity")).toMatchObject({
      namespace: "kube-system",
      serviceAccount: "karpenter",
    });
    expect(named("karpenter-controller-role")["assumeRolePolicy"]).toContain(
      '"aws:RequestTag/kubernetes-namespace":"kube-system","aws:RequestTag/kubernetes-service-account":"karpenter"',
    );
  });
});

describe("what stands around Karpenter", () => {
  test("lets its nodes join: a role of their own with an entry, since EKS enters only those of its groups", () => {
    expect(named("karpenter-node-access")).toMatchObject({ type: "EC2_LINUX" });
    expect(named("karpenter-node-profile")).toMatchObject({ role: "fitserve-test-us-east-1-karpenter-node" });
  });

  test("lets EventBridge alone write into the queue, for the rules of this cluster", () => {
    const [allowed, denied] = statements("karpenter-queue-policy");
    expect(allowed).toMatchObject({ Effect: "Allow", Principal: { Service: "events.amazonaws.com" } });
    expect(Object(allowed?.Condition)["ArnEquals"]["aws:SourceArn"]).toHaveLength(5);
    expect(denied).toMatchObject({ Effect: "Deny", Condition: { Bool: { "aws:SecureTransport": "false" } } });
    expect(named("karpenter-queue")).toMatchObject({ sqsManagedSseEnabled: true, messageRetentionSeconds: 300 });
  });

  test("keeps the controller on system nodes, with its region as a value and a version that knows this Kubernetes", () => {
    expect(named("karpenter-karpenter")).toMatchObject({
      version: "1.14.1",
      values: {
        nodeSelector: { "fitserve.dev/pool": "system" },
        controller: { env: [{ name: "AWS_REGION", value: "us-east-1" }] },
        settings: { clusterName: "fitserve-test", interruptionQueue: "fitserve-test-interruptions" },
      },
    });
  });

  test("ends no node because the agent that watches its cards is late", () => {
    expect(named("karpenter-karpenter")).toMatchObject({
      values: { settings: { featureGates: { nodeRepair: false } } },
    });
  });
});

function byName(a: string, b: string): number {
  const [left = "", right = ""] = [a, b].map((entry) => entry.split(" ")[1]);
  return left < right ? -1 : 1;
}
