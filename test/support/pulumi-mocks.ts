import * as pulumi from "@pulumi/pulumi";

/** One registration as the engine would see it; secrets are still marked in `inputs`. */
export interface Registered {
  readonly type: string;
  readonly name: string;
  readonly custom: boolean;
  readonly inputs: Record<string, unknown>;
}

/** What a cloud would add to what it is given: outputs by type, results by function. */
export interface Answers {
  readonly outputs?: (type: string) => Record<string, unknown>;
  readonly call?: (token: string) => Record<string, unknown>;
}

/**
 * Builds under Pulumi's mocks and hands back every registration, in order of name, once the last of them is
 * answered. Fails when the program's own code fails.
 */
export async function registeredBy<T>(
  build: () => T | Promise<T>,
  answers: Answers = {},
): Promise<{ resources: readonly Registered[]; built: T }> {
  const resources: Registered[] = [];
  await pulumi.runtime.setMocks(
    {
      newResource: (args) => {
        resources.push({
          type: args.type,
          name: args.name,
          custom: args.custom ?? false,
          inputs: args.inputs,
        });
        return {
          id: args.custom ? `${args.name}-id` : undefined,
          state: { ...args.inputs, ...answers.outputs?.(args.type) },
        };
      },
      call: (args) => ({ ...args.inputs, ...answers.call?.(args.token) }),
    },
    "fitserve",
    "test",
    false,
  );
  const built = await build();
  await pulumi.runtime.disconnect();
  return { resources: resources.toSorted((a, b) => (a.name < b.name ? -1 : 1)), built };
}

/** Value of an output and whether it is kept as a secret. */
export async function settled<T>(output: pulumi.Output<T>): Promise<{ value: T; secret: boolean }> {
  const value = await new Promise<T>((resolve) => {
    output.apply((known) => {
      resolve(known);
      return known;
    });
  });
  return { value, secret: await pulumi.isSecret(output) };
}
