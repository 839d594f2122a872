import type { JsonObject } from "../kubernetes-provider/kube-object";
import { stringAt } from "../kubernetes-provider/kube-object";
import { ACCOUNT, addedOutputs, digits, idOf, previewedOutputs } from "./aws-outputs";
import { ruleFaults } from "./aws-rules";
import { shapeFaults } from "./check-shape";
import { replacingProperties } from "./force-new";
import type { CheckedInputs, Named, RecordedPackage } from "./recorded-package";
import type { ResourceShape } from "./shape";

/** Property that gets an automatic name where the program gives none. Source: pulumi-aws provider/resources.go. */
const AUTONAMED: Readonly<Record<string, string>> = {
  "aws:ec2/launchTemplate:LaunchTemplate": "name",
  "aws:ec2/securityGroup:SecurityGroup": "name",
  "aws:eks/nodeGroup:NodeGroup": "nodeGroupName",
  "aws:iam/rolePolicy:RolePolicy": "name",
  "aws:lb/loadBalancer:LoadBalancer": "name",
  "aws:lb/targetGroup:TargetGroup": "name",
};

const SHORT_NAMES: readonly string[] = ["aws:lb/loadBalancer:LoadBalancer", "aws:lb/targetGroup:TargetGroup"];
const LONGEST_SHORT_NAME = 32;

/** AWS as far as a program can see it that is checked against the SDK's own shapes. */
export function awsPackage(shapes: Readonly<Record<string, ResourceShape>>): RecordedPackage {
  const shapeOf = ({ type }: Named): ResourceShape => {
    const shape = shapes[type];
    if (shape === undefined) {
      throw new Error(`the recording knows no ${type}: add it to tools/aws-provider/used-types.ts and generate again`);
    }
    return shape;
  };
  return {
    name: "aws",
    version: "7.48.0",
    check: (resource, news, olds, seed) => checked(resource, news, olds, seed, shapeOf(resource)),
    forceNew: ({ type }) => replacingProperties(type),
    id: idOf,
    outputs: (resource, id, inputs, previous) => ({
      ...inputs,
      ...addedOutputs(resource, id, inputs, previous, shapeOf(resource)),
    }),
    previewed: (resource, inputs, previous) => previewedOutputs(resource, inputs, previous, shapeOf(resource)),
    invoke: (token, args) => (token === "aws:eks/getAddonVersion:getAddonVersion" ? addonVersion(args) : undefined),
    configurationFault: (variables) => {
      const allowed = variables["aws:config:allowedAccountIds"];
      if (allowed === undefined || allowed.includes(`"${ACCOUNT}"`)) return undefined;
      return `AWS account ID not allowed: ${ACCOUNT}`;
    },
  };
}

function checked(
  resource: Named,
  news: JsonObject,
  olds: JsonObject,
  seed: Uint8Array,
  shape: ResourceShape,
): CheckedInputs {
  const inputs = named(resource, news, olds, seed);
  return { inputs, faults: [...shapeFaults(inputs, shape.inputs), ...ruleFaults(resource, inputs)] };
}

function named({ type, name }: Named, news: JsonObject, olds: JsonObject, seed: Uint8Array): JsonObject {
  const property = AUTONAMED[type];
  if (property === undefined || news[property] !== undefined) return news;
  // The two exclude each other, and the bridge fills in nothing that would (pulumi-aws#143).
  if (news["namePrefix"] !== undefined) return news;
  const before = stringAt(olds, property);
  const automatic = `${name}-${digits(Buffer.from(seed).toString("hex"), 7)}`;
  if (SHORT_NAMES.includes(type) && automatic.length > LONGEST_SHORT_NAME) {
    throw new Error(`the automatic name ${automatic} is longer than ${LONGEST_SHORT_NAME}`);
  }
  return { ...news, [property]: before ?? automatic };
}

function addonVersion(args: JsonObject): JsonObject {
  const [addonName, kubernetesVersion] = [stringAt(args, "addonName"), stringAt(args, "kubernetesVersion")];
  const minor = kubernetesVersion?.split(".")[1] ?? "0";
  return { ...args, id: addonName, version: `v1.${minor}.0-eksbuild.1`, mostRecent: false };
}
