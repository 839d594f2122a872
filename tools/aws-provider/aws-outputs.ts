import { createHash } from "node:crypto";
import type { Json, JsonObject } from "../kubernetes-provider/kube-object";
import { numberAt, stringAt } from "../kubernetes-provider/kube-object";
import { UNKNOWN } from "../kubernetes-provider/properties";
import type { Named } from "./recorded-package";
import type { OutputKind, ResourceShape } from "./shape";

/** The account and the region of the recording. */
export const ACCOUNT = "123456789012";
const REGION = "us-east-1";

/** Beginnings of ids as EC2 gives them. */
const ID_PREFIXES: Readonly<Record<string, string>> = {
  "aws:ec2/eip:Eip": "eipalloc",
  "aws:ec2/internetGateway:InternetGateway": "igw",
  "aws:ec2/launchTemplate:LaunchTemplate": "lt",
  "aws:ec2/natGateway:NatGateway": "nat",
  "aws:ec2/routeTable:RouteTable": "rtb",
  "aws:ec2/routeTableAssociation:RouteTableAssociation": "rtbassoc",
  "aws:ec2/securityGroup:SecurityGroup": "sg",
  "aws:ec2/subnet:Subnet": "subnet",
  "aws:ec2/vpc:Vpc": "vpc",
  "aws:ec2/vpcEndpoint:VpcEndpoint": "vpce",
  "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": "sgr",
  "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": "sgr",
};

/** Property that serves as the id, for those that are called by a name. */
const ID_PROPERTIES: Readonly<Record<string, string>> = {
  "aws:cloudwatch/eventRule:EventRule": "name",
  "aws:cloudwatch/logGroup:LogGroup": "name",
  "aws:eks/cluster:Cluster": "name",
  "aws:iam/instanceProfile:InstanceProfile": "name",
  "aws:iam/role:Role": "name",
  "aws:s3/bucket:Bucket": "bucket",
};

/** Hexadecimal digits that are the same whenever the text is. */
export function digits(text: string, length: number): string {
  return createHash("sha256").update(text).digest("hex").slice(0, length);
}

/** An id that differs from that of a resource which it replaces: automatic names do, and so do replaced properties. */
export function idOf({ type, name }: Named, inputs: JsonObject): string {
  const property = ID_PROPERTIES[type];
  const own = property === undefined ? undefined : stringAt(inputs, property);
  if (own !== undefined) return own;
  const prefix = ID_PREFIXES[type];
  const number = digits(`${type} ${name} ${JSON.stringify(inputs)}`, 17);
  return prefix === undefined ? `${arnStart(type)}${name}/${number}` : `${prefix}-${number}`;
}

function arnStart(type: string): string {
  const service = type.split(":")[1]?.split("/")[0] ?? "";
  const kind = type.split(":").at(-1)?.toLowerCase() ?? "";
  const global = service === "iam" || service === "route53";
  return `arn:aws:${service}:${global ? "" : REGION}:${ACCOUNT}:${kind}/`;
}

/** Everything that AWS adds to the inputs of a resource. */
export function addedOutputs(
  resource: Named,
  id: string,
  inputs: JsonObject,
  previous: JsonObject,
  shape: ResourceShape,
): JsonObject {
  const plain = Object.entries(shape.outputs).map(
    ([name, kind]) => [name, plausible(resource, id, name, kind)] as const,
  );
  return { ...Object.fromEntries(plain), ...special(resource, id, inputs, previous) };
}

/** Outputs that change with every update. */
const CHANGING: Readonly<Record<string, readonly string[]>> = {
  "aws:ec2/launchTemplate:LaunchTemplate": ["latestVersion"],
};

/** What a preview knows: the inputs, and what stays as it was; what only AWS can tell is unknown. */
export function previewedOutputs(
  { type }: Named,
  inputs: JsonObject,
  previous: JsonObject,
  shape: ResourceShape,
): JsonObject {
  const isNew = Object.keys(previous).length === 0;
  const changing = isNew ? Object.keys(shape.outputs) : (CHANGING[type] ?? []);
  const later = Object.fromEntries(changing.map((property) => [property, UNKNOWN]));
  if (type !== "aws:eks/cluster:Cluster") return { ...previous, ...inputs, ...later };
  // AWS adds to this input; it is known once the cluster is there.
  const added = isNew ? { clusterSecurityGroupId: UNKNOWN, vpcId: UNKNOWN } : {};
  const vpcConfig = { ...Object(previous["vpcConfig"]), ...Object(inputs["vpcConfig"]), ...added };
  return { ...previous, ...inputs, ...later, vpcConfig };
}

function plausible(resource: Named, id: string, name: string, kind: OutputKind): Json {
  if (name === "arn") return id.startsWith("arn:") ? id : `${arnStart(resource.type)}${id}`;
  const values = { string: `${name}-${digits(`${id} ${name}`, 12)}`, number: 1, boolean: false, list: [], map: {} };
  return values[kind];
}

/** Outputs that the program reads, in the form that AWS gives them. */
function special({ type, name }: Named, id: string, inputs: JsonObject, previous: JsonObject): JsonObject {
  switch (type) {
    case "aws:eks/cluster:Cluster":
      return {
        endpoint: `https://${digits(id, 32).toUpperCase()}.gr7.${REGION}.eks.amazonaws.com`,
        certificateAuthority: { data: Buffer.from("recorded").toString("base64") },
        vpcConfig: {
          ...Object(inputs["vpcConfig"]),
          clusterSecurityGroupId: `sg-${digits(`${id} nodes`, 17)}`,
          vpcId: `vpc-of-${digits(id, 8)}`,
        },
        status: "ACTIVE",
      };
    case "aws:ec2/launchTemplate:LaunchTemplate":
      return { latestVersion: (numberAt(previous, "latestVersion") ?? 0) + 1 };
    case "aws:lb/loadBalancer:LoadBalancer":
      return { dnsName: `${name}-${digits(id, 16)}.elb.${REGION}.amazonaws.com`, zoneId: "Z26RNL4JYFTOTI" };
    case "aws:acm/certificate:Certificate": {
      const domainName = stringAt(inputs, "domainName") ?? "";
      const resourceRecordName = `_${digits(domainName, 32)}.${domainName}.`;
      const resourceRecordValue = `_${digits(id, 32)}.acm-validations.aws.`;
      return {
        domainValidationOptions: [{ domainName, resourceRecordName, resourceRecordType: "CNAME", resourceRecordValue }],
      };
    }
    case "aws:route53/record:Record":
      return { fqdn: stringAt(inputs, "name") ?? "" };
    case "aws:sqs/queue:Queue":
      return { url: `https://sqs.${REGION}.amazonaws.com/${ACCOUNT}/${stringAt(inputs, "name") ?? name}` };
    default:
      return {};
  }
}
