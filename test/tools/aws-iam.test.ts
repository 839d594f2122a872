import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { ACTIONS, ALWAYS } from "../../scripts/aws-iam/actions";
import { generatedIam } from "../../scripts/generate-aws-iam";
import { USED_TYPES } from "../../tools/aws-provider/used-types";

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
    const { text } = await generatedIam();
    const policy = JSON.parse(/```json\n([^]*?)```/.exec(text)?.[1] ?? "{}");
    const open = policy.Statement.filter((statement: { Resource: unknown }) => statement.Resource === "*");
    const actions: string[] = open.flatMap((statement: { Action: string[] }) => statement.Action);
    expect(actions.filter((action) => /^(iam|s3):/.test(action))).toEqual([]);
  });
});
