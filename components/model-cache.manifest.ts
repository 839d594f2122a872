import type { types } from "@pulumi/kubernetes";
import type { Checkpoint } from "../sizing/catalog";
import type { FeasiblePlan } from "../sizing/serving-plan";
import { engineResources } from "./engine-resources";
import { GPU_TOLERATION, gibQuantity, instanceLabels, kubernetesName } from "./kubernetes-object";
import { CLOSED_CONTAINER, ENGINE_USER } from "./pod-security";
import { servingNamespace } from "./namespace.manifest";
import type { BucketSource } from "./model-source";
import type { ServingOptions } from "./serving-options";
import { engineNodeSelector } from "./vllm-pod.manifest";

/** How long the download of the largest weights may take. */
const FILL_DEADLINE_SECONDS = 4 * 3600;

const WORK_FOLDER = "/work";

/** Revision whose weights are kept; a repository without one is kept as it is on its default branch. */
function revisionOf(checkpoint: Checkpoint): string {
  return checkpoint.revision ?? "main";
}

/** What the keys of a checkpoint's files begin with, without the slash at its end. */
export function checkpointPrefix(checkpoint: Checkpoint): string {
  return `${revisionOf(checkpoint)}/${checkpoint.repository}`;
}

/** Where the weights of a checkpoint lie in a bucket. */
export function cachedModel(bucket: string, checkpoint: Checkpoint): BucketSource {
  return { kind: "bucket", uri: `s3://${bucket}/${checkpointPrefix(checkpoint)}` };
}

/** The job has a namespace of its own, so that its role is not the engine's. */
export function cacheNamespace(options: ServingOptions) {
  return servingNamespace({ ...options, namespace: `${options.namespace}-cache` });
}

function metadata(options: ServingOptions, name: string) {
  const namespace = cacheNamespace(options).metadata.name;
  return { name, namespace, labels: instanceLabels(options.name, "model-cache") };
}

/** Account of the job; its role may write to the bucket. */
export function fillAccount(options: ServingOptions) {
  return { apiVersion: "v1", kind: "ServiceAccount", metadata: metadata(options, "model-fill") } as const;
}

/** The job's program. */
export function fillScript(options: ServingOptions) {
  return {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: metadata(options, "model-fill"),
    data: { "fill.py": FILL_PY },
  } as const;
}

/**
 * Copies the weights of one checkpoint into the bucket, once. A Job cannot change, so that another checkpoint is
 * another Job. It runs on a GPU node, for the disk and for the image, which the engine needs there next.
 */
export function fillJob(plan: FeasiblePlan, options: ServingOptions, bucket: string, checkpoint: Checkpoint) {
  const revision = revisionOf(checkpoint);
  return {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: metadata(options, kubernetesName(`fill-${checkpoint.repository}-${revision}`)),
    spec: {
      backoffLimit: 3,
      activeDeadlineSeconds: FILL_DEADLINE_SECONDS,
      template: {
        metadata: { labels: instanceLabels(options.name, "model-cache") },
        spec: fillPod(plan, options, {
          BUCKET: bucket,
          REPOSITORY: checkpoint.repository,
          REVISION: revision,
          HF_HOME: `${WORK_FOLDER}/.cache`,
          HOME: WORK_FOLDER,
        }),
      },
    },
  } as const satisfies types.input.batch.v1.Job & { apiVersion: string; kind: string };
}

function fillPod(plan: FeasiblePlan, options: ServingOptions, environment: Readonly<Record<string, string>>) {
  const diskGiB = engineResources(plan).cacheGiB;
  const { hubTokenSecret, imagePullSecret } = options;
  const token =
    hubTokenSecret === undefined
      ? []
      : [{ name: "HF_TOKEN", valueFrom: { secretKeyRef: { name: hubTokenSecret, key: "token" } } }];
  return {
    serviceAccountName: "model-fill",
    ...(imagePullSecret === undefined ? {} : { imagePullSecrets: [{ name: imagePullSecret }] }),
    automountServiceAccountToken: false,
    restartPolicy: "Never",
    nodeSelector: engineNodeSelector(plan, options),
    tolerations: [GPU_TOLERATION],
    securityContext: {
      runAsNonRoot: true,
      runAsUser: ENGINE_USER.uid,
      runAsGroup: ENGINE_USER.gid,
      fsGroup: ENGINE_USER.gid,
      seccompProfile: { type: "RuntimeDefault" },
    },
    containers: [
      {
        name: "fill",
        image: options.engineImage ?? plan.engine.image,
        command: ["python3", "/program/fill.py"],
        env: [...Object.entries(environment).map(([name, value]) => ({ name, value })), ...token],
        resources: {
          // So little that it finds room beside the engine of the weights before: that one goes only when these are there.
          requests: { cpu: "250m", memory: "1Gi", "ephemeral-storage": gibQuantity(diskGiB) },
          limits: { memory: "8Gi" },
        },
        securityContext: CLOSED_CONTAINER,
        volumeMounts: [
          { name: "work", mountPath: WORK_FOLDER },
          { name: "tmp", mountPath: "/tmp" },
          { name: "program", mountPath: "/program" },
        ],
      },
    ],
    volumes: [
      { name: "work", emptyDir: { sizeLimit: gibQuantity(diskGiB) } },
      { name: "tmp", emptyDir: { sizeLimit: "4Gi" } },
      { name: "program", configMap: { name: "model-fill" } },
    ],
  };
}

/**
 * For each file of the repository: skip it where the bucket has it with the same hash, else download it, compare its hash
 * with the hub's (SHA-256 of large files, git's id of small ones), upload it, and give its SHA-256 along. Weights in a
 * second format stay out: an engine that streams reads every .safetensors there is. `huggingface_hub` and `boto3` are in
 * the engine's image.
 */
const FILL_PY = `import hashlib, os, sys
import boto3
from botocore.exceptions import ClientError
from huggingface_hub import HfApi, hf_hub_download

bucket, repository, revision = (os.environ[name] for name in ("BUCKET", "REPOSITORY", "REVISION"))
s3 = boto3.client("s3")
skipped = (".bin", ".pt", ".pth", ".gguf", ".onnx", ".h5", ".msgpack")


def digest(path, function, head=b""):
    found = function(head)
    with open(path, "rb") as file:
        while chunk := file.read(1 << 24):
            found.update(chunk)
    return found.hexdigest()


def git_id(path):
    return digest(path, hashlib.sha1, b"blob %d\\0" % os.path.getsize(path))


def stored_hash(key):
    try:
        return s3.head_object(Bucket=bucket, Key=key)["Metadata"].get("sha256")
    except ClientError as error:
        if error.response["ResponseMetadata"]["HTTPStatusCode"] == 404:
            return None
        raise


def read_by_engines(names):
    kept = [name for name in names if not name.endswith(skipped) and not name.startswith("original/")]
    weights = [name for name in kept if name.endswith(".safetensors") and "/" not in name]
    others = [name for name in weights if not name.startswith("consolidated")]
    return set(kept) - (set(weights) - set(others) if others else set())


info = HfApi().model_info(repository, revision=revision, files_metadata=True)
names = read_by_engines([file.rfilename for file in info.siblings])
for file in info.siblings:
    name = file.rfilename
    if name not in names:
        continue
    key = f"{revision}/{repository}/{name}"
    wanted = file.lfs.sha256 if file.lfs else None
    stored = stored_hash(key)
    if stored and stored == wanted:
        print(f"kept {key}", flush=True)
        continue
    # By the commit that was listed: a branch may have moved on since.
    path = hf_hub_download(repository, name, revision=info.sha, local_dir=os.path.join(os.environ["HOME"], "model"))
    found = digest(path, hashlib.sha256)
    if wanted and found != wanted:
        sys.exit(f"{name}: SHA-256 is {found}, the hub says {wanted}")
    if not wanted and git_id(path) != file.blob_id:
        sys.exit(f"{name}: git's id is {git_id(path)}, the hub says {file.blob_id}")
    extra = {"Metadata": {"sha256": found}, "ChecksumAlgorithm": "SHA256"}
    s3.upload_file(path, bucket, key, ExtraArgs=extra)
    os.remove(path)
    print(f"stored {key}", flush=True)
`;
