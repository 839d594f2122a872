import { spawn } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { copyScript } from "../../components/aws/cache/node-cache.manifest";
import { servingOptions } from "../../components/serving-options";
import { awsPlan } from "../support/aws-settings";
import { BucketServer } from "./support/bucket-server";
import { ended, type Ended } from "./support/clone";
import { ensureBoto3 } from "./support/python-packages";

const REPOSITORY = "Qwen/Qwen3-32B-AWQ";
const PREFIX = `0123abc/${REPOSITORY}/`;
const FILES = ["config.json", "model-00001.safetensors", "model-00002.safetensors", "tokenizer/vocab.json"];

/** A disk of this many bytes, of which the files of the cache take some: the machine's own may be full. */
const DISK = `
import os, shutil
from collections import namedtuple

def disk_usage(root, Usage=namedtuple("usage", "total used free")):
    total = int(os.environ["DISK_BYTES"])
    used = sum(os.path.getsize(os.path.join(place, name)) for place, _, names in os.walk(root) for name in names)
    return Usage(total, used, total - used)

shutil.disk_usage = disk_usage
`;

// The program of the DaemonSet, with the library of the engine's image, against a bucket that speaks S3.
describe("the copy of the weights on a node's disks", () => {
  const bucket = new BucketServer("models");
  const base = mkdtempSync(join(tmpdir(), "fitserve-copy-"));
  const root = join(base, "cache");
  let packages = "";
  let endpoint = "";

  beforeAll(async () => {
    packages = await ensureBoto3();
    endpoint = await bucket.listen();
    mkdirSync(join(base, "program"));
    for (const [name, text] of Object.entries(copyScript(servingOptions(awsPlan())).data)) {
      writeFileSync(join(base, "program", name), text);
    }
    mkdirSync(join(base, "disk"));
    writeFileSync(join(base, "disk", "sitecustomize.py"), DISK);
  });
  beforeEach(() => {
    mkdirSync(root);
    bucket.empty();
    for (const file of FILES) bucket.put(PREFIX + file, Buffer.alloc(1000, file));
    bucket.downloads.length = 0;
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));
  afterAll(() => {
    bucket.close();
    rmSync(base, { recursive: true, force: true });
  });

  function copy(settings: Readonly<Record<string, string>> = {}): Promise<Ended> {
    const child = spawn("python3", [join(base, "program", "copy_weights.py")], {
      stdio: ["ignore", "pipe", "pipe"],
      env: {
        PATH: process.env["PATH"] ?? "",
        HOME: base,
        PYTHONPATH: [join(base, "disk"), packages].join(":"),
        PYTHONDONTWRITEBYTECODE: "1",
        AWS_ENDPOINT_URL: endpoint,
        AWS_ACCESS_KEY_ID: "test",
        AWS_SECRET_ACCESS_KEY: "test",
        AWS_REGION: "us-east-1",
        BUCKET: bucket.name,
        PREFIX,
        ROOT: root,
        FOLDER: "current",
        REPOSITORY,
        DEVICE: "",
        FREE_SHARE: "0.15",
        DISK_BYTES: "100000",
        ...settings,
      },
    });
    return ended(child);
  }

  const inFolder = (folder: string, ...path: string[]): string => join(root, folder, REPOSITORY, ...path);
  const isComplete = (folder = "current"): boolean => existsSync(inFolder(folder, ".complete"));

  /** A whole checkpoint of an earlier time. */
  function earlier(folder: string, minutesAgo: number, bytes = 4000): void {
    mkdirSync(inFolder(folder), { recursive: true });
    writeFileSync(inFolder(folder, "model.safetensors"), Buffer.alloc(bytes));
    writeFileSync(inFolder(folder, ".complete"), "{}");
    const then = Date.now() / 1000 - minutesAgo * 60;
    utimesSync(join(root, folder), then, then);
  }

  it("has every file of the bucket, at the path that ends in the repository, and then its marker", async () => {
    expect(await copy()).toMatchObject({ code: 0 });
    expect(FILES.map((file) => readFileSync(inFolder("current", file)).equals(Buffer.alloc(1000, file)))).toEqual(
      FILES.map(() => true),
    );
    expect(isComplete()).toBe(true);
  });

  it("is made once: whoever comes later finds it, and downloads nothing", async () => {
    await copy();
    bucket.downloads.length = 0;
    const second = await copy();
    expect(second).toMatchObject({ code: 0, output: expect.stringContaining("current is complete") });
    expect(bucket.downloads).toEqual([]);
  });

  it("is not complete while a file has another hash than stands beside it; what was right is kept", async () => {
    const [, broken = ""] = FILES;
    bucket.put(PREFIX + broken, Buffer.alloc(1000, "x"), "0".repeat(64));
    const failed = await copy();
    expect(failed.code).toBe(1);
    expect(failed.output).toMatch(/model-00001\.safetensors: SHA-256 is [0-9a-f]{64}, beside the object stands 0{64}/);
    expect(failed.output).not.toContain("Traceback");
    expect(isComplete()).toBe(false);
    expect(readdirSync(inFolder("current")).filter((name) => name.includes("00001"))).toEqual([]);

    bucket.put(PREFIX + broken, Buffer.alloc(1000, broken));
    bucket.downloads.length = 0;
    expect(await copy()).toMatchObject({ code: 0 });
    expect(new Set(bucket.downloads)).toEqual(new Set([PREFIX + broken]));
    expect(isComplete()).toBe(true);
  });

  it("is mended where a file was damaged, and follows the bucket where its files were replaced", async () => {
    await copy();
    writeFileSync(inFolder("current", "config.json"), "cut");
    bucket.put(`${PREFIX}tokenizer/vocab.json`, Buffer.alloc(1000, "new"));
    bucket.downloads.length = 0;
    expect(await copy()).toMatchObject({ code: 0 });
    expect(new Set(bucket.downloads)).toEqual(new Set([`${PREFIX}config.json`, `${PREFIX}tokenizer/vocab.json`]));
    expect(readFileSync(inFolder("current", "tokenizer", "vocab.json")).equals(Buffer.alloc(1000, "new"))).toBe(true);
  });

  it("has nothing that the bucket has not: no rests of a copy that was broken off", async () => {
    mkdirSync(inFolder("current"), { recursive: true });
    writeFileSync(inFolder("current", "model-00001.safetensors.part"), "half");
    writeFileSync(inFolder("current", "old.safetensors"), "of a revision before");
    expect(await copy()).toMatchObject({ code: 0 });
    expect(readdirSync(inFolder("current")).toSorted()).toEqual([".complete", ...FILES.slice(0, 3), "tokenizer"]);
  });

  it("leaves the weights of before, from which an engine may restart, and none that are older", async () => {
    earlier("before", 10);
    earlier("long-before", 1000);
    expect(await copy()).toMatchObject({ code: 0, output: expect.stringContaining("removing long-before") });
    expect(readdirSync(root).toSorted()).toEqual(["before", "current"]);
    // And back: the copy that is there is used, and counts as the newest from now on.
    bucket.downloads.length = 0;
    expect(await copy()).toMatchObject({ code: 0 });
    expect(readdirSync(root).toSorted()).toEqual(["before", "current"]);
  });

  it("takes the place of the weights of before where the disk has no room for both", async () => {
    earlier("before", 10, 90_000);
    expect(await copy()).toMatchObject({ code: 0, output: expect.stringContaining("removing before") });
    expect(readdirSync(root)).toEqual(["current"]);
    expect(isComplete()).toBe(true);
  });

  it("is not begun where the disk has no room at all, and says the sizes", async () => {
    const full = await copy({ DISK_BYTES: "4500" });
    expect(full.code).toBe(1);
    expect(full.output).toContain("4000 bytes are to be copied; 4500 are free, of which 675 have to stay free");
    expect(bucket.downloads).toEqual([]);
  });

  it("is refused on a disk that is not the joined ones: a folder there would be made on the system's", async () => {
    const refused = await copy({ DEVICE: "/dev/md-none" });
    expect(refused.code).toBe(1);
    expect(refused.output).toMatch(/lies on .+, which is not the node's joined NVMe disks \(\/dev\/md-none\*\)/);
    expect(readdirSync(root)).toEqual([]);
  });

  it("is refused for an empty bucket, and for an object without a hash", async () => {
    expect((await copy({ PREFIX: "none/" })).output).toContain("there is nothing in s3://models/none/");
    bucket.putWithoutHash(`${PREFIX}extra.json`, Buffer.from("{}"));
    const refused = await copy();
    expect(refused.code).toBe(1);
    expect(refused.output).toContain(`s3://models/${PREFIX}extra.json has no SHA-256 beside it`);
  });
});
