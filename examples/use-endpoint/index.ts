// An application in a stack of its own, which asks the model that a stack of fitserve serves.
//   pulumi config set servedBy organization/fitserve/aws
//   pulumi config set namespace assistant
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

const config = new pulumi.Config();
const served = new pulumi.StackReference("served", { name: config.require("servedBy") });

interface Endpoint {
  readonly model: string;
  readonly url: string;
}

function isEndpoint(value: unknown): value is Endpoint {
  return (
    typeof value === "object" &&
    value !== null &&
    "model" in value &&
    typeof value.model === "string" &&
    "url" in value &&
    typeof value.url === "string"
  );
}

const endpoint = served.requireOutput("endpoint").apply((value: unknown) => {
  if (isEndpoint(value)) return value;
  throw new pulumi.RunError("the endpoint of that stack has no url: only a stack of the aws target has one");
});

/** What every client of the OpenAI API reads; the key comes from whoever holds the other stack's `clientKeys`. */
export const settings = new k8s.core.v1.ConfigMap("model", {
  metadata: { name: "model", namespace: config.require("namespace") },
  data: {
    OPENAI_BASE_URL: endpoint.apply(({ url }) => url),
    OPENAI_MODEL: endpoint.apply(({ model }) => model),
  },
});
