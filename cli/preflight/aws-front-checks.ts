import type { AwsClusterPlan } from "../../sizing/aws/cluster-plan";
import { check, field, list, text, type Ask, type Check } from "./checks";

/** Whether the name of the endpoint can be had and proven: its zone, and a certificate that is given. */
export async function frontChecks(
  { front, region }: AwsClusterPlan,
  tlsAtGateway: boolean,
  ask: Ask,
): Promise<Check[]> {
  const { host, hostedZoneId, certificateArn } = front;
  const isProven = certificateArn === undefined && !tlsAtGateway;
  return [
    ...(host === undefined || hostedZoneId === undefined ? [] : [await zoneCheck(host, hostedZoneId, isProven, ask)]),
    ...(certificateArn === undefined ? [] : [await certificateCheck(certificateArn, region, host, ask)]),
  ];
}

/** A certificate of the host is proven by a record in its zone, which the issuer reads over the internet. */
function zoneCheck(host: string, id: string, isProven: boolean, ask: Ask): Promise<Check> {
  return check("hosted zone", async () => {
    const answer = await ask("route53 get-hosted-zone", { id });
    const zone = text(answer, "HostedZone", "Name").replace(/\.$/, "");
    const isPrivate = field(answer, "HostedZone", "Config", "PrivateZone") === true;
    if (host !== zone && !host.endsWith(`.${zone}`)) {
      return { status: "fails", detail: `${id} is of ${zone}, which fitserve:aws.front.host ${host} is not in` };
    }
    return isPrivate && isProven
      ? {
          status: "fails",
          detail: `${id} is private, where no certificate can be proven; give front.certificateArn, or fitserve:tlsSecret`,
        }
      : { status: "ok", detail: `${id} is of ${zone}` };
  });
}

function certificateCheck(arn: string, region: string, host: string | undefined, ask: Ask): Promise<Check> {
  return check("certificate", async () => {
    const answer = await ask("acm describe-certificate", { region, "certificate-arn": arn });
    const status = text(answer, "Certificate", "Status");
    if (status !== "ISSUED") return { status: "fails", detail: `${arn} is ${status}; a listener takes an issued one` };
    const names = [
      text(answer, "Certificate", "DomainName"),
      ...list(answer, "Certificate", "SubjectAlternativeNames").map(String),
    ];
    return host === undefined || names.some((name) => covers(name, host))
      ? { status: "ok", detail: `is issued for ${[...new Set(names)].join(", ")}` }
      : { status: "fails", detail: `${arn} is for ${names.join(", ")} and not for ${host}` };
  });
}

/** A star stands for one label. */
function covers(name: string, host: string): boolean {
  return name === host || (name.startsWith("*.") && name.slice(1) === host.slice(host.indexOf(".")));
}
