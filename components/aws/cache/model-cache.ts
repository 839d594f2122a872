import * as aws from "@pulumi/aws";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { AwsClusterPlan } from "../../../sizing/aws/cluster-plan";
import type { Checkpoint } from "../../../sizing/catalog";
import type { FeasiblePlan } from "../../../sizing/serving-plan";
import type { ServingOptions } from "../../serving-options";
import type { EksCluster } from "../eks-cluster";
import { bucketFillPolicy, bucketReadPolicy, tlsOnlyPolicy } from "../policy";
import { createPodIdentity, type PodAccount } from "../roles";
import { cacheNamespace, fillAccount, fillJob, fillScript } from "./model-cache.manifest";
import { NodeCache } from "./node-cache";
import { copyAccount } from "./node-cache.manifest";

export interface ModelCacheArgs {
  readonly plan: FeasiblePlan;
  readonly cluster: AwsClusterPlan;
  readonly target: EksCluster;
  readonly options: ServingOptions;
  /** Name of the bucket, which is made. */
  readonly bucket: string;
  readonly checkpoint: Checkpoint;
  /** What has to be there before a pod runs on a GPU node. */
  readonly nodes: readonly pulumi.Resource[];
}

const KEEP_OLD_DAYS = 7;

/** The job may be waiting for its node, and then downloads all weights. */
const FILL_TIMEOUT = "270m";

/**
 * Weights in a bucket of the account, filled once from the hub: an engine starts without the hub, and faster.
 *
 * ### Cost
 * $0.023 a GB and month; nodes read it past NAT.
 *
 * @example
 * new ModelCache("weights", { plan, cluster, target, options, bucket, checkpoint, nodes });
 */
export class ModelCache extends pulumi.ComponentResource {
  /** The engine starts once these are there. */
  readonly filled: readonly pulumi.Resource[];

  constructor(name: string, args: ModelCacheArgs, opts?: pulumi.ComponentResourceOptions) {
    super("fitserve:aws:ModelCache", name, {}, opts);
    const bucket = this.createBucket(name, args);
    const { options, cluster } = args;
    const policy = bucketReadPolicy(`arn:aws:s3:::${args.bucket}`);
    const reader = this.grant(name, args, "read", policy, cluster.nodeCache ? copier(options) : engine(options));
    const account = fillAccount(options);
    const writer = this.grant(name, args, "fill", bucketFillPolicy(`arn:aws:s3:::${args.bucket}`), {
      namespace: account.metadata.namespace,
      serviceAccount: account.metadata.name,
    });
    const job = this.createJob(name, args, [...bucket, ...writer]);
    const filled = [job, ...reader];
    this.filled = cluster.nodeCache ? this.copyToNodes(`${name}-nodes`, args, filled) : filled;
    this.registerOutputs({});
  }

  private copyToNodes(name: string, args: ModelCacheArgs, filled: pulumi.Resource[]): readonly pulumi.Resource[] {
    const { plan, options, bucket, checkpoint, nodes } = args;
    const after = [...nodes, ...filled];
    return new NodeCache(name, { plan, options, bucket, checkpoint, after }, { parent: this }).filled;
  }

  /** Private, encrypted, versioned; only over TLS. */
  private createBucket(name: string, { bucket, cluster }: ModelCacheArgs): pulumi.Resource[] {
    const mine = { parent: this };
    const made = new aws.s3.Bucket(
      `${name}-bucket`,
      // What is in it can be fetched again, so that a stack that serves nobody may take it along when it goes.
      { bucket, forceDestroy: !cluster.production },
      { ...mine, protect: cluster.production },
    );
    const of = { bucket: made.bucket };
    const closed = new aws.s3.BucketPublicAccessBlock(
      `${name}-private`,
      { ...of, blockPublicAcls: true, blockPublicPolicy: true, ignorePublicAcls: true, restrictPublicBuckets: true },
      mine,
    );
    const rest = [
      new aws.s3.BucketOwnershipControls(
        `${name}-ownership`,
        { ...of, rule: { objectOwnership: "BucketOwnerEnforced" } },
        mine,
      ),
      new aws.s3.BucketServerSideEncryptionConfiguration(
        `${name}-encryption`,
        { ...of, rules: [{ applyServerSideEncryptionByDefault: { sseAlgorithm: "AES256" } }] },
        mine,
      ),
      new aws.s3.BucketVersioning(
        `${name}-versioning`,
        { ...of, versioningConfiguration: { status: "Enabled" } },
        mine,
      ),
      new aws.s3.BucketPolicy(
        `${name}-tls-only`,
        { ...of, policy: tlsOnlyPolicy(`arn:aws:s3:::${bucket}`) },
        { ...mine, dependsOn: [closed] },
      ),
    ];
    const lifecycle = new aws.s3.BucketLifecycleConfiguration(
      `${name}-lifecycle`,
      {
        ...of,
        rules: [
          {
            id: "old-versions",
            status: "Enabled",
            filter: {},
            noncurrentVersionExpiration: { noncurrentDays: KEEP_OLD_DAYS },
            abortIncompleteMultipartUpload: { daysAfterInitiation: KEEP_OLD_DAYS },
          },
        ],
      },
      mine,
    );
    return [made, closed, ...rest, lifecycle];
  }

  private grant(name: string, args: ModelCacheArgs, purpose: string, policy: string, account: PodAccount) {
    // Two servers on one cluster have an account each, and each a role of its own.
    const role = `${account.namespace}-${purpose}`;
    return createPodIdentity(`${name}-${purpose}`, args, role, account, policy, { parent: this });
  }

  private createJob(name: string, args: ModelCacheArgs, dependsOn: pulumi.Resource[]): pulumi.Resource {
    const { plan, options, bucket, checkpoint } = args;
    const mine = { parent: this };
    const home = new k8s.core.v1.Namespace(`${name}-namespace`, cacheNamespace(options), mine);
    const inside = { ...mine, dependsOn: [home] };
    const account = new k8s.core.v1.ServiceAccount(`${name}-fill-account`, fillAccount(options), inside);
    const script = new k8s.core.v1.ConfigMap(`${name}-fill-script`, fillScript(options), inside);
    return new k8s.batch.v1.Job(`${name}-fill`, fillJob(plan, options, bucket, checkpoint), {
      ...mine,
      // The role reaches a pod when it starts: everything about it has to be there before.
      dependsOn: [account, script, ...args.nodes, ...dependsOn],
      customTimeouts: { create: FILL_TIMEOUT },
    });
  }
}

function engine({ namespace, name }: ServingOptions): PodAccount {
  return { namespace, serviceAccount: name };
}

/** Engines that load from their node need no role at all. */
function copier(options: ServingOptions): PodAccount {
  const { namespace, name } = copyAccount(options).metadata;
  return { namespace, serviceAccount: name };
}
