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
  "aws:eks/accessEntry:AccessEntry": [
    { source: `${TERRAFORM}/eks/access_entry.go@01f43111`, properties: ["clusterName", "principalArn", "type"] },
  ],
  "aws:eks/accessPolicyAssociation:AccessPolicyAssociation": [
    {
      source: `${TERRAFORM}/eks/access_policy_association.go@01f43111`,
      properties: ["accessScope", "clusterName", "policyArn", "principalArn"],
    },
  ],
  "aws:eks/podIdentityAssociation:PodIdentityAssociation": [
    {
      source: `${TERRAFORM}/eks/pod_identity_association.go@00a35305`,
      properties: ["clusterName", "namespace", "serviceAccount"],
    },
  ],
  "aws:ec2/launchTemplate:LaunchTemplate": [{ source: UNVERIFIED, properties: ["name", "namePrefix"] }],
  "aws:ec2/natGateway:NatGateway": [
    {
      source: `${TERRAFORM}/ec2/vpc_nat_gateway.go@04088eaa`,
      properties: ["allocationId", "connectivityType", "privateIp", "secondaryPrivateIpAddressCount", "subnetId"],
    },
  ],
  "aws:ec2/route:Route": [{ source: UNVERIFIED, properties: ["destinationCidrBlock", "routeTableId"] }],
  "aws:ec2/routeTable:RouteTable": [{ source: UNVERIFIED, properties: ["vpcId"] }],
  "aws:ec2/routeTableAssociation:RouteTableAssociation": [{ source: UNVERIFIED, properties: ["subnetId"] }],
  "aws:ec2/securityGroup:SecurityGroup": [
    { source: UNVERIFIED, properties: ["description", "name", "namePrefix", "vpcId"] },
  ],
  "aws:ec2/vpcEndpoint:VpcEndpoint": [
    {
      source: `${TERRAFORM}/ec2/vpc_endpoint.go@008db85a`,
      properties: ["serviceName", "serviceRegion", "vpcEndpointType", "vpcId"],
    },
  ],
  "aws:iam/instanceProfile:InstanceProfile": [{ source: UNVERIFIED, properties: ["name", "namePrefix", "path"] }],
  "aws:iam/role:Role": [{ source: `${TERRAFORM}/iam/role.go@0040ea69`, properties: ["name", "namePrefix", "path"] }],
  "aws:iam/rolePolicy:RolePolicy": [{ source: UNVERIFIED, properties: ["name", "namePrefix", "role"] }],
  "aws:iam/rolePolicyAttachment:RolePolicyAttachment": [
    { source: `${TERRAFORM}/iam/role_policy_attachment.go@04c79849`, properties: ["policyArn", "role"] },
  ],
  "aws:cloudwatch/eventRule:EventRule": [{ source: UNVERIFIED, properties: ["eventBusName", "name", "namePrefix"] }],
  "aws:cloudwatch/eventTarget:EventTarget": [{ source: UNVERIFIED, properties: ["eventBusName", "rule", "targetId"] }],
  "aws:cloudwatch/logGroup:LogGroup": [{ source: UNVERIFIED, properties: ["logGroupClass", "name", "namePrefix"] }],
  "aws:lb/loadBalancer:LoadBalancer": [
    {
      source: `${TERRAFORM}/elbv2/load_balancer.go@00edc94b`,
      properties: ["customerOwnedIpv4Pool", "internal", "loadBalancerType", "name", "namePrefix"],
    },
  ],
  "aws:lb/targetGroup:TargetGroup": [
    {
      source: `${TERRAFORM}/elbv2/target_group.go@013cfb4c`,
      properties: ["ipAddressType", "name", "namePrefix", "port", "protocol", "protocolVersion", "targetType", "vpcId"],
    },
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
  // Where it names another kind of source it is replaced too; the program never does.
  "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": [
    { source: `${TERRAFORM}/ec2/vpc_security_group_ingress_rule.go@00a32209`, properties: ["securityGroupId"] },
  ],
};

export function replacingProperties(type: string): readonly string[] {
  return (FORCE_NEW[type] ?? []).flatMap(({ properties }) => properties);
}
