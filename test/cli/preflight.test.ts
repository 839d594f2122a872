import { chmodSync, cpSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { CommandLine, type Run } from "../support/command-line";

const command = new CommandLine();
const ROOT = join(__dirname, "../..");

beforeAll(async () => {
  await command.build();
  for (const file of ["Pulumi.yaml", "Pulumi.aws.yaml"]) cpSync(join(ROOT, file), join(command.folder, file));
});
afterAll(() => command.remove());

interface Account {
  readonly id?: string;
  readonly zones?: readonly string[];
  readonly quota?: number;
  readonly reservation?: object;
}

/** Runs the command with an `aws` that answers as an account would. */
function preflight(
  { id = "123456789012", zones = ["use1-az1", "use1-az6"], quota = 192, reservation = {} }: Account,
  args: readonly string[] = [],
): Run {
  const answers = {
    "sts get-caller-identity": { Account: id },
    "ec2 describe-instance-type-offerings": { InstanceTypeOfferings: zones.map((Location) => ({ Location })) },
    "service-quotas get-service-quota": { Quota: { Value: quota } },
    "ec2 describe-capacity-reservations": { CapacityReservations: [reservation] },
  };
  const bin = join(command.folder, "bin");
  mkdirSync(bin, { recursive: true });
  const script = `const answer = ${JSON.stringify(answers)}[process.argv.slice(2, 4).join(" ")];
if (answer === undefined) { console.error("An error occurred (AccessDenied)"); process.exit(254); }
console.log(JSON.stringify(answer));`;
  writeFileSync(join(bin, "aws.js"), script);
  writeFileSync(join(bin, "aws"), `#!/bin/sh\nexec '${process.execPath}' '${join(bin, "aws.js")}' "$@"\n`);
  chmodSync(join(bin, "aws"), 0o755);
  return command.run(["preflight", ...args], "", { PATH: bin });
}

describe("fitserve preflight", () => {
  test("says of an account that has everything that nothing stands against it", () => {
    const { code, out, err } = preflight({});
    expect([code, err]).toEqual([0, ""]);
    expect(out.split("\n").filter((line) => line.startsWith("  ok"))).toHaveLength(3);
    expect(out).toMatch(/1 x g6e\.12xlarge need 48, L-DB2E81BA is 192 in us-east-1/);
  });

  test.each<[string, Account, RegExp]>([
    [
      "credentials of another account",
      { id: "210987654321" },
      /FAILS +credentials: are of account 210987654321; .*accountId is 123456789012/,
    ],
    [
      "a machine that no zone of the network offers",
      { zones: ["use1-az5"] },
      /FAILS +offers of the zones: .*offered in use1-az5, .*gpu\.zone/,
    ],
    ["a quota of a new account", { quota: 0 }, /FAILS +quota of vCPUs: .*need 48, L-DB2E81BA is 0/],
  ])("%s would fail, with what to do, and exit 5", (_, account, wanted) => {
    const { code, out } = preflight(account);
    expect(out).toMatch(wanted);
    expect(code).toBe(5);
  });

  test("without the aws command it says what to install", () => {
    const { code, err } = command.run(["preflight"], "", { PATH: dirname("/nowhere/aws") });
    expect([code, err]).toEqual([5, "there is no aws command; install the AWS CLI, version 2\n"]);
  });

  test("settings that are wrong end it before anything is asked", () => {
    writeFileSync(join(command.folder, "bare.yaml"), "config:\n  fitserve:serving: {model: qwen3-32b}\n");
    const { code, err } = preflight({}, ["--request", "bare.yaml"]);
    expect(code).toBe(2);
    expect(err).toMatch(/fitserve:aws\.accountId: got nothing/);
  });
});
