import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, test } from "vitest";
import { planModelsOnAws, type ModelOnAws } from "../../../components/aws/models-on-aws";
import { buildCluster, serveOnCluster } from "../../../components/aws/program";
import { AWS_ANSWERS } from "../../support/aws-answers";
import { AWS_SETTINGS, awsPlan } from "../../support/aws-settings";
import { registeredBy, type Registered } from "../../support/pulumi-mocks";

const NAMES = ["llm-large", "llm-small"] as const;
const IN_US_EAST_1 = { ...AWS_SETTINGS, monitoring: false };

function planOf(models: readonly ModelOnAws[]) {
  return planModelsOnAws({ settings: IN_US_EAST_1, project: "fitserve", stack: "test", models });
}

function faultsOf(...models: readonly ModelOnAws[]): string {
  const planned = planOf(models);
  return planned.ok ? "" : planned.faults.join("\n");
}

function model(name: string, options: NonNullable<ModelOnAws["options"]> = {}): ModelOnAws {
  return { name, plan: awsPlan(), options };
}

async function served(): Promise<readonly Registered[]> {
  const planned = planOf(NAMES.map((name) => model(name)));
  if (!planned.ok) throw new Error(planned.faults.join("\n"));
  const clientKeys = { ada: "ada-key-0123456789abcdef" };
  const { resources } = await registeredBy(() => {
    const built = buildCluster(planned.cluster, "fitserve-test", planned.models);
    return planned.models.map((one) => serveOnCluster(built, { ...one, clientKeys }));
  }, AWS_ANSWERS);
  return resources;
}

/** Of one model, as the repository's own program makes it. */
const OF_ONE_MODEL = /^(gpu|front|weights)(-|$)|^serving$/;

describe("two models on one cluster", () => {
  let resources: readonly Registered[];

  beforeAll(async () => {
    resources = await served();
  });

  test("are what one is, with the cluster once and the rest twice, called by the models", () => {
    const golden = readFileSync("test/golden/aws-resources.txt", "utf8").split("\n");
    const single = golden.flatMap((entry) => {
      const [type = "", name = ""] = entry.split(" ");
      // Left out with the setting; of it a test of its own has the list.
      return name.startsWith("monitoring") ? [] : [{ type, name }];
    });
    const wanted = single.flatMap(({ type, name }) =>
      OF_ONE_MODEL.test(name) ? NAMES.map((one) => `${type} ${one}-${name}`) : [`${type} ${name}`],
    );
    const own = resources.filter(({ name }) => !/serving-|dashboard/.test(name));
    expect(own.map(({ type, name }) => `${type} ${name}`).toSorted()).toEqual(wanted.toSorted());
  });

  test("have load balancers whose names begin as AWS allows where the whole name would be too long", () => {
    const prefixes = resources
      .filter(({ type }) => type === "aws:lb/loadBalancer:LoadBalancer")
      .map(({ name, inputs }) => [name, inputs["namePrefix"]]);
    expect(prefixes).toEqual([
      ["llm-large-front-load-balancer", "llm-la"],
      ["llm-small-front-load-balancer", "llm-sm"],
    ]);
  });
});

describe("models that cannot be on one cluster", () => {
  test.each<[string, string, RegExp]>([
    [
      "one namespace for both",
      faultsOf(model("a", { namespace: "llm" }), model("b", { namespace: "llm" })),
      /two models have the namespace llm, and so the same pool of nodes/,
    ],
    [
      "the namespace of another's weights",
      faultsOf(model("llm"), model("b", { namespace: "llm-cache" })),
      /llm-cache is the one for the weights of another model/,
    ],
    [
      "a namespace of the cluster",
      faultsOf(model("a", { namespace: "kube-system" })),
      /^a: kube-system is the cluster's own/,
    ],
    ["a namespace of its services", faultsOf(model("nvidia")), /^nvidia: the namespace nvidia is one of the cluster's/],
    [
      "nodes of another",
      faultsOf(model("a"), model("b", { nodeSelector: { "fitserve.dev/pool": "a" } })),
      /^b: nodeSelector sends the engine to the nodes a; its own are b/,
    ],
    [
      "an image of another version than the plan's",
      faultsOf(model("a", { engineImage: "registry.example.com/vllm:v0.1.0" })),
      /^a: the image registry\.example\.com\/vllm:v0\.1\.0 is of vLLM 0\.1\.0/,
    ],
  ])("%s", (_, faults, wanted) => {
    expect(faults).toMatch(wanted);
  });
});
