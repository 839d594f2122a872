import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { ACTIONS } from "../../scripts/aws-iam/actions";
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

  test("take every role, log group and bucket by its name alone", async () => {
    const { text } = await generatedIam();
    const policy = JSON.parse(/```json\n([^]*?)```/.exec(text)?.[1] ?? "{}");
    const open = policy.Statement.filter((statement: { Resource: unknown }) => statement.Resource === "*");
    const actions: string[] = open.flatMap((statement: { Action: string[] }) => statement.Action);
    expect(actions.filter((action) => /^(iam|s3):/.test(action))).toEqual([]);
  });
});
