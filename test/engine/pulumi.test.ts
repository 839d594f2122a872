import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { choosePlugins, installPlugins, officialPulumi, PLUGINS } from "../../tools/engine/pulumi";

function executable(file: string, content = "#!/bin/sh\n"): string {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
  chmodSync(file, 0o755);
  return file;
}

describe("official tools of the machine", () => {
  let folder: string;
  let cli: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "fitserve-pulumi-"));
    cli = executable(join(folder, "ours", "pulumi"));
  });

  const sources = async (env: NodeJS.ProcessEnv) =>
    Object.fromEntries((await choosePlugins(cli, env)).map((one) => [one.plugin.name, one.official]));

  it("are passed over where there are none", async () => {
    expect(await sources({ PATH: "", PULUMI_HOME: folder })).toEqual({ nodejs: undefined, kubernetes: undefined });
  });

  it("are taken from PATH before anything else", async () => {
    const onPath = executable(join(folder, "bin", "pulumi-resource-kubernetes"));
    executable(join(folder, "plugins", "resource-kubernetes-v4.34.2", "pulumi-resource-kubernetes"));
    const found = await sources({ PATH: join(folder, "bin"), PULUMI_HOME: folder });
    expect(found).toEqual({ nodejs: undefined, kubernetes: onPath });
  });

  it("are taken from the folder of the CLI, where its releases put the language host", async () => {
    const host = executable(join(folder, "ours", "pulumi-language-nodejs"));
    expect(await sources({ PATH: "", PULUMI_HOME: folder })).toEqual({ nodejs: host, kubernetes: undefined });
  });

  it("are taken from the user's installed plugins, a provider only in the version of the SDK", async () => {
    const wanted = executable(join(folder, "plugins", "resource-kubernetes-v4.34.2", "pulumi-resource-kubernetes"));
    executable(join(folder, "plugins", "resource-kubernetes-v4.99.0", "pulumi-resource-kubernetes"));
    expect(await sources({ PATH: "", PULUMI_HOME: folder })).toEqual({ nodejs: undefined, kubernetes: wanted });
  });

  it.each([
    ["v3.250.0", true],
    ["v3.248.0", true],
    ["v3.247.0", false],
    ["v2.9.0", false],
    ["nonsense", false],
  ])("a CLI that says %s is used: %s", (version, used) => {
    const official = executable(join(folder, "bin", "pulumi"), `#!/bin/sh\necho ${version}\n`);
    expect(officialPulumi(join(folder, "bin"))).toBe(used ? official : undefined);
  });

  it("leave no stand-in beside them: an official plugin is linked, a missing one gets ours", async () => {
    const official = executable(join(folder, "bin", "pulumi-resource-kubernetes"));
    const choices = await choosePlugins(cli, { PATH: join(folder, "bin"), PULUMI_HOME: folder });
    const home = join(folder, "home");
    await installPlugins(choices, home, "/clone/dist/tools");
    const [host, provider] = PLUGINS.map(({ kind, name, version, executable: file }) =>
      join(home, "plugins", `${kind}-${name}-v${version}`, file),
    );
    expect(readlinkSync(provider ?? "")).toBe(official);
    expect(readFileSync(host ?? "", "utf8")).toContain("'/clone/dist/tools/pulumi-language-nodejs.js' \"$@\"");
  });

  it("replace a stand-in of an earlier run", async () => {
    const home = join(folder, "home");
    await installPlugins(await choosePlugins(cli, { PATH: "", PULUMI_HOME: folder }), home, "/clone/dist/tools");
    executable(join(folder, "bin", "pulumi-language-nodejs"));
    const choices = await choosePlugins(cli, { PATH: join(folder, "bin"), PULUMI_HOME: folder });
    await installPlugins(choices, home, "/clone/dist/tools");
    const host = join(home, "plugins", "language-nodejs-v3.250.0", "pulumi-language-nodejs");
    expect(readlinkSync(host)).toBe(join(folder, "bin", "pulumi-language-nodejs"));
    expect(existsSync(join(home, "plugins", "resource-kubernetes-v4.34.2"))).toBe(true);
  });
});
