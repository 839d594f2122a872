import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import type { FrontSettings } from "../../sizing/aws/settings";

/** The load balancer's certificate: the one that is given, or one for the host, proven by a record in its zone. */
export function createCertificate(
  name: string,
  { certificateArn, host, hostedZoneId }: FrontSettings,
  opts: pulumi.CustomResourceOptions,
): pulumi.Input<string> | undefined {
  if (certificateArn !== undefined || host === undefined || hostedZoneId === undefined) return certificateArn;
  const certificate = new aws.acm.Certificate(
    `${name}-certificate`,
    { domainName: host, validationMethod: "DNS" },
    opts,
  );
  const proof = certificate.domainValidationOptions.apply(([first]) => ({
    name: first?.resourceRecordName ?? "",
    type: first?.resourceRecordType ?? "CNAME",
    value: first?.resourceRecordValue ?? "",
  }));
  const record = new aws.route53.Record(
    `${name}-certificate-proof`,
    { zoneId: hostedZoneId, name: proof.name, type: proof.type, records: [proof.value], ttl: 300 },
    opts,
  );
  const issued = new aws.acm.CertificateValidation(
    `${name}-certificate-issued`,
    { certificateArn: certificate.arn, validationRecordFqdns: [record.fqdn] },
    opts,
  );
  return issued.certificateArn;
}

/** The record of the host, where its zone is given. */
export function createRecord(
  name: string,
  { host, hostedZoneId }: FrontSettings,
  balancer: aws.lb.LoadBalancer,
  opts: pulumi.CustomResourceOptions,
): aws.route53.Record | undefined {
  if (host === undefined || hostedZoneId === undefined) return undefined;
  const aliases = [{ name: balancer.dnsName, zoneId: balancer.zoneId, evaluateTargetHealth: true }];
  return new aws.route53.Record(`${name}-record`, { zoneId: hostedZoneId, name: host, type: "A", aliases }, opts);
}
