import * as pulumi from "@pulumi/pulumi";
import { afterEach, expect, test } from "vitest";

const OUTPUTS = { endpoint: { model: "qwen3-32b", path: "/v1", url: "https://llm.example.com/v1" } };

afterEach(() => pulumi.runtime.setAllConfig({}));

test("another stack reads where the model is served by a reference to this one", async () => {
  const registered = new Map<string, Record<string, unknown>>();
  await pulumi.runtime.setMocks(
    {
      newResource: ({ name, type, inputs }) => {
        registered.set(name, inputs);
        return { id: name, state: type === "pulumi:pulumi:StackReference" ? { ...inputs, outputs: OUTPUTS } : inputs };
      },
      call: ({ inputs }) => inputs,
    },
    "assistant",
    "test",
    false,
  );
  pulumi.runtime.setAllConfig({
    "assistant:servedBy": "organization/fitserve/aws",
    "assistant:namespace": "assistant",
  });
  await import("../../examples/use-endpoint");
  await pulumi.runtime.disconnect();
  expect(registered.get("served")).toMatchObject({ name: "organization/fitserve/aws" });
  expect(registered.get("model")).toMatchObject({
    metadata: { namespace: "assistant" },
    data: { OPENAI_BASE_URL: "https://llm.example.com/v1", OPENAI_MODEL: "qwen3-32b" },
  });
});
