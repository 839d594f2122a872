/**
 * For each file of the repository: skip it where the bucket has it with the same hash, else download it, compare its hash
 * with the hub's (SHA-256 of large files, git's id of small ones), upload it, and give its SHA-256 along. Weights in a
 * second format stay out: an engine that streams reads every .safetensors there is. `huggingface_hub` and `boto3` are in
 * the engine's image.
 */
export const FILL_PY = `import hashlib, os, sys
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
