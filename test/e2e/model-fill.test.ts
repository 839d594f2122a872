import { spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { fillScript } from "../../components/aws/cache/model-cache.manifest";
import { copyScript } from "../../components/aws/cache/node-cache.manifest";
import { servingOptions } from "../../components/serving-options";
import { awsPlan } from "../support/aws-settings";
import { BucketServer } from "./support/bucket-server";
import { ended, type Ended } from "./support/clone";
import { HubServer } from "./support/hub-server";
import { ensureBoto3, ensureHuggingFaceHub } from "./support/python-packages";

const REPOSITORY = "Qwen/Qwen3-32B-AWQ";
const REVISION = "0123abc";
const PREFIX = `${REVISION}/${REPOSITORY}/`;
const WEIGHTS = ["model-00001.safetensors", "model-00002.safetensors"];

// The program of the job, with the libraries of the engine's image, between a hub and a bucket that speak HTTP.
describe("the job that fills the bucket", () => {
  const bucket = new BucketServer("models");
  const hub = new HubServer(REPOSITORY, REVISION);
  const base = mkdtempSync(join(tmpdir(), "fitserve-fill-"));
  const home = join(base, "work");
  let environment: Record<string, string> = {};

  beforeAll(async () => {
    const packages = [await ensureBoto3(), await ensureHuggingFaceHub()];
    const options = servingOptions(awsPlan());
    mkdirSync(join(base, "program"));
    for (const [name, text] of Object.entries({ ...fillScript(options).data, ...copyScript(options).data })) {
      writeFileSync(join(base, "program", name), text);
    }
    environment = {
      PATH: process.env["PATH"] ?? "",
      PYTHONPATH: packages.join(":"),
      PYTHONDONTWRITEBYTECODE: "1",
      HOME: home,
      HF_HOME: join(home, ".cache"),
      HF_ENDPOINT: await hub.listen(),
      AWS_ENDPOINT_URL: await bucket.listen(),
      AWS_ACCESS_KEY_ID: "test",
      AWS_SECRET_ACCESS_KEY: "test",
      AWS_REGION: "us-east-1",
      BUCKET: bucket.name,
      REPOSITORY,
      REVISION,
    };
  }, 300_000);
  beforeEach(() => {
    mkdirSync(home);
    bucket.empty();
    hub.empty();
    hub.putSmall("config.json", Buffer.from("{}"));
    for (const name of WEIGHTS) hub.putLarge(name, Buffer.alloc(2000, name));
    hub.putLarge("pytorch_model.bin", Buffer.alloc(2000));
    hub.putLarge("original/consolidated.safetensors", Buffer.alloc(2000));
  });
  afterEach(() => rmSync(home, { recursive: true, force: true }));
  afterAll(() => {
    hub.close();
    bucket.close();
    rmSync(base, { recursive: true, force: true });
  });

  function runs(program: string, more: Readonly<Record<string, string>> = {}): Promise<Ended> {
    const stdio: ["ignore", "pipe", "pipe"] = ["ignore", "pipe", "pipe"];
    return ended(spawn("python3", [join(base, "program", program)], { stdio, env: { ...environment, ...more } }));
  }

  it("stores what an engine reads, each file with its hash beside it, and keeps no copy of its own", async () => {
    expect(await runs("fill.py")).toMatchObject({ code: 0 });
    const stored = bucket.stored();
    expect(Object.keys(stored).toSorted()).toEqual(["config.json", ...WEIGHTS].map((name) => PREFIX + name));
    expect(Object.values(stored).filter((hash) => !/^[0-9a-f]{64}$/.test(hash ?? ""))).toEqual([]);
    const left = existsSync(join(home, "model")) ? readdirSync(join(home, "model")) : [];
    expect(left.filter((name) => name.endsWith(".safetensors"))).toEqual([]);
  });

  it("downloads no weights again that the bucket has", async () => {
    await runs("fill.py");
    hub.downloads.length = 0;
    const second = await runs("fill.py");
    expect(second).toMatchObject({ code: 0, output: expect.stringContaining(`kept ${PREFIX}${WEIGHTS[0]}`) });
    expect(hub.downloads.filter((name) => name.endsWith(".safetensors"))).toEqual([]);
  });

  it("stores no weights whose hash is not the hub's", async () => {
    hub.putLarge(WEIGHTS[1] ?? "", Buffer.alloc(2000), "0".repeat(64));
    const failed = await runs("fill.py");
    expect(failed.code).not.toBe(0);
    expect(failed.output).toMatch(/model-00002\.safetensors: SHA-256 is [0-9a-f]{64}, the hub says 0{64}/);
    expect(Object.keys(bucket.stored())).not.toContain(`${PREFIX}model-00002.safetensors`);
  });

  it("stores no small file that is not the hub's, such as a configuration that was cut off", async () => {
    hub.putSmall("config.json", Buffer.from("{}"), "0".repeat(40));
    const failed = await runs("fill.py");
    expect(failed.code).not.toBe(0);
    expect(failed.output).toMatch(/config\.json: git's id is [0-9a-f]{40}, the hub says 0{40}/);
    expect(bucket.stored()).toEqual({});
  });

  it("leaves out the same weights in the maker's own format, which an engine would read beside them", async () => {
    hub.putLarge("consolidated.safetensors", Buffer.alloc(2000));
    expect(await runs("fill.py")).toMatchObject({ code: 0 });
    expect(Object.keys(bucket.stored())).toHaveLength(1 + WEIGHTS.length);
  });

  it("takes that format where there is no other", async () => {
    hub.empty();
    hub.putLarge("consolidated.safetensors", Buffer.alloc(2000));
    expect(await runs("fill.py")).toMatchObject({ code: 0 });
    expect(Object.keys(bucket.stored())).toEqual([`${PREFIX}consolidated.safetensors`]);
  });

  it("opens gated weights by the token of its environment, and says so of none", async () => {
    hub.token = "hf_secret";
    expect((await runs("fill.py")).code).not.toBe(0);
    const opened = await runs("fill.py", { HF_TOKEN: "hf_secret" });
    expect(opened).toMatchObject({ code: 0 });
    expect(opened.output).not.toContain("hf_secret");
  });

  it("leaves what a node's copy takes as it is", async () => {
    await runs("fill.py");
    const root = join(home, "cache");
    mkdirSync(root);
    const node = { PREFIX, ROOT: root, FOLDER: "current", DEVICE: "", FREE_SHARE: "0" };
    expect(await runs("copy_weights.py", node)).toMatchObject({ code: 0 });
    expect(readdirSync(join(root, "current", REPOSITORY)).toSorted()).toEqual([".complete", "config.json", ...WEIGHTS]);
  });
});
