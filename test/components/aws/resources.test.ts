import { beforeAll, describe, expect, test } from "vitest";
import { registeredOnAws } from "../../support/aws-program";
import { awsCluster, awsPlan } from "../../support/aws-settings";
import type { Registered } from "../../support/pulumi-mocks";

let resources: readonly Registered[];

beforeAll(async () => {
  ({ resources } = await registeredOnAws());
});

function named(name: string, among: readonly Registered[] = resources): Record<string, unknown> {
  const found = among.find((resource) => resource.name === name);
  if (found === undefined) throw new Error(`there is no ${name}`);
  return found.inputs;
}

function ofType(type: string): readonly Registered[] {
  return resources.filter((resource) => resource.type === type);
}

interface Statement {
  readonly Effect: string;
  readonly Action: string | readonly string[];
  readonly Principal?: unknown;
  readonly Resource?: unknown;
}

/** Condition under which a role is taken by the pods of an account. */
function trusted(namespace: string, serviceAccount: string): object {
  return {
    StringEquals: {
      "aws:SourceAccount": "123456789012",
      "aws:RequestTag/eks-cluster-name": "fitserve-test",
      "aws:RequestTag/kubernetes-namespace": namespace,
      "aws:RequestTag/kubernetes-service-account": serviceAccount,
    },
  };
}

/** Boundaries of the roles, each once. */
function boundaries(among: readonly Registered[]): readonly unknown[] {
  const roles = among.filter(({ type }) => type === "aws:iam/role:Role");
  return [...new Set(roles.map(({ inputs }) => inputs["permissionsBoundary"]))];
}

/** Every statement of every policy that is registered as text. */
function statements(): readonly Statement[] {
  return resources.flatMap(({ inputs }) =>
    ["policy", "assumeRolePolicy"].flatMap((key) => {
      const text = inputs[key];
      const parsed: { Statement?: readonly Statement[] } = typeof text === "string" ? JSON.parse(text) : {};
      return parsed.Statement ?? [];
    }),
  );
}

describe("what a plan makes on AWS", () => {
  test("is this list, by type and name", async () => {
    // What a ServingStack has in it is frozen by its own test.
    const own = resources.filter(({ name }) => !name.startsWith("serving-"));
    await expect(own.map(({ type, name }) => `${type} ${name}`).join("\n")).toMatchFileSnapshot(
      "../../golden/aws-resources.txt",
    );
    expect(resources.filter(({ type }) => type === "aws:eks/cluster:Cluster")).toHaveLength(1);
    expect(resources.filter(({ type }) => type === "aws:eks/nodeGroup:NodeGroup")).toHaveLength(2);
  });

  test("uses a network of somebody's as it is: makes none", async () => {
    const network = {
      kind: "given",
      vpcId: "vpc-01234567",
      privateSubnetIds: ["subnet-01234567", "subnet-01234568"],
      publicSubnetIds: [],
      gpuSubnetIds: ["subnet-01234569"],
    } as const;
    const front = { scheme: "internal", sourceRanges: ["10.0.0.0/8"] } as const;
    const given = await registeredOnAws(awsCluster({ network, front }));
    const made = given.resources.filter(({ type }) => /^aws:ec2\/(vpc|subnet|nat|route|internet|eip)/.test(type));
    expect(made).toEqual([]);
    expect(named("gpu-nodes", given.resources)["subnetIds"]).toEqual(["subnet-01234569"]);
    expect(named("cluster-cluster", given.resources)["vpcConfig"]).toMatchObject({
      subnetIds: network.privateSubnetIds,
    });
  });

  test("has the certificate, its proof and the record of a host whose zone is given", async () => {
    const front = {
      scheme: "internet-facing",
      sourceRanges: ["198.51.100.0/24"],
      host: "llm.example.com",
      hostedZoneId: "Z0123456789",
    } as const;
    const open = await registeredOnAws(awsCluster({ front }));
    expect(named("front-certificate", open.resources)).toMatchObject({
      domainName: "llm.example.com",
      validationMethod: "DNS",
    });
    expect(named("front-certificate-proof", open.resources)).toMatchObject({
      name: "_proof.example.com",
      type: "CNAME",
    });
    expect(named("front-record", open.resources)).toMatchObject({ name: "llm.example.com", type: "A" });
    expect(named("front-listener", open.resources)).toMatchObject({
      port: 443,
      protocol: "TLS",
      sslPolicy: "ELBSecurityPolicy-TLS13-1-2-2021-06",
    });
  });

  test("calls rules and entries by what they are for, so that taking one out leaves the others alone", async () => {
    const sourceRanges = ["10.1.0.0/16", "10.2.0.0/16", "10.1.0.0/16"];
    const adminRoleArns = ["a", "b", "a"].map((role) => `arn:aws:iam::123456789012:role/${role}`);
    const both = await registeredOnAws(awsCluster({ front: { scheme: "internal", sourceRanges }, adminRoleArns }));
    const names = both.resources.map(({ name }) => name);
    expect(names.filter((name) => name.startsWith("front-from-"))).toEqual([
      "front-from-10.1.0.0-16",
      "front-from-10.2.0.0-16",
    ]);
    expect(names.filter((name) => name.startsWith("cluster-admin-") && !name.endsWith("-policy"))).toEqual([
      "cluster-admin-123456789012-role-a",
      "cluster-admin-123456789012-role-b",
    ]);
  });

  test("fills the bucket from the registry of the engine, and asks for little beside the engine before", async () => {
    const options = { engineImage: "registry.example.com/vllm:1", imagePullSecret: "registry" };
    const { resources: made } = await registeredOnAws(awsCluster(), options);
    expect(named("weights-fill", made)).toMatchObject({
      spec: {
        template: {
          spec: {
            imagePullSecrets: [{ name: "registry" }],
            containers: [{ image: "registry.example.com/vllm:1", resources: { requests: { cpu: "250m" } } }],
          },
        },
      },
    });
  });

  test("fills the bucket by a job that the next up makes anew where it failed", () => {
    expect(named("weights-fill")).toMatchObject({
      metadata: { annotations: { "pulumi.com/replaceUnready": "true" } },
    });
  });

  test("has no bucket, no job and no role for weights when the hub is to be used", async () => {
    const without = await registeredOnAws(awsCluster({ modelCache: false }));
    expect(without.resources.filter(({ name }) => name.startsWith("weights"))).toEqual([]);
    expect(JSON.stringify(named("serving-engine-deployment", without.resources))).not.toContain("s3://");
  });
});

describe("safety of what a plan makes on AWS", () => {
  test("no subnet gives out public addresses, and nodes stand in the private ones", () => {
    expect(ofType("aws:ec2/subnet:Subnet").map(({ inputs }) => inputs["mapPublicIpOnLaunch"])).not.toContain(true);
    const subnets = ofType("aws:eks/nodeGroup:NodeGroup").flatMap(({ inputs }) => inputs["subnetIds"]);
    expect(subnets.filter((id) => !String(id).includes("private"))).toEqual([]);
  });

  test("no permission is for everybody, and what is allowed names its actions", () => {
    const allowed = statements().filter(({ Effect }) => Effect === "Allow");
    expect(allowed.length).toBeGreaterThan(5);
    expect(allowed.filter(({ Principal }) => JSON.stringify(Principal ?? "").includes("*"))).toEqual([]);
    expect(allowed.flatMap(({ Action }) => Action).filter((action) => action.includes("*"))).toEqual([]);
  });

  test("a role of pods is taken by one service account of this cluster alone", () => {
    const conditions = resources.flatMap(({ inputs: { assumeRolePolicy: trust } }) =>
      typeof trust === "string" && trust.includes("pods.eks") ? [JSON.parse(trust).Statement[0].Condition] : [],
    );
    const accounts = ofType("aws:eks/podIdentityAssociation:PodIdentityAssociation").map(({ inputs }) =>
      trusted(String(inputs["namespace"]), String(inputs["serviceAccount"])),
    );
    const addons = [trusted("kube-system", "aws-node"), trusted("kube-system", "ebs-csi-controller-sa")];
    expect(accounts).toHaveLength(3);
    expect(new Set(conditions)).toEqual(new Set([...accounts, ...addons]));
    expect(conditions).toHaveLength(5);
  });

  test("every role of the stack has the boundary that is set, and none has one otherwise", async () => {
    const permissionsBoundaryArn = "arn:aws:iam::123456789012:policy/most";
    const bounded = await registeredOnAws(awsCluster({ permissionsBoundaryArn }));
    expect(boundaries(bounded.resources)).toEqual([permissionsBoundaryArn]);
    expect(boundaries(resources)).toEqual([undefined]);
  });

  test("every launch template has an encrypted volume, IMDSv2, and a metadata service that ends on the node", () => {
    const templates = ofType("aws:ec2/launchTemplate:LaunchTemplate");
    expect(templates.map(({ name }) => name)).toEqual(["cluster-system-template", "gpu-template"]);
    for (const { inputs } of templates) {
      expect(inputs["metadataOptions"]).toEqual({
        httpEndpoint: "enabled",
        httpTokens: "required",
        httpPutResponseHopLimit: 1,
      });
      expect(inputs["blockDeviceMappings"]).toMatchObject([{ ebs: { encrypted: "true", volumeType: "gp3" } }]);
    }
  });

  test("the Kubernetes API answers the given ranges and the network alone", async () => {
    expect(named("cluster-cluster")["vpcConfig"]).toMatchObject({
      endpointPrivateAccess: true,
      endpointPublicAccess: true,
      publicAccessCidrs: ["203.0.113.0/24"],
    });
    const closed = await registeredOnAws(awsCluster({ endpoint: { access: "private", sourceRanges: [] } }));
    expect(named("cluster-cluster", closed.resources)["vpcConfig"]).toMatchObject({ endpointPublicAccess: false });
    expect(named("cluster-cluster", closed.resources)["vpcConfig"]).not.toHaveProperty("publicAccessCidrs");
  });

  test("the load balancer is internal, and takes the network's own range alone, unless somebody says otherwise", () => {
    expect(named("front-load-balancer")).toMatchObject({ internal: true, loadBalancerType: "network" });
    const rules = resources.filter(({ name }) => name.startsWith("front-from-"));
    expect(rules.map(({ inputs }) => inputs["cidrIpv4"])).toEqual(["10.42.0.0/16"]);
    expect(ofType("aws:ec2/securityGroup:SecurityGroup")).toHaveLength(1);
  });

  test("Kubernetes secrets are encrypted with a key that is rotated, and the control plane writes every log", () => {
    expect(named("cluster-key")).toMatchObject({ enableKeyRotation: true });
    expect(named("cluster-cluster")).toMatchObject({
      encryptionConfig: { resources: ["secrets"] },
      enabledClusterLogTypes: ["api", "audit", "authenticator", "controllerManager", "scheduler"],
    });
    expect(named("cluster-logs")).toMatchObject({ name: "/aws/eks/fitserve-test/cluster", retentionInDays: 30 });
  });

  test("the bucket of the weights is private, encrypted, versioned, and refuses what comes without TLS", () => {
    expect(named("weights-private")).toMatchObject({
      blockPublicAcls: true,
      blockPublicPolicy: true,
      ignorePublicAcls: true,
      restrictPublicBuckets: true,
    });
    expect(JSON.stringify(named("weights-encryption"))).toContain("AES256");
    expect(named("weights-versioning")).toMatchObject({ versioningConfiguration: { status: "Enabled" } });
    expect(String(named("weights-tls-only")["policy"])).toContain('"aws:SecureTransport":"false"');
  });

  test("the engine may read weights, and only the job may write them; nobody may delete", () => {
    expect(String(named("weights-read-policy")["policy"])).not.toContain("s3:Put");
    expect(String(named("weights-fill-policy")["policy"])).toContain("s3:PutObject");
    expect(
      statements()
        .flatMap(({ Action }) => Action)
        .filter((action) => action.includes("Delete")),
    ).toEqual([]);
    expect(named("weights-read-identity")).toMatchObject({ namespace: "fitserve", serviceAccount: "qwen3-32b" });
    expect(named("weights-fill-identity")).toMatchObject({ namespace: "fitserve-cache", serviceAccount: "model-fill" });
  });

  test("credentials of another account are refused before anything is made", () => {
    expect(String(named("aws")["allowedAccountIds"])).toContain("123456789012");
  });

  test("the endpoint has the load balancer's address alone: the Gateway's own is one within the cluster", async () => {
    const { built } = await registeredOnAws();
    const keys = await new Promise<string[]>((resolve) => {
      built.endpoint.apply((known) => {
        resolve(Object.keys(known));
      });
    });
    expect(keys.toSorted()).toEqual(["engineUrl", "gateway", "loadBalancer", "model", "path", "url"]);
  });

  test("the credentials in the kubeconfig are a command, and its region is an argument", async () => {
    const { built } = await registeredOnAws();
    const text = await new Promise<string>((resolve) => {
      built.kubeconfig.apply((known) => {
        resolve(known);
        return known;
      });
    });
    const { users } = JSON.parse(text);
    expect(users[0].user.exec.args).toEqual([
      "--region",
      "us-east-1",
      "eks",
      "get-token",
      "--cluster-name",
      "fitserve-test",
      "--output",
      "json",
    ]);
    expect(text).not.toMatch(/"token":|password/);
  });
});

describe("rules of EKS that a cluster keeps", () => {
  test("access is by entries, support is the standard one, and no self-managed add-on is left behind", () => {
    expect(named("cluster-cluster")).toMatchObject({
      accessConfig: { authenticationMode: "API" },
      bootstrapSelfManagedAddons: false,
      upgradePolicy: { supportType: "STANDARD" },
    });
  });

  test("a node group has its template by number, and no disk or key beside it", () => {
    for (const { inputs } of ofType("aws:eks/nodeGroup:NodeGroup")) {
      expect(inputs["launchTemplate"]).toMatchObject({ version: "7" });
      expect(inputs).not.toHaveProperty("diskSize");
      expect(inputs).not.toHaveProperty("remoteAccess");
    }
  });

  test("GPU nodes have the driver in their image, the taint, and the labels that the engine selects", () => {
    const nodes = named("gpu-nodes");
    expect(nodes).toMatchObject({
      amiType: "AL2023_x86_64_NVIDIA",
      releaseVersion: "1.35.6-20260714",
      taints: [{ key: "nvidia.com/gpu", effect: "NO_SCHEDULE" }],
      labels: { "fitserve.dev/pool": "fitserve", "nvidia.com/gpu.product": "NVIDIA-L40S" },
    });
    expect(named("serving-engine-deployment")).toMatchObject({
      spec: { template: { spec: { nodeSelector: nodes["labels"] } } },
    });
  });

  test("a capacity block has its machine in the template, and in the template alone", async () => {
    const gpu = { disk: "gp3", zone: "use1-az1", reservation: { id: "cr-01234567", kind: "on-demand" } } as const;
    const cluster = awsCluster({ gpu });
    const block = { ...cluster, gpuPool: { ...cluster.gpuPool, capacity: "CAPACITY_BLOCK" as const } };
    const { resources: made } = await registeredOnAws(block);
    expect(named("gpu-template", made)).toMatchObject({
      instanceType: "g6e.12xlarge",
      instanceMarketOptions: { marketType: "capacity-block" },
      capacityReservationSpecification: { capacityReservationTarget: { capacityReservationId: "cr-01234567" } },
    });
    // There is no second machine for the time of an update.
    expect(named("gpu-nodes", made)).toMatchObject({ updateConfig: { updateStrategy: "MINIMAL" } });
    expect(named("gpu-nodes")).toMatchObject({ updateConfig: { maxUnavailable: 1 } });
    expect(named("gpu-nodes", made)).not.toHaveProperty("instanceTypes");
    expect(named("gpu-nodes", made)["subnetIds"]).toEqual(["cluster-network-private-use1-az1-id"]);
  });

  test("NVMe disks are joined by the node's own configuration, in the form that EKS merges", () => {
    const userData = Buffer.from(String(named("gpu-template")["userData"]), "base64").toString();
    expect(userData).toMatch(/^MIME-Version: 1\.0\nContent-Type: multipart\/mixed; boundary="\/\/"/);
    expect(userData).toContain("Content-Type: application/node.eks.aws");
    expect(userData).toMatch(/localStorage:\n +strategy: RAID0/);
    expect(named("cluster-system-template")).not.toHaveProperty("userData");
  });

  test("no pod needs the metadata service: controllers get region and network as values", () => {
    expect(named("services-aws-load-balancer-controller")["values"]).toMatchObject({
      region: "us-east-1",
      vpcId: "cluster-network-vpc-id",
      enableServiceMutatorWebhook: false,
    });
    expect(named("cluster-aws-ebs-csi-driver")["configurationValues"]).toBe('{"controller":{"region":"us-east-1"}}');
  });

  test("a node is replaced for its cards, not for the agent that watches them", () => {
    expect(named("cluster-eks-node-monitoring-agent")["configurationValues"]).toBe(
      '{"dcgmAgent":{"tolerations":[{"key":"nvidia.com/gpu","operator":"Exists","effect":"NoSchedule"}]}}',
    );
    expect(named("gpu-nodes")["nodeRepairConfig"]).toMatchObject({
      enabled: true,
      nodeRepairConfigOverrides: [{ nodeUnhealthyReason: "DCGMError", repairAction: "NoAction" }],
    });
  });

  test("network policies are enforced", () => {
    expect(named("cluster-vpc-cni")["configurationValues"]).toBe('{"enableNetworkPolicy":"true"}');
  });

  test("no Service orders a load balancer: the proxies' own is in the cluster alone", () => {
    expect(JSON.stringify(named("serving-gateway-proxy"))).toContain('"type":"ClusterIP"');
    expect(named("front-binding")).toMatchObject({
      metadata: { namespace: "envoy-gateway-system" },
      spec: { targetType: "ip", serviceRef: { name: "fitserve", port: 80 } },
    });
    expect(JSON.stringify(resources)).not.toContain('"LoadBalancer"');
  });

  test("the load balancer waits longer for a byte than the gateway does", () => {
    const [client] = ofType("kubernetes:gateway.envoyproxy.io/v1alpha1:ClientTrafficPolicy");
    const seconds = /"streamIdleTimeout":"(\d+)s"/.exec(JSON.stringify(client?.inputs))?.[1];
    expect(named("front-listener")["tcpIdleTimeoutSeconds"]).toBeGreaterThan(Number(seconds));
  });

  test.each([
    ["a Secret that is there", { tlsSecret: "llm-tls" }],
    ["one that an issuer fills", { certificateIssuer: { kind: "Issuer", name: "letsencrypt" } as const }],
  ])("TLS that ends at the gateway, with %s, passes the load balancer as it is", async (_, certificate) => {
    const { resources: made } = await registeredOnAws(awsCluster(), { hostname: "llm.example.com", ...certificate });
    expect(named("front-listener", made)).toMatchObject({ port: 443, protocol: "TCP" });
    expect(named("front-targets", made)).toMatchObject({ port: 10_443 });
    expect(named("front-binding", made)).toMatchObject({ spec: { serviceRef: { port: 443 } } });
  });

  test("the engine streams its weights from the bucket, from a path that ends in the repository", () => {
    const args = /"args":(\[[^\]]*\])/.exec(JSON.stringify(named("serving-engine-deployment")))?.[1] ?? "";
    expect(args).toContain("s3://fitserve-test-models-123456789012-us-east-1/");
    expect(args).toMatch(/\/Qwen\/Qwen3-32B-AWQ"/);
    expect(args).toContain("--load-format=runai_streamer");
    expect(args).not.toContain("--revision");
  });
});

interface Dashboard {
  readonly panels: readonly { readonly title: string; readonly targets: readonly { readonly expr: string }[] }[];
}

describe("what is seen of what serves", () => {
  test("engines and cards tell a Prometheus by annotations where their metrics are", () => {
    expect(named("serving-engine-deployment")).toMatchObject({
      spec: {
        template: { metadata: { annotations: { "prometheus.io/scrape": "true", "prometheus.io/port": "8000" } } },
      },
    });
    expect(named("services-dcgm-exporter")["values"]).toMatchObject({
      podAnnotations: { "prometheus.io/scrape": "true", "prometheus.io/port": "9400" },
    });
  });

  test("a dashboard for Grafana's sidecar shows promises beside what users get, and the cards", () => {
    const object = named("monitoring-dashboard-fitserve");
    expect(object["metadata"]).toMatchObject({ labels: { grafana_dashboard: "1" } });
    const { panels }: Dashboard = JSON.parse(Object.values<string>(Object(object["data"]))[0] ?? "{}");
    const queries = new Map(panels.map(({ title, targets }) => [title, targets.map(({ expr }) => expr)]));
    expect(queries.get("Time to first token, p95")).toEqual([
      'histogram_quantile(0.95, sum by (le) (rate(vllm:time_to_first_token_seconds_bucket{namespace="fitserve"}[5m])))',
      `vector(${awsPlan().request.slo.ttftSeconds})`,
    ]);
    expect(queries.get("Requests")?.at(-1)).toBe(`vector(${awsPlan().request.workload.concurrency})`);
    expect([...queries.values()].flat().join()).not.toMatch(/undefined|NaN/);
  });
});

describe("protection of what serves people", () => {
  test("in production the cluster and the load balancer refuse to be deleted", async () => {
    const { resources: made } = await registeredOnAws(awsCluster({ production: true }));
    expect(named("cluster-cluster", made)["deletionProtection"]).toBe(true);
    expect(named("front-load-balancer", made)["enableDeletionProtection"]).toBe(true);
    expect(named("weights-bucket", made)["forceDestroy"]).toBe(false);
    expect(made.filter(({ type }) => type === "aws:ec2/natGateway:NatGateway")).toHaveLength(3);
  });

  test("everything is tagged for the bill, also what node groups start", () => {
    expect(JSON.stringify(named("aws")["defaultTags"])).toContain("team");
    expect(JSON.stringify(named("gpu-template")["tagSpecifications"])).toMatch(/"fitserve:stack":"fitserve\/test"/);
  });
});
