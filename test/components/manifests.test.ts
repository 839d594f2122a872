import { describe, expect, test } from "vitest";
import { servingManifests } from "../../components";
import { aiGatewayRoute } from "../../components/gateway/ingress-gateway.manifest";
import { clientTrafficPolicy } from "../../components/gateway/policies.manifest";
import { servingTimeouts } from "../../components/gateway/serving-timeouts";
import { simulatedNodes } from "../../components/gpu-node-group.manifest";
import { kubernetesName } from "../../components/kubernetes-object";
import { servingNamespace } from "../../components/namespace.manifest";
import { servingOptions } from "../../components/serving-options";
import { deployedArguments } from "../../components/vllm/deployed-arguments";
import { engineNetworkPolicy } from "../../components/vllm/engine-network-policy.manifest";
import { parseVllmArguments } from "../../components/vllm/vllm-arguments";
import { engineDeployment, engineService } from "../../components/vllm/vllm-deployment.manifest";
import { enginePodSpec } from "../../components/vllm/vllm-pod.manifest";
import { feasiblePlan } from "../support/feasible-plan";
import { longestAnswerSeconds, longestQueueSeconds } from "../../sizing/plan/longest-request";

const plan = feasiblePlan();
const options = servingOptions(plan);
const deployment = engineDeployment(plan, options);
const pod = deployment.spec.template.spec;
const [container] = pod.containers;

function plainEnvironment(): Record<string, string> {
  return Object.fromEntries(
    (container?.env ?? []).flatMap(({ name, value }) => (value === undefined ? [] : [[name, value]])),
  );
}

describe("the engine's pod", () => {
  test("asks for the cards of one replica as request and as limit", () => {
    expect(container?.resources.limits["nvidia.com/gpu"]).toBe("2");
    expect(container?.resources.requests["nvidia.com/gpu"]).toBe("2");
  });

  test("is given the plan's image and arguments, and logs in JSON", () => {
    expect(container?.image).toBe("vllm/vllm-openai:v0.33.0");
    expect(container?.args).toEqual([...plan.engine.args, "--logging-config.formatter=json"]);
  });

  test("comes from another registry where one is named", () => {
    const image = "registry.example.org/vllm-openai:v0.33.0";
    const mirrored = enginePodSpec(plan, { ...options, engineImage: image, imagePullSecret: "registry" });
    expect(mirrored.containers[0]?.image).toBe(image);
    expect(mirrored.imagePullSecrets).toEqual([{ name: "registry" }]);
  });

  test("logs no request, and so no prompt", () => {
    expect(container?.args.filter((word) => /log-(requests|outputs)/.test(word))).toEqual([]);
  });

  test("serves adapters beside the model", () => {
    const loraAdapters = [
      { name: "legal", repository: "acme/legal" },
      { name: "support", repository: "acme/support" },
    ];
    const args = deployedArguments(plan, { ...options, loraAdapters, maxLoraRank: 64 });
    expect(args.slice(-6)).toEqual([
      "--enable-lora",
      "--max-loras=2",
      "--max-lora-rank=64",
      "--lora-modules",
      "legal=acme/legal",
      "support=acme/support",
    ]);
    expect(parseVllmArguments(args).model).toBe("Qwen/Qwen3-32B-AWQ");
  });

  test("reads answers with the parsers that are asked for, in place of the model's", () => {
    const planned = { ...plan, engine: { ...plan.engine, args: [...plan.engine.args, "--reasoning-parser=qwen3"] } };
    const args = deployedArguments(planned, { ...options, reasoningParser: "none", toolCallParser: "qwen3_xml" });
    expect(args.filter((word) => /parser|tool/.test(word))).toEqual([
      "--enable-auto-tool-choice",
      "--tool-call-parser=qwen3_xml",
    ]);
  });

  test("takes weights from a claim instead of the hub", () => {
    const cached = enginePodSpec(plan, { ...options, modelCacheClaim: "weights" });
    const [engine] = cached.containers;
    expect(cached.volumes.at(-1)).toEqual({ name: "weights", persistentVolumeClaim: { claimName: "weights" } });
    expect(engine?.env).toContainEqual({ name: "HF_HUB_OFFLINE", value: "1" });
    expect(engine?.env).toContainEqual({ name: "HF_HUB_CACHE", value: "/weights/hub" });
    expect(engine?.volumeMounts.at(-1)).toEqual({ name: "weights", mountPath: "/weights" });
    expect(engine?.resources.requests["ephemeral-storage"]).toBe("20Gi");
  });

  test.each([{}, { modelCacheClaim: "weights" }])(
    "mounts nothing within another mount, whose folders would be root's: %j",
    (changed) => {
      const [engine] = enginePodSpec(plan, { ...options, ...changed }).containers;
      const paths = engine?.volumeMounts.map(({ mountPath }) => mountPath) ?? [];
      const within = paths.filter((path) => paths.some((outer) => path.startsWith(`${outer}/`)));
      expect(within).toEqual([]);
    },
  );

  test("spreads over zones and nodes, each rollout among itself", () => {
    expect(pod.topologySpreadConstraints.map(({ topologyKey }) => topologyKey)).toEqual([
      "topology.kubernetes.io/zone",
      "kubernetes.io/hostname",
    ]);
    for (const { labelSelector, matchLabelKeys } of pod.topologySpreadConstraints) {
      expect(deployment.spec.template.metadata.labels).toMatchObject(labelSelector.matchLabels);
      expect(matchLabelKeys).toEqual(["pod-template-hash"]);
    }
  });

  test("has a priority only when one is named", () => {
    expect(pod).not.toHaveProperty("priorityClassName");
    const named = enginePodSpec(plan, { ...options, priorityClass: { name: "llm", create: false } });
    expect(named.priorityClassName).toBe("llm");
  });

  test("is not ended for being slow within the minute that a burst may take", () => {
    const { periodSeconds = 0, failureThreshold = 0 } = container?.livenessProbe ?? {};
    expect(periodSeconds * failureThreshold).toBeGreaterThanOrEqual(60);
  });

  test("fulfils the restricted standard and writes only to mounted folders", () => {
    expect(pod.securityContext).toEqual({
      runAsNonRoot: true,
      runAsUser: 2000,
      runAsGroup: 0,
      fsGroup: 0,
      fsGroupChangePolicy: "OnRootMismatch",
      seccompProfile: { type: "RuntimeDefault" },
    });
    expect(container?.securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ["ALL"] },
    });
    const mounted = container?.volumeMounts.map(({ mountPath }) => mountPath) ?? [];
    expect(mounted).toEqual(["/home/vllm", "/tmp", "/dev/shm"]);
    const folders = Object.values(plainEnvironment()).filter((value) => value.startsWith("/"));
    expect(folders.filter((folder) => !folder.startsWith("/home/vllm"))).toEqual([]);
  });

  test("has no token and no service links", () => {
    expect(pod.automountServiceAccountToken).toBe(false);
    expect(pod.enableServiceLinks).toBe(false);
  });

  test("is given longer to end than the wait before SIGTERM and the engine's drain together", () => {
    const sleep = container?.lifecycle.preStop.sleep.seconds ?? Number.NaN;
    expect(pod.terminationGracePeriodSeconds).toBeGreaterThan(sleep + 120);
  });

  test("may load for as long as the engine itself waits for its workers", () => {
    const startup = container?.startupProbe;
    const allowed = (startup?.periodSeconds ?? 0) * (startup?.failureThreshold ?? 0);
    expect(allowed).toBe(Number(plainEnvironment()["VLLM_ENGINE_READY_TIMEOUT_S"]));
  });

  test("may load after the one before it has ended, and the rollout is not given up", () => {
    const { terminationGraceSeconds, startupSeconds, rolloutSeconds } = servingTimeouts(plan);
    const { progressDeadlineSeconds } = deployment.spec;
    expect(progressDeadlineSeconds).toBeGreaterThan(terminationGraceSeconds + startupSeconds);
    expect(rolloutSeconds).toBe(plan.hardware.replicas * progressDeadlineSeconds);
  });

  test("leaves room for the shared memory within its memory limit", () => {
    const limit = Number.parseInt(container?.resources.limits.memory ?? "", 10);
    const shared = pod.volumes.flatMap(({ name, emptyDir }) => (name === "shm" ? (emptyDir?.sizeLimit ?? "") : []))[0];
    expect(limit).toBeGreaterThan(Number.parseInt(shared ?? "", 10) + 18);
  });

  test("never asks for more than its share of the node", () => {
    const small = feasiblePlan({
      hardware: { ...plan.hardware, vcpusPerNode: 8, memoryGiBPerNode: 32, replicasPerNode: 2 },
    });
    const [tight] = engineDeployment(small, options).spec.template.spec.containers;
    expect(Number(tight?.resources.requests.cpu) * 2).toBeLessThan(8);
    expect(Number.parseInt(tight?.resources.limits.memory ?? "", 10) * 2).toBeLessThan(32);
  });

  test("reads the hub's token from a Secret when one is named", () => {
    const gated = engineDeployment(plan, { ...options, hubTokenSecret: "hub" }).spec.template.spec.containers[0];
    expect(gated?.env.find(({ name }) => name === "HF_TOKEN")).toEqual({
      name: "HF_TOKEN",
      valueFrom: { secretKeyRef: { name: "hub", key: "token" } },
    });
  });
});

describe("the engine's Deployment", () => {
  test("says for how many requests it was planned, where the policies look", () => {
    expect(deployment.metadata.labels["fitserve.dev/concurrency"]).toBe("50");
    expect(deployment.metadata.annotations["fitserve.dev/tokens-per-request"]).toBe("1536");
  });

  test("starts the new pod first where the nodes have cards for one more", () => {
    expect(deployment.spec.strategy.rollingUpdate).toEqual({ maxSurge: 1, maxUnavailable: 0 });
  });

  test("ends the old pod first where they have not", () => {
    const full = { ...plan, hardware: { ...plan.hardware, replicas: 2 } };
    expect(engineDeployment(full, options).spec.strategy.rollingUpdate).toEqual({ maxSurge: 0, maxUnavailable: 1 });
  });

  test("selects by labels that a change of the plan leaves alone", () => {
    const changed = engineDeployment({ ...plan, engine: { ...plan.engine, version: "0.34.0" } }, options);
    expect(changed.spec.selector).toEqual(deployment.spec.selector);
  });
});

describe("the network around the engine", () => {
  test("the Service is not called like the engine, whatever the model is called", () => {
    const named = servingOptions({ ...plan, model: { ...plan.model, key: "vllm" } });
    expect(engineService(plan, named).metadata.name).toBe("llm-vllm");
  });

  test("only the proxies of this Gateway and the scraper reach the engine", () => {
    const [rule] = engineNetworkPolicy(plan, options).spec.ingress;
    expect(rule?.from).toEqual([
      {
        namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "envoy-gateway-system" } },
        podSelector: {
          matchLabels: {
            "gateway.envoyproxy.io/owning-gateway-name": "qwen3-32b",
            "gateway.envoyproxy.io/owning-gateway-namespace": "fitserve",
          },
        },
      },
      { namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "monitoring" } } },
    ]);
  });

  test("the engine reaches names and the hub, but not the credentials of its node", () => {
    const { policyTypes, egress } = engineNetworkPolicy(plan, options).spec;
    expect(policyTypes).toEqual(["Ingress", "Egress"]);
    expect(egress?.map(({ ports }) => ports.map(({ port }) => port))).toEqual([[53, 53], [443]]);
    expect(JSON.stringify(egress?.[1]?.to)).toContain('"except":["169.254.169.254/32"]');
  });

  test("the engine reaches nothing when its weights come from a claim", () => {
    const { spec } = engineNetworkPolicy(plan, { ...options, modelCacheClaim: "weights" });
    expect(spec.policyTypes).toContain("Egress");
    expect(spec).not.toHaveProperty("egress");
  });

  test("the namespace admits only restricted pods", () => {
    expect(servingNamespace(options).metadata.labels["pod-security.kubernetes.io/enforce"]).toBe("restricted");
  });
});

describe("limits of time", () => {
  const timeouts = servingTimeouts(plan);

  test("a request may wait in a full queue and then fill the context at the slow end of the prediction", () => {
    expect(longestAnswerSeconds(plan.performance, plan.engine.maxModelLen)).toBeCloseTo(
      (900 * 1.2 + 16_384 * 32 * 1.2) / 1000,
      6,
    );
    expect(longestQueueSeconds(plan.performance, 256 / 64)).toBeCloseTo((256 / 64 - 1) * 17.5 * 1.2, 6);
    expect(timeouts.requestSeconds).toBe(900);
    expect(aiGatewayRoute(plan, options).spec.rules[0].timeouts.request).toBe("900s");
  });

  test("every outer hop outlasts the inner one", () => {
    expect(clientTrafficPolicy(plan, options).spec.timeout.http.streamIdleTimeout).toBe("930s");
    expect(timeouts.engineKeepAliveSeconds).toBeGreaterThan(timeouts.upstreamIdleSeconds);
  });

  test("a quick plan still gets the ten minutes that a long generation may need", () => {
    const short = { ...plan, engine: { ...plan.engine, maxModelLen: 2048 } };
    expect(servingTimeouts(short).requestSeconds).toBe(600);
  });
});

describe("simulated nodes", () => {
  test("carry labels, taint and capacity of the chosen machine", () => {
    const nodes = simulatedNodes({ ...plan, hardware: { ...plan.hardware, nodes: 2 } }, options);
    expect(nodes.map(({ metadata }) => metadata.name)).toEqual(["fitserve-g6e-12xlarge-0", "fitserve-g6e-12xlarge-1"]);
    const [node] = nodes;
    expect(node?.metadata.labels).toMatchObject({
      "node.kubernetes.io/instance-type": "g6e.12xlarge",
      "nvidia.com/gpu.product": "NVIDIA-L40S",
      "fitserve.dev/pool": "fitserve",
      "fitserve.dev/simulated": "true",
    });
    expect(node?.metadata.annotations).toEqual({ "kwok.x-k8s.io/node": "fake" });
    expect(node?.spec.taints).toEqual([{ key: "nvidia.com/gpu", value: "present", effect: "NoSchedule" }]);
    expect(node?.status.capacity).toMatchObject({ cpu: "48", memory: "384Gi", "nvidia.com/gpu": "4" });
  });

  test("are where the engine's pods may go, and have room for the replicas that the plan puts on one", () => {
    const [node] = simulatedNodes(plan, options);
    expect(node?.metadata.labels).toMatchObject(pod.nodeSelector);
    const request = Number.parseInt(container?.resources.requests["ephemeral-storage"] ?? "", 10);
    const disk = Number.parseInt(node?.status.capacity["ephemeral-storage"] ?? "", 10);
    expect(disk).toBeGreaterThanOrEqual(request * plan.hardware.replicasPerNode);
  });

  test("stay as they are when the same machine loads weights of twice the size", () => {
    const addends = plan.memoryPerGpu.addends.map((addend) =>
      addend.name === "weights" ? { ...addend, gib: addend.gib * 2 } : addend,
    );
    const heavier = { ...plan, memoryPerGpu: { ...plan.memoryPerGpu, addends } };
    expect(simulatedNodes(heavier, options)).toEqual(simulatedNodes(plan, options));
  });
});

describe("all manifests of a plan", () => {
  test("come in an order in which they can be applied, without a Secret", () => {
    expect(servingManifests(plan).map(({ kind }) => kind)).toEqual([
      "Namespace",
      "Node",
      "ServiceAccount",
      "Deployment",
      "Service",
      "Service",
      "PodDisruptionBudget",
      "NetworkPolicy",
      "GatewayClass",
      "EnvoyProxy",
      "Gateway",
      "Backend",
      "AIServiceBackend",
      "AIGatewayRoute",
      "SecurityPolicy",
      "BackendTrafficPolicy",
      "ClientTrafficPolicy",
    ]);
  });

  test("have names that Kubernetes takes, also for names of models that it would refuse", () => {
    const names = ["Llama-3.1-8B_Instruct", "7b", "", "--", "x".repeat(300), "模型"].map(kubernetesName);
    for (const name of names) expect(name).toMatch(/^[a-z]([a-z0-9-]{0,38}[a-z0-9])?$/);
  });

  test("two long names that begin alike stay apart", () => {
    const long = "a".repeat(60);
    expect(kubernetesName(`${long}-one`)).not.toBe(kubernetesName(`${long}-two`));
  });
});
