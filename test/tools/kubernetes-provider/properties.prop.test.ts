import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isJsonObject, type Json, type JsonObject } from "../../../tools/kubernetes-provider/kube-object";
import {
  fromStruct,
  hasSecret,
  hasUnknown,
  isSecret,
  markSecrets,
  reveal,
  revealObject,
  secret,
  toStruct,
  UNKNOWN,
  withDashedKeys,
  withUnderscoredKeys,
} from "../../../tools/kubernetes-provider/properties";

const leaf = fc.oneof(fc.string(), fc.boolean(), fc.integer());
const plain: fc.Arbitrary<Json> = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small" },
    leaf,
    fc.array(tie("value"), { maxLength: 3 }),
    fc.dictionary(fc.stringMatching(/^[a-z]{1,6}$/), tie("value"), { maxKeys: 4 }),
  ),
})).value;
const object: fc.Arbitrary<JsonObject> = fc.dictionary(fc.stringMatching(/^[a-z]{1,6}$/), plain, { maxKeys: 5 });

/** The same value with each leaf wrapped as a secret. */
function withSecretLeaves(value: Json): Json {
  if (Array.isArray(value)) return value.map(withSecretLeaves);
  if (!isJsonObject(value)) return secret(value);
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withSecretLeaves(inner ?? null)]));
}

describe("values of the protocol", () => {
  it("come back as they were sent", () => {
    fc.assert(
      fc.property(object, (value) => {
        expect(fromStruct(toStruct(value))).toEqual(value);
      }),
    );
  });

  it("lose nothing but their secrecy when they are revealed", () => {
    fc.assert(
      fc.property(plain, (value) => {
        expect(reveal(withSecretLeaves(value))).toEqual(value);
      }),
    );
  });

  it("hold no secret once they are revealed", () => {
    fc.assert(
      fc.property(plain, (value) => {
        expect(hasSecret(reveal(withSecretLeaves(value)))).toBe(false);
      }),
    );
  });

  it("keep their values when secrets are marked", () => {
    fc.assert(
      fc.property(object, object, (outputs, inputs) => {
        expect(revealObject(markSecrets(outputs, inputs))).toEqual(outputs);
      }),
    );
  });

  it("show none of the values that came in as secrets", () => {
    fc.assert(
      fc.property(object, (value) => {
        const given = Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, secret(inner ?? null)]));
        expect(Object.values(markSecrets(value, given)).every(isSecret)).toBe(true);
      }),
    );
  });

  it("leave out members that are null", () => {
    expect(fromStruct(toStruct({ a: null, b: { c: null, d: 1 } }))).toEqual({ b: { d: 1 } });
  });

  it("are unknown wherever the engine's sign for that stands in them", () => {
    expect(hasUnknown({ spec: { list: [{ a: UNKNOWN }] } })).toBe(true);
    expect(hasUnknown({ spec: { list: [{ a: "known" }] } })).toBe(false);
  });
});

describe("marking secrets", () => {
  it("goes into objects, so that one secret does not hide all of them", () => {
    const marked = markSecrets({ spec: { a: "x", b: "y" } }, { spec: { a: secret("x"), b: "y" } });
    expect(marked).toEqual({ spec: { a: secret("x"), b: "y" } });
  });

  it("hides a whole array for one secret in it", () => {
    const marked = markSecrets({ args: ["--key", "k"] }, { args: ["--key", secret("k")] });
    expect(marked).toEqual({ args: secret(["--key", "k"]) });
  });

  it("hides a map that came in as one secret", () => {
    expect(markSecrets({ data: { a: "1" } }, { data: secret({ a: "1" }) })).toEqual({ data: secret({ a: "1" }) });
  });

  it("always hides what a Kubernetes Secret holds", () => {
    const marked = markSecrets({ kind: "Secret", data: { a: "MQ==" }, type: "Opaque" }, {});
    expect(marked).toEqual({ kind: "Secret", data: secret({ a: "MQ==" }), type: "Opaque" });
  });
});

describe("keys with dashes", () => {
  it("are spelled with underscores for programs and with dashes for the server", () => {
    const program = { spec: [{ x_kubernetes_preserve_unknown_fields: true, x_other: 1 }] };
    const server = { spec: [{ "x-kubernetes-preserve-unknown-fields": true, x_other: 1 }] };
    expect(withDashedKeys(program)).toEqual(server);
    expect(withUnderscoredKeys(server)).toEqual(program);
  });
});
