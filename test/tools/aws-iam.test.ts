import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { ACTIONS, ALWAYS } from "../../scripts/aws-iam/actions";
import { LONGEST_WHOLE_CLUSTER_NAME } from "../../scripts/aws-iam/conditions";
import { generatedIam } from "../../scripts/generate-aws-iam";
import { awsName } from "../../sizing/aws/names";
import { USED_TYPES } from "../../tools/aws-provider/used-types";
import { registeredOnAws } from "../support/aws-program";
import { awsCluster } from "../support/aws-settings";

interface Statement {
  readonly Action: readonly string[];
  readonly Resource: unknown;
  readonly Condition?: unknown;
}

const KARPENTER = { disk: "auto", provisioner: "karpenter" } as const;

/** Of the policy itself, which the document shows first. */
async function statements(): Promise<readonly Statement[]> {
  const { text } = await generatedIam();
  return JSON.parse(/```json\n([^]*?)```/.exec(text)?.[1] ?? "{}").Statement;
}

/** One for each statement that allows the action. */
async function conditionsOf(action: string): Promise<readonly unknown[]> {
  const allowing = (await statements()).filter(({ Action }) => Action.includes(action));
  return allowing.map(({ Condition }) => Condition);
}

/** Names of a cluster whose own has this length that the patterns leave out; the last words are as long as they get. */
function outsideThePatterns(length: number): readonly string[] {
  const name = "c".repeat(length);
  const names = [
    awsName("iamRole", name, "ap-southeast-1", "a-namespace-of-many-letters-fill"),
    awsName("eventRule", name, "a-kind-of-event"),
    awsName("queue", name, "interruptions"),
  ];
  const bucket = awsName("bucket", name, "models", "123456789012", "ap-southeast-1");
  return [
    ...names.filter((made) => !made.startsWith(`${name}-`)),
    ...(bucket.startsWith(`${name}-models-`) ? [] : [bucket]),
  ];
}

function texts(values: readonly unknown[]): readonly string[] {
  return [...new Set(values.map(String))].toSorted();
}

describe("the permissions of the aws target", () => {
  test("are written down as they are generated", async () => {
    const { path, text } = await generatedIam();
    expect(readFileSync(path, "utf8")).toBe(text);
  });

  test("cover every type of resource that the program makes, and no other", () => {
    expect(Object.keys(ACTIONS).toSorted()).toEqual(Object.keys(USED_TYPES).toSorted());
  });

  test("name each action; none stands for others", () => {
    const actions = Object.values(ACTIONS).flat();
    expect(actions.filter((action) => !/^[a-z0-9]+:[A-Z][A-Za-z0-9]+$/.test(action))).toEqual([]);
  });

  test("cover what the preflight asks, and that a tag is taken off again", () => {
    // Whatever asks the account, wherever it is written: the other checks ask a cluster.
    const files = readdirSync("cli/preflight").filter((file) => /^aws-.*\.ts$/.test(file));
    const questions = files.map((file) => readFileSync(`cli/preflight/${file}`, "utf8"));
    const asked = [...questions.join("").matchAll(/ask\("([a-z0-9-]+) ([a-z-]+)"/g)].map(
      ([, service = "", verb = ""]) => {
        const name = verb.replaceAll(/(?:^|-)([a-z])/g, (_, letter: string) => letter.toUpperCase());
        return `${service.replaceAll("-", "")}:${name}`;
      },
    );
    expect([...new Set(asked)].toSorted()).toEqual([...ALWAYS].toSorted());
    const tagging = Object.values(ACTIONS).filter((actions) => actions.includes("ec2:CreateTags"));
    expect(tagging.filter((actions) => !actions.includes("ec2:DeleteTags"))).toEqual([]);
  });

  test("take every role, log group and bucket by its name alone", async () => {
    const open = (await statements()).filter(({ Resource }) => Resource === "*");
    expect(open.flatMap(({ Action }) => Action).filter((action) => /^(iam|s3):/.test(action))).toEqual([]);
  });

  test("give roles the policies that the program attaches, and the services that take them, and no others", async () => {
    const made = await Promise.all([registeredOnAws(), registeredOnAws(awsCluster({ gpu: KARPENTER }))]);
    const inputs = made.flatMap(({ resources }) => resources.map((resource) => resource.inputs));
    const attached = inputs.flatMap(({ policyArn, role }) => (role === undefined ? [] : [policyArn]));
    const takers = inputs.flatMap(({ assumeRolePolicy: trust }) =>
      typeof trust === "string" ? [JSON.parse(trust).Statement[0].Principal.Service] : [],
    );
    expect(await conditionsOf("iam:AttachRolePolicy")).toEqual([
      { ArnEquals: { "iam:PolicyARN": texts(attached.filter((arn) => arn !== undefined)) } },
    ]);
    expect(await conditionsOf("iam:PassRole")).toEqual([{ StringEquals: { "iam:PassedToService": texts(takers) } }]);
  });

  test("hold for names of the longest cluster that they speak of, and for no longer one", () => {
    expect(outsideThePatterns(LONGEST_WHOLE_CLUSTER_NAME)).toEqual([]);
    expect(outsideThePatterns(LONGEST_WHOLE_CLUSTER_NAME + 1)).toHaveLength(1);
  });

  test("fit a policy that is written into a role", async () => {
    expect(JSON.stringify({ Version: "2012-10-17", Statement: await statements() }).length).toBeLessThan(10_240);
  });
});
