import { createHash } from "node:crypto";
import { join } from "node:path";
import { cacheOnce } from "../../../tools/engine/cache";
import { run } from "../../../tools/engine/processes";

/** What programs in the engine's image talk to S3 with. */
const BOTO3 = [
  "boto3==1.44.8",
  "botocore==1.44.8",
  "jmespath==1.1.0",
  "python-dateutil==2.9.0.post0",
  "s3transfer==0.19.3",
  "six==1.17.0",
  "urllib3==2.8.0",
];

/** What the job that fills the bucket asks the hub with. */
const HUGGINGFACE_HUB = [
  "huggingface_hub==2.4.0",
  "anyio==4.16.0",
  "click==8.5.1",
  "filelock==4.2.12",
  "fsspec==2026.9.0",
  "h11==0.16.0",
  "hf_xet==1.8.0",
  "httpcore2==2.16.2",
  "httpx2==2.16.2",
  "idna==3.20",
  "packaging==26.3",
  "pyyaml==6.0.4",
  "tqdm==4.70.1",
  "truststore==0.10.5",
  "typing_extensions==4.16.0",
];

/** Folder for PYTHONPATH with boto3, fetched into the tools' cache on the first call. */
export function ensureBoto3(): Promise<string> {
  return ensurePackages(BOTO3);
}

/** The same with `huggingface_hub`. */
export function ensureHuggingFaceHub(): Promise<string> {
  return ensurePackages(HUGGINGFACE_HUB);
}

async function ensurePackages(packages: readonly string[]): Promise<string> {
  const { stdout: version } = await run("python3", ["--version"]);
  const hash = createHash("sha256").update([version, ...packages].join());
  const key = `python-packages-${hash.digest("hex").slice(0, 12)}-${process.platform}-${process.arch}`;
  const install = async (folder: string): Promise<void> => {
    const options = ["--quiet", "--no-deps", "--no-input", "--no-cache-dir", "--only-binary", ":all:"];
    const target = ["--target", join(folder, "package")];
    const pip = await run("python3", ["-m", "pip", "install", ...options, ...target, ...packages]);
    if (pip.code !== 0) throw new Error(`pip could not install ${packages.join(" ")}:\n${pip.stderr}`);
  };
  return join(await cacheOnce(key, install, () => undefined), "package");
}
