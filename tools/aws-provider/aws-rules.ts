import { type JsonObject, listAt, numberAt, stringAt, valueAt } from "../kubernetes-provider/kube-object";
import type { Named } from "./recorded-package";

interface RuleFault {
  readonly path: string;
  readonly reason: string;
}

/**
 * Rules of EKS that the typings cannot say.
 * Source: EKS User Guide nodes/launch-templates.adoc, ml/capacity-blocks-mng.adoc.
 */
export function ruleFaults({ type }: Named, inputs: JsonObject): RuleFault[] {
  if (type === "aws:eks/nodeGroup:NodeGroup") return nodeGroupFaults(inputs);
  if (type === "aws:ec2/launchTemplate:LaunchTemplate") return templateFaults(inputs);
  if (type.startsWith("aws:lb/")) return namePrefixFaults(inputs);
  return [];
}

/** Source: pulumi-aws#2121. */
function namePrefixFaults(inputs: JsonObject): RuleFault[] {
  const prefix = stringAt(inputs, "namePrefix") ?? "";
  return prefix.length > 6 ? [{ path: "namePrefix", reason: "cannot be longer than 6 characters" }] : [];
}

function nodeGroupFaults(inputs: JsonObject): RuleFault[] {
  return [...scalingFaults(inputs), ...(inputs["launchTemplate"] === undefined ? [] : groupWithTemplateFaults(inputs))];
}

/** Source: terraform-aws-modules/terraform-aws-eks#748, #3521. */
function scalingFaults(inputs: JsonObject): RuleFault[] {
  const [min, desired, max] = ["minSize", "desiredSize", "maxSize"].map((key) =>
    numberAt(inputs, "scalingConfig", key),
  );
  if (min === undefined || desired === undefined || max === undefined) return [];
  const path = "scalingConfig";
  return [
    ...(min > desired
      ? [{ path, reason: `minimum capacity ${min} can't be greater than desired size ${desired}` }]
      : []),
    ...(desired > max ? [{ path, reason: `desired capacity ${desired} can't be greater than max size ${max}` }] : []),
    ...(max < 1 ? [{ path, reason: "maxSize has to be at least 1" }] : []),
  ];
}

function groupWithTemplateFaults(inputs: JsonObject): RuleFault[] {
  const faults = ["diskSize", "remoteAccess"]
    .filter((property) => inputs[property] !== undefined)
    .map((path) => ({ path, reason: "must be specified within the launch template" }));
  const version = stringAt(inputs, "launchTemplate", "version");
  if (version?.startsWith("$") === true) {
    faults.push({ path: "launchTemplate.version", reason: `${version} is answered with a number: a permanent diff` });
  }
  const block = inputs["capacityType"] === "CAPACITY_BLOCK";
  if (block && listAt(inputs, "instanceTypes").length > 0) {
    faults.push({ path: "instanceTypes", reason: "of a capacity block belongs into the launch template" });
  }
  return faults;
}

function templateFaults(inputs: JsonObject): RuleFault[] {
  const faults = ["iamInstanceProfile", "instanceInitiatedShutdownBehavior", "networkInterfaces"]
    .filter((property) => inputs[property] !== undefined)
    .map((path) => ({ path, reason: "cannot be in the launch template of a managed node group" }));
  const userData = stringAt(inputs, "userData");
  const text = userData === undefined ? undefined : Buffer.from(userData, "base64").toString();
  if (text !== undefined && !text.startsWith("MIME-Version:")) {
    faults.push({ path: "userData", reason: "has to be MIME multi-part" });
  }
  const mappings = listAt(inputs, "blockDeviceMappings");
  const plain = mappings.filter((mapping) => valueAt(mapping, "ebs", "encrypted") !== "true");
  if (plain.length > 0) faults.push({ path: "blockDeviceMappings", reason: "has a volume that is not encrypted" });
  return faults;
}
