import { buildOnAws, type OnAws } from "../../components/aws/program";
import type { AwsClusterPlan } from "../../sizing/aws/cluster-plan";
import { AWS_ANSWERS } from "./aws-answers";
import { awsCluster, awsPlan } from "./aws-settings";
import { registeredBy, type Registered } from "./pulumi-mocks";

/** Everything that a plan registers on AWS, under mocks. */
export function registeredOnAws(
  cluster: AwsClusterPlan = awsCluster(),
  options: Parameters<typeof buildOnAws>[0]["options"] = {},
): Promise<{ resources: readonly Registered[]; built: OnAws }> {
  return registeredBy(
    () =>
      buildOnAws({
        plan: awsPlan(),
        cluster,
        options,
        clientKeys: { ada: "ada-key-0123456789abcdef" },
        clusterIdentifier: "fitserve-test",
      }),
    AWS_ANSWERS,
  );
}
