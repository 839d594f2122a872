import type { Answers } from "./pulumi-mocks";

const OUTPUTS: Readonly<Record<string, Record<string, unknown>>> = {
  "aws:eks/cluster:Cluster": {
    endpoint: "https://example.eks.amazonaws.com",
    certificateAuthority: { data: "Q0E=" },
    vpcConfig: { clusterSecurityGroupId: "sg-0123456789abcdef0" },
  },
  "aws:acm/certificate:Certificate": {
    arn: "arn:aws:acm:us-east-1:123456789012:certificate/1",
    domainValidationOptions: [
      { resourceRecordName: "_proof.example.com", resourceRecordType: "CNAME", resourceRecordValue: "_value.aws" },
    ],
  },
  "aws:ec2/launchTemplate:LaunchTemplate": { latestVersion: 7 },
  "aws:route53/record:Record": { fqdn: "_proof.example.com" },
  "aws:sqs/queue:Queue": { arn: "arn:queue", url: "https://sqs.us-east-1.amazonaws.com/123456789012/queue" },
  "aws:lb/loadBalancer:LoadBalancer": {
    arn: "arn:nlb",
    dnsName: "nlb.example.amazonaws.com",
    zoneId: "Z26RNL4JYFTOTI",
  },
};

/** What AWS would add to what it is given, as far as the program uses it. */
export const AWS_ANSWERS: Answers = {
  outputs: (type) => (type.startsWith("aws:") ? (OUTPUTS[type] ?? { arn: `arn:${type}` }) : {}),
  call: () => ({ version: "v1.2.3-eksbuild.1" }),
};
