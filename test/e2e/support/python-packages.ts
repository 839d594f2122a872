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

/** Folder for PYTHONPATH with boto3, fetched into the tools' cache on the first call. */
export async function ensureBoto3(): Promise<string> {
  const key = BOTO3[0]?.replace("==", "-") ?? "boto3";
  const install = async (folder: string): Promise<void> => {
    const options = ["--quiet", "--no-deps", "--no-input", "--no-cache-dir", "--only-binary", ":all:"];
    const target = ["--target", join(folder, "package")];
    const pip = await run("python3", ["-m", "pip", "install", ...options, ...target, ...BOTO3]);
    if (pip.code !== 0) throw new Error(`pip could not install ${BOTO3.join(" ")}:\n${pip.stderr}`);
  };
  return join(await cacheOnce(key, install, () => undefined), "package");
}
