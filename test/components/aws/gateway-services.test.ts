import { beforeAll, describe, expect, test } from "vitest";
import { registeredOnAws } from "../../support/aws-program";
import { awsCluster } from "../../support/aws-settings";
import type { Registered } from "../../support/pulumi-mocks";

let plain: readonly Registered[];
let asked: readonly Registered[];

beforeAll(async () => {
  ({ resources: plain } = await registeredOnAws());
  ({ resources: asked } = await registeredOnAws(awsCluster(), {
    hostname: "llm.example.org",
    certificateIssuer: { kind: "ClusterIssuer", name: "letsencrypt" },
    rateLimits: { scope: "shared", redis: "counts.internal:6379", everyClient: { tokensPerMinute: 1000 } },
  }));
});

const named = (name: string, among: readonly Registered[]) => among.find((one) => one.name === name)?.inputs;

describe("the gateway's services on AWS", () => {
  test("count shared limits in the Redis that is named, without which Envoy Gateway would answer 500", () => {
    expect(named("services-envoy-gateway", asked)).toMatchObject({
      values: {
        config: { envoyGateway: { rateLimit: { backend: { type: "Redis", redis: { url: "counts.internal:6379" } } } } },
      },
    });
    expect(JSON.stringify(named("services-envoy-gateway", plain))).not.toContain("rateLimit");
  });

  test("have cert-manager, with the Gateway API, where an issuer is named and there alone", () => {
    expect(named("services-cert-manager", asked)).toMatchObject({
      values: { crds: { enabled: true }, config: { enableGatewayAPI: true } },
    });
    expect(named("services-cert-manager", plain)).toBeUndefined();
  });

  test("make no certificate for a load balancer that ends no TLS", async () => {
    const front = {
      scheme: "internal",
      sourceRanges: [],
      host: "llm.example.org",
      hostedZoneId: "Z0123456789",
    } as const;
    const madeWith = async (options: object) => {
      const { resources } = await registeredOnAws(awsCluster({ front }), options);
      return resources.filter(({ type }) => type === "aws:acm/certificate:Certificate").length;
    };
    expect(await madeWith({})).toBe(1);
    expect(await madeWith({ hostname: "llm.example.org", tlsSecret: "cert" })).toBe(0);
  });

  test("let a new proxy count as ready when the load balancer finds it healthy", () => {
    expect(named("services-envoy-namespace", plain)).toMatchObject({
      metadata: {
        name: "envoy-gateway-system",
        labels: { "elbv2.k8s.aws/pod-readiness-gate-inject": "enabled" },
      },
    });
  });
});
