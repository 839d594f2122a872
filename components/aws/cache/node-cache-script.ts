/**
 * Copies one checkpoint from the bucket to the node's disks, once: what is there with the right hash stays. Weights of
 * another checkpoint go when there is no room for both; one is kept, from which an engine of the time before may
 * restart. `boto3` is in the engine's image; the hashes were put beside the objects by the job that filled the bucket.
 */
export const COPY_PY = `import hashlib, json, os, shutil, sys
from concurrent.futures import ProcessPoolExecutor
import boto3
from boto3.s3.transfer import TransferConfig

bucket, prefix, root, folder, repository, device, free_share = (
    os.environ[name] for name in ("BUCKET", "PREFIX", "ROOT", "FOLDER", "REPOSITORY", "DEVICE", "FREE_SHARE")
)
model = os.path.join(root, folder, repository)
marker = os.path.join(model, ".complete")


def device_of(path):
    mounts = [line.split() for line in open("/proc/self/mountinfo")]
    above = [mount for mount in mounts if os.path.join(path, "").startswith(os.path.join(mount[4], ""))]
    # The longest path, and of two mounts on it the later one.
    _, _, mount = max((len(mount[4]), place, mount) for place, mount in enumerate(above))
    return mount[mount.index("-") + 2]


def stored_files():
    s3 = boto3.client("s3")
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
    files = {}
    for key, size in ((item["Key"], item["Size"]) for page in pages for item in page.get("Contents", [])):
        digest = s3.head_object(Bucket=bucket, Key=key)["Metadata"].get("sha256")
        if not digest:
            sys.exit(f"s3://{bucket}/{key} has no SHA-256 beside it")
        files[key[len(prefix):]] = [size, digest]
    return files or sys.exit(f"there is nothing in s3://{bucket}/{prefix}")


def sha256(path):
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while chunk := file.read(1 << 24):
            digest.update(chunk)
    return digest.hexdigest()


def has_size(name, size):
    path = os.path.join(model, name)
    return os.path.isfile(path) and os.path.getsize(path) == size


def is_complete(files):
    if not os.path.isfile(marker):
        return False
    with open(marker) as file:
        return json.load(file) == files and all(has_size(name, size) for name, (size, _) in files.items())


def copy(name, size, wanted):
    path = os.path.join(model, name)
    if has_size(name, size) and sha256(path) == wanted:
        return f"kept {name}"
    os.makedirs(os.path.dirname(path), exist_ok=True)
    part = f"{path}.part"
    boto3.client("s3").download_file(bucket, prefix + name, part, Config=TransferConfig(max_concurrency=16))
    found = sha256(part)
    if found != wanted:
        os.remove(part)
        raise ValueError(f"{name}: SHA-256 is {found}, beside the object stands {wanted}")
    os.replace(part, path)
    return f"copied {name}"


def others():
    paths = [os.path.join(root, name) for name in os.listdir(root) if name != folder]
    return sorted(paths, key=os.path.getmtime)


def remove(path):
    print(f"removing {os.path.basename(path)}", flush=True)
    shutil.rmtree(path)


def make_room(needed):
    *older, last = [None, *others()]
    for path in filter(None, older):
        remove(path)
    total, _, free = shutil.disk_usage(root)
    to_stay = int(float(free_share) * total)
    if last and free - needed < to_stay:
        remove(last)
        free = shutil.disk_usage(root).free
    if free - needed < to_stay:
        sys.exit(f"{needed} bytes are to be copied; {free} are free, of which {to_stay} have to stay free")


def remove_strangers(files):
    for place, _, names in os.walk(model):
        for path in (os.path.join(place, name) for name in names):
            if os.path.relpath(path, model) not in files:
                os.remove(path)


def main():
    found = device_of(root)
    if not found.startswith(device):
        sys.exit(f"{root} lies on {found}, which is not the node's joined NVMe disks ({device}*)")
    files = stored_files()
    if is_complete(files):
        print(f"{folder} is complete", flush=True)
    else:
        if os.path.exists(marker):
            os.remove(marker)
        make_room(sum(size for name, (size, _) in files.items() if not has_size(name, size)))
        with ProcessPoolExecutor(max_workers=4) as pool:
            copies = [pool.submit(copy, name, size, digest) for name, (size, digest) in files.items()]
            for done in copies:
                print(done.result(), flush=True)
        remove_strangers(files)
        os.sync()
        with open(f"{marker}.part", "w") as file:
            json.dump(files, file)
        os.replace(f"{marker}.part", marker)
    # The time by which the weights of before are told from older ones.
    os.utime(os.path.join(root, folder))


if __name__ == "__main__":
    try:
        main()
    except ValueError as error:
        sys.exit(str(error))
`;
