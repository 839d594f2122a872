import * as z from "zod";
import { nearestName } from "./names";
import { distinct, dotted, fault, valueAt, type Fault } from "./request/faults";

const pattern = (expression: RegExp, wanted: string): z.ZodString =>
  z.string().max(200).regex(expression).describe(wanted);
const range = pattern(/^[0-9./]{9,18}$/, "a range such as 203.0.113.0/24");
const zone = pattern(/^[a-z]{2,5}\d-az\d$/, "the id of a zone such as use1-az4 (aws ec2 describe-availability-zones)");
const subnetId = pattern(/^subnet-[0-9a-f]{8,17}$/, "the id of a subnet such as subnet-0123456789abcdef0");
const nodes = z.number().int().min(0).max(1000).describe("a whole number of nodes");
const list = <Item extends z.ZodType>(item: Item, wanted: string): z.ZodArray<Item> =>
  z.array(item).max(100).describe(wanted);

/** What every service takes in tags. Source: AWS General Reference, tag naming limits. */
const TAG_NAME = z.string().regex(/^(?!aws:)[\p{L}\p{N} _.:/=+@-]{1,128}$/iu);
const TAG_VALUE = z.string().regex(/^[\p{L}\p{N} _.:/=+@-]{0,256}$/u);

/** AWS takes 50; some are the stack's own and EKS's. */
const MOST_TAGS = 40;

/** Shape of `fitserve:aws`; what the fields mean together is checked in `sizing/aws/cluster-faults.ts`. */
export const AWS_SCHEMA = z.strictObject({
  accountId: pattern(/^\d{12}$/, "the twelve digits of the account to deploy into"),
  region: pattern(/^[a-z]{2}-[a-z]+-\d$/, "a region such as us-east-1"),
  clusterName: z.string().min(1).max(200).optional().describe("a name; left out: project and stack"),
  kubernetes: pattern(/^1\.\d\d$/, 'a version such as "1.35", in quotes').optional(),
  amiRelease: pattern(/^1\.\d\d\.\d+-\d{8}$/, "a release of the node images such as 1.35.6-20260714").optional(),
  production: z.boolean().optional().describe("true or false: protects data and the endpoint, one NAT gateway a zone"),
  network: z
    .strictObject({
      cidr: range.optional(),
      reservedCidrs: list(range, "ranges that must stay free, such as [10.0.0.0/16]").optional(),
      zones: list(zone, "ids of two or three zones").optional(),
      vpcId: pattern(/^vpc-[0-9a-f]{8,17}$/, "the id of a VPC of yours; left out: one is made").optional(),
      privateSubnetIds: list(subnetId, "ids of subnets in two zones or more").optional(),
      publicSubnetIds: list(subnetId, "ids of subnets for an internet-facing load balancer").optional(),
      gpuSubnetIds: z.array(subnetId).min(1).max(100).describe("ids of the subnets of the GPU nodes").optional(),
    })
    .optional()
    .describe("an object: a network of its own (cidr, zones), or one of yours (vpcId, privateSubnetIds)"),
  endpoint: z
    .strictObject({
      access: z.enum(["private", "public"]).describe("private or public"),
      sourceRanges: list(range, "ranges that may reach the Kubernetes API").optional(),
    })
    .describe("an object: access private or public, sourceRanges"),
  adminRoleArns: list(
    pattern(/^arn:aws[a-z-]*:iam::\d{12}:(role|user)\/.+$/, "the ARN of a role"),
    "ARNs of roles that administer the cluster",
  ).optional(),
  permissionsBoundaryArn: pattern(
    /^arn:aws[a-z-]*:iam::(\d{12}|aws):policy\/.+$/,
    "the ARN of a policy that limits the roles of the stack",
  ).optional(),
  gpu: z
    .strictObject({
      zone: zone.optional(),
      reservation: z
        .strictObject({
          id: pattern(/^cr-[0-9a-f]{8,17}$/, "the id of a capacity reservation such as cr-0123456789abcdef0"),
          kind: z.enum(["on-demand", "block"]).describe("on-demand or block"),
        })
        .optional()
        .describe("an object: id and kind of a capacity reservation"),
      minNodes: nodes.optional(),
      maxNodes: nodes.optional(),
      disk: z.enum(["auto", "instance-store", "gp3"]).optional().describe("auto, instance-store or gp3"),
      provisioner: z.enum(["managed-group", "karpenter"]).optional().describe("managed-group or karpenter"),
    })
    .optional()
    .describe("an object: zone, reservation, minNodes, maxNodes, disk, provisioner"),
  system: z
    .strictObject({
      instanceType: pattern(/^[a-z0-9-]+\.[a-z0-9-]+$/, "an instance type such as m6i.large").optional(),
      nodes: z.number().int().min(2).max(100).optional().describe("a whole number from 2 on"),
    })
    .optional()
    .describe("an object: instanceType and nodes for everything without a GPU"),
  modelCache: z
    .union([z.boolean(), z.literal("node-nvme")])
    .optional()
    .describe("true or false: weights in a bucket of the account; node-nvme: on the disks of the GPU nodes too"),
  monitoring: z.boolean().optional().describe("true or false: Prometheus and Grafana on the system nodes"),
  alertmanager: pattern(
    /^https?:\/\/[A-Za-z0-9.-]{1,180}:\d{1,5}$/,
    "the address of an Alertmanager such as http://alertmanager.example.com:9093",
  ).optional(),
  front: z
    .strictObject({
      scheme: z.enum(["internal", "internet-facing"]).optional().describe("internal or internet-facing"),
      sourceRanges: list(range, "ranges that may connect").optional(),
      certificateArn: pattern(/^arn:aws[a-z-]*:acm:.+$/, "the ARN of a certificate of ACM").optional(),
      host: pattern(/^(?=.{1,253}$)([a-z0-9-]{1,63}\.)+[a-z]{2,63}$/, "a DNS name such as llm.example.com").optional(),
      hostedZoneId: pattern(/^Z[A-Z0-9]{5,31}$/, "the id of a hosted zone of Route 53").optional(),
    })
    .optional()
    .describe("an object: scheme, sourceRanges, certificateArn, host, hostedZoneId"),
  tags: z
    .record(TAG_NAME, TAG_VALUE)
    .refine((tags) => Object.keys(tags).length <= MOST_TAGS)
    .optional()
    .describe(
      `an object of at most ${MOST_TAGS} tags, name → value: letters, digits, blanks and _.:/=+-@, no name that begins with aws:`,
    ),
});

export type GivenAwsSettings = z.infer<typeof AWS_SCHEMA>;

/** Every issue that zod found, in our words; what was wanted is the description of the field. */
export function awsFaultsOf(error: z.ZodError, input: unknown): Fault[] {
  const faults = error.issues.flatMap((issue) => {
    if (issue.code === "unrecognized_keys") return issue.keys.map((key) => unknownKey(issue.path, key));
    return [fault(dotted(issue.path), valueAt(input, issue.path), wantedAt(issue.path))];
  });
  return distinct(faults);
}

function unknownKey(path: readonly PropertyKey[], key: string): Fault {
  const schema = schemaAt(path);
  const siblings = schema instanceof z.ZodObject ? Object.keys(schema.shape) : [];
  const near = nearestName(key, siblings);
  const hint = near === undefined ? "" : ` (did you mean ${near}?)`;
  return fault(dotted([...path, key]), "an unknown key", `one of ${siblings.join(", ")}${hint}`);
}

/** What is written of the field, or of what it is in: an entry of a map has no description of its own. */
function wantedAt(path: readonly PropertyKey[]): string {
  const said = fieldAt(path)?.description ?? schemaAt(path)?.description;
  if (said !== undefined) return said;
  return path.length === 0 ? `an object: ${Object.keys(AWS_SCHEMA.shape).join(", ")}` : wantedAt(path.slice(0, -1));
}

function schemaAt(path: readonly PropertyKey[]): z.ZodType | undefined {
  const field = fieldAt(path);
  return field instanceof z.ZodOptional ? typeOf(field.unwrap()) : field;
}

function fieldAt(path: readonly PropertyKey[]): z.ZodType | undefined {
  const [step, ...before] = path.toReversed();
  if (step === undefined) return AWS_SCHEMA;
  const parent = schemaAt(before.toReversed());
  if (parent instanceof z.ZodArray) return typeOf(parent.element);
  return parent instanceof z.ZodObject ? typeOf(parent.shape[String(step)]) : undefined;
}

function typeOf(schema: unknown): z.ZodType | undefined {
  return schema instanceof z.ZodType ? schema : undefined;
}
