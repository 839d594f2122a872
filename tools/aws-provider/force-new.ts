/** A property whose change makes a new resource, and where that is written. */
interface ForceNew {
  readonly source: string;
  readonly properties: readonly string[];
}

const TERRAFORM = "hashicorp/terraform-provider-aws internal/service";
/** From knowledge of the provider; its source was not read for this table. */
const UNVERIFIED = "unverified";

/**
 * Which changes replace. The typings do not say it; the provider's source does, where a source is named.
 * A type with no entry is replaced by no change.
 */
export const FORCE_NEW: Readonly<Record<string, readonly ForceNew[]>> = {
  "aws:ec2/vpc:Vpc": [{ source: `${TERRAFORM}/ec2/vpc_.go@00081ce4`, properties: ["cidrBlock", "ipv4IpamPoolId"] }],
  "aws:ec2/subnet:Subnet": [
    {
      source: `${TERRAFORM}/ec2/vpc_subnet.go@00cda125`,
      properties: ["availabilityZone", "availabilityZoneId", "cidrBlock", "outpostArn", "vpcId"],
    },
  ],
  "aws:eks/cluster:Cluster": [
    {
      source: `${TERRAFORM}/eks/cluster.go@00555dc5`,
      properties: [
        "name",
        "roleArn",
        "accessConfig.bootstrapClusterCreatorAdminPermissions",
        "bootstrapSelfManagedAddons",
        "kubernetesNetworkConfig.ipFamily",
        "kubernetesNetworkConfig.serviceIpv4Cidr",
      ],
    },
  ],
  "aws:eks/nodeGroup:NodeGroup": [
    {
      source: `${TERRAFORM}/eks/node_group.go@012e0a32`,
      properties: [
        "amiType",
        "capacityType",
        "clusterName",
        "diskSize",
        "instanceTypes",
        "launchTemplate.id",
        "launchTemplate.name",
        "nodeGroupName",
        "nodeRoleArn",
        "remoteAccess",
        "subnetIds",
      ],
    },
  ],
  "aws:eks/addon:Addon": [{ source: `${TERRAFORM}/eks/addon.go@00a35305`, properties: ["addonName", "clusterName"] }],
  "aws:eks/accessEntry:AccessEntry": [{ source: UNVERIFIED, properties: ["clusterName", "principalArn", "type"] }],
  "aws:eks/accessPolicyAssociation:AccessPolicyAssociation": [
    { source: UNVERIFIED, properties: ["accessScope", "clusterName", "policyArn", "principalArn"] },
  ],
  "aws:eks/podIdentityAssociation:PodIdentityAssociation": [
    { source: UNVERIFIED, properties: ["clusterName", "namespace", "serviceAccount"] },
  ],
  "aws:ec2/launchTemplate:LaunchTemplate": [{ source: UNVERIFIED, properties: ["name", "namePrefix"] }],
  "aws:ec2/natGateway:NatGateway": [
    { source: UNVERIFIED, properties: ["allocationId", "connectivityType", "privateIp", "subnetId"] },
  ],
  "aws:ec2/route:Route": [{ source: UNVERIFIED, properties: ["destinationCidrBlock", "routeTableId"] }],
  "aws:ec2/routeTable:RouteTable": [{ source: UNVERIFIED, properties: ["vpcId"] }],
  "aws:ec2/routeTableAssociation:RouteTableAssociation": [{ source: UNVERIFIED, properties: ["subnetId"] }],
  "aws:ec2/securityGroup:SecurityGroup": [
    { source: UNVERIFIED, properties: ["description", "name", "namePrefix", "vpcId"] },
  ],
  "aws:ec2/vpcEndpoint:VpcEndpoint": [{ source: UNVERIFIED, properties: ["serviceName", "vpcEndpointType", "vpcId"] }],
  "aws:iam/instanceProfile:InstanceProfile": [{ source: UNVERIFIED, properties: ["name", "namePrefix", "path"] }],
  "aws:iam/role:Role": [{ source: UNVERIFIED, properties: ["name", "namePrefix", "path"] }],
  "aws:iam/rolePolicy:RolePolicy": [{ source: UNVERIFIED, properties: ["name", "namePrefix", "role"] }],
  "aws:iam/rolePolicyAttachment:RolePolicyAttachment": [{ source: UNVERIFIED, properties: ["policyArn", "role"] }],
  "aws:cloudwatch/eventRule:EventRule": [{ source: UNVERIFIED, properties: ["eventBusName", "name", "namePrefix"] }],
  "aws:cloudwatch/eventTarget:EventTarget": [{ source: UNVERIFIED, properties: ["eventBusName", "rule", "targetId"] }],
  "aws:cloudwatch/logGroup:LogGroup": [{ source: UNVERIFIED, properties: ["logGroupClass", "name", "namePrefix"] }],
  "aws:lb/loadBalancer:LoadBalancer": [
    { source: UNVERIFIED, properties: ["internal", "loadBalancerType", "name", "namePrefix"] },
  ],
  "aws:lb/targetGroup:TargetGroup": [
    { source: UNVERIFIED, properties: ["name", "namePrefix", "port", "protocol", "targetType", "vpcId"] },
  ],
  "aws:lb/listener:Listener": [{ source: UNVERIFIED, properties: ["loadBalancerArn"] }],
  "aws:acm/certificate:Certificate": [
    { source: UNVERIFIED, properties: ["domainName", "subjectAlternativeNames", "validationMethod"] },
  ],
  "aws:acm/certificateValidation:CertificateValidation": [
    { source: UNVERIFIED, properties: ["certificateArn", "validationRecordFqdns"] },
  ],
  "aws:route53/record:Record": [{ source: UNVERIFIED, properties: ["name", "type", "zoneId"] }],
  "aws:s3/bucket:Bucket": [{ source: UNVERIFIED, properties: ["bucket", "bucketPrefix", "objectLockEnabled"] }],
  "aws:s3/bucketPolicy:BucketPolicy": [{ source: UNVERIFIED, properties: ["bucket"] }],
  "aws:s3/bucketVersioning:BucketVersioning": [{ source: UNVERIFIED, properties: ["bucket"] }],
  "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": [{ source: UNVERIFIED, properties: ["bucket"] }],
  "aws:sqs/queue:Queue": [{ source: UNVERIFIED, properties: ["fifoQueue", "name", "namePrefix"] }],
  "aws:sqs/queuePolicy:QueuePolicy": [{ source: UNVERIFIED, properties: ["queueUrl"] }],
  "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": [{ source: UNVERIFIED, properties: ["securityGroupId"] }],
  "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": [
    { source: UNVERIFIED, properties: ["securityGroupId"] },
  ],
};

export function replacingProperties(type: string): readonly string[] {
  return (FORCE_NEW[type] ?? []).flatMap(({ properties }) => properties);
}
