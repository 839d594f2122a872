import type { types } from "@pulumi/kubernetes";
import type { Checkpoint } from "../../../sizing/catalog";
import type { FeasiblePlan } from "../../../sizing/serving-plan";
import { GPU_TOLERATION, gibQuantity, instanceLabels, kubernetesName } from "../../kubernetes-object";
import { servingNamespace } from "../../namespace.manifest";
import { CLOSED_CONTAINER, ENGINE_USER } from "../../pod-security";
import type { ServingOptions } from "../../serving-options";
import { engineResources } from "../../vllm/engine-resources";
import type { BucketSource } from "../../vllm/model-source";
import { engineNodeSelector } from "../../vllm/vllm-pod.manifest";
import { FILL_PY } from "./model-cache-script";

/** How long the download of the largest weights may take. */
const FILL_DEADLINE_SECONDS = 4 * 3600;

/** Pods that may fail: with the pauses between them, which double from 10 s on, an outage of the hub of ten minutes. */
const FILL_RETRIES = 6;

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
 * another Job; one that is not done is made anew by the next `up`, which would else await what has failed. It runs on
 * a GPU node, for the disk and for the image, which the engine needs there next.
 */
export function fillJob(plan: FeasiblePlan, options: ServingOptions, bucket: string, checkpoint: Checkpoint) {
  const revision = revisionOf(checkpoint);
  return {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: {
      ...metadata(options, kubernetesName(`fill-${checkpoint.repository}-${revision}`)),
      annotations: { "pulumi.com/replaceUnready": "true" },
    },
    spec: {
      backoffLimit: FILL_RETRIES,
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
