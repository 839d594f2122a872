import type { KubernetesObject } from "../components/kubernetes-object";

/** A public image with nothing but Node; its digest stands in many public build files. */
export const NODE_IMAGE =
  "docker.io/library/node:20.20.2-alpine3.23@sha256:fb4cd12c85ee03686f6af5362a0b0d56d50c58a04632e6c0fb8363f609372293";

/** The user `node` of that image. */
const NODE_USER = 1000;
const FILES = "/opt/fitserve";
const PROGRAM = "/tmp/fitserve.js";
export const REQUEST_PATH = `${FILES}/request.json`;
export const CA_PATH = `${FILES}/ca.pem`;
const A_DAY_SECONDS = 86_400;

/** Unpacks the command, since a ConfigMap holds a mebibyte at most, and becomes it. */
const LAUNCHER =
  `const fs=require("fs");` +
  `fs.writeFileSync("${PROGRAM}",require("zlib").gunzipSync(fs.readFileSync("${FILES}/fitserve.js.gz")));` +
  `require("${PROGRAM}")`;

export interface BenchJob {
  readonly name: string;
  readonly namespace: string;
  readonly image: string;
  /** The command, gzipped, in base64. */
  readonly programGzip: string;
  /** Arguments of the command, `bench` first. */
  readonly args: readonly string[];
  readonly request?: string;
  readonly ca?: string;
  /** Secret and its key that hold the API key. */
  readonly keySecret?: { readonly name: string; readonly key: string };
  readonly keyVariable: string;
}

/** A ConfigMap with the command and a Job that runs it once, as `restricted` pod security wants it. */
export function benchJobManifests(job: BenchJob): readonly KubernetesObject[] {
  const labels = { "app.kubernetes.io/name": "fitserve-bench", "app.kubernetes.io/managed-by": "fitserve" };
  const metadata = { name: job.name, namespace: job.namespace, labels };
  const data = {
    ...(job.request === undefined ? {} : { "request.json": job.request }),
    ...(job.ca === undefined ? {} : { "ca.pem": job.ca }),
  };
  const files = {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata,
    data,
    binaryData: { "fitserve.js.gz": job.programGzip },
  };
  const spec = {
    // A run that failed says why; another one would only load the endpoint again.
    backoffLimit: 0,
    ttlSecondsAfterFinished: A_DAY_SECONDS,
    template: { metadata: { labels }, spec: podSpec(job) },
  };
  const run = { apiVersion: "batch/v1", kind: "Job", metadata, spec };
  return [files, run];
}

function podSpec(job: BenchJob): object {
  return {
    restartPolicy: "Never",
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    securityContext: {
      runAsNonRoot: true,
      runAsUser: NODE_USER,
      runAsGroup: NODE_USER,
      seccompProfile: { type: "RuntimeDefault" },
    },
    containers: [container(job)],
    volumes: [
      { name: "files", configMap: { name: job.name } },
      { name: "tmp", emptyDir: {} },
    ],
  };
}

function container({ image, args, keySecret, keyVariable }: BenchJob): object {
  return {
    name: "bench",
    image,
    command: ["node", "-e", LAUNCHER, "--"],
    args,
    ...(keySecret === undefined
      ? {}
      : { env: [{ name: keyVariable, valueFrom: { secretKeyRef: { name: keySecret.name, key: keySecret.key } } }] }),
    securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ["ALL"] } },
    // One thread does the work: a whole core, so that the client is not the limit.
    resources: { requests: { cpu: "1", memory: "512Mi" }, limits: { memory: "1Gi" } },
    volumeMounts: [
      { name: "files", mountPath: FILES, readOnly: true },
      { name: "tmp", mountPath: "/tmp" },
    ],
  };
}
