import { z } from "zod";
import { isInternalHeader } from "../gateway/internal-headers";
import { isDottedName, isKubernetesName } from "../kubernetes-object";
import { GATEWAY_KINDS, LORA_RANKS } from "../serving-options";
import { parserNameFault } from "../vllm/parser-names";

/** What each setting of a deployment has to be; the `error` of a field is what was wanted, in words. */

const OBJECT_NAME = "lower-case letters, digits and dashes, at most 63";
const MOST_PER_MINUTE = 1_000_000_000;

const DOTTED_NAME = "lower-case letters, digits, dashes and dots, at most 253";
const objectName = z.string({ error: OBJECT_NAME }).refine(isKubernetesName, { error: OBJECT_NAME });
const dottedName = z.string({ error: DOTTED_NAME }).refine(isDottedName, { error: DOTTED_NAME });

/** Client names become keys of a Secret and values of a header. */
export const CLIENT_NAME = /^[A-Za-z0-9._-]{1,63}$/;

/** Pulumi hands over text; a file has the value itself. */
function flag() {
  return z.preprocess(
    (value) => (value === "true" ? true : value === "false" ? false : value),
    z.boolean({ error: "true or false" }),
  );
}

function number<Schema extends z.ZodType>(schema: Schema) {
  return z.preprocess((value) => (typeof value === "string" && /^\d+$/.test(value) ? Number(value) : value), schema);
}

function structured<Schema extends z.ZodType>(schema: Schema) {
  return z.preprocess((value) => (typeof value === "string" && /^\s*[[{]/.test(value) ? parsed(value) : value), schema);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

const QUALIFIED_NAME = /^([a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?\/)?[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/;
const LABEL_VALUE = /^([A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?)?$/;

/** Labels or annotations: their keys are alike, an annotation's value is any text. */
function textRecord(wanted: string, value: RegExp) {
  return z
    .record(z.string(), z.string({ error: wanted }).regex(value, { error: wanted }), { error: wanted })
    .refine((record) => Object.keys(record).every((key) => QUALIFIED_NAME.test(key)), { error: wanted });
}

const PER_MINUTE = `a whole number from 1 to ${MOST_PER_MINUTE.toLocaleString("en-US")}`;
const perMinute = z
  .int({ error: PER_MINUTE })
  .min(1, { error: PER_MINUTE })
  .max(MOST_PER_MINUTE, { error: PER_MINUTE });
const CLIENT_LIMITS = "an object {requestsPerMinute, tokensPerMinute}";
const clientLimits = { requestsPerMinute: perMinute.optional(), tokensPerMinute: perMinute.optional() };

const HOSTNAME = "a name such as llm.example.org";
const PORT = "a port, from 1 to 65535";
const ISSUER = "an object {kind: Issuer or ClusterIssuer, name}";
const PICKER = "an object {service, port}";
const REDIS = "the address of a Redis such as redis.example.org:6379";
const SESSION_HEADER =
  "a header such as x-session-id (letters, digits and dashes, at most 64), that the gateway does not remove";
const ADAPTERS = "a list of {name, repository}";
const ADAPTER_NAME = "letters, digits, dots, dashes, slashes and underscores, at most 100";
const REPOSITORY = "a repository such as acme/qwen3-32b-legal, or a path";
const RANK = `one of ${LORA_RANKS.join(", ")}`;
const NODE_SELECTOR = "an object of node labels as Kubernetes takes them, each with a text as value";
const ANNOTATIONS = "an object of annotations as Kubernetes takes them, each with a text as value";
const IMAGE = "an image such as registry.example.org/vllm-openai:v0.33.0@sha256:…";
const NAMESPACES = "a list of names of namespaces";

function parserName(kind: "tools" | "reasoning") {
  return z.string({ error: "the name of a parser, or none" }).superRefine((name, context) => {
    const wanted = parserNameFault(kind, name);
    if (wanted !== undefined) context.addIssue({ code: "custom", message: wanted });
  });
}

export const DEPLOYMENT_SCHEMA = z.strictObject({
  namespace: objectName.optional(),
  createNamespace: flag().optional(),
  gateway: z.enum(GATEWAY_KINDS, { error: `one of ${GATEWAY_KINDS.join(", ")}` }).optional(),
  gatewayClass: dottedName.optional(),
  createGatewayClass: flag().optional(),
  createEnvoyProxy: flag().optional(),
  gatewayNamespace: objectName.optional(),
  clientNamespaces: structured(z.array(objectName, { error: NAMESPACES })).optional(),
  hostname: z
    .string({ error: HOSTNAME })
    .regex(/^(\*\.)?[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)+$/, { error: HOSTNAME })
    .optional(),
  tlsSecret: dottedName.optional(),
  certificateIssuer: structured(
    z.strictObject(
      { kind: z.enum(["Issuer", "ClusterIssuer"], { error: ISSUER }), name: dottedName },
      { error: ISSUER },
    ),
  ).optional(),
  engineImage: z
    .string({ error: IMAGE })
    .regex(/^[a-z0-9][\w.:/@-]{0,250}$/, { error: IMAGE })
    .optional(),
  imagePullSecret: dottedName.optional(),
  hubTokenSecret: dottedName.optional(),
  modelCacheClaim: dottedName.optional(),
  nodeSelector: structured(textRecord(NODE_SELECTOR, LABEL_VALUE)).optional(),
  priorityClass: dottedName.optional(),
  createPriorityClass: flag().optional(),
  rateLimits: structured(
    z.strictObject(
      {
        scope: z.enum(["proxy", "shared"], { error: "one of proxy, shared" }),
        redis: z
          .string({ error: REDIS })
          .regex(/^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?:[1-9]\d{0,4}$/, { error: REDIS })
          .optional(),
        ...clientLimits,
      },
      { error: "an object {scope, redis, requestsPerMinute, tokensPerMinute}" },
    ),
  ).optional(),
  clients: structured(
    z.record(z.string(), z.strictObject(clientLimits, { error: CLIENT_LIMITS }), {
      error: `an object, client name → ${CLIENT_LIMITS}`,
    }),
  ).optional(),
  loadBalancerAnnotations: structured(textRecord(ANNOTATIONS, /^/)).optional(),
  endpointPicker: structured(
    z.strictObject(
      {
        service: objectName,
        port: number(z.int({ error: PORT }).min(1, { error: PORT }).max(65_535, { error: PORT })),
      },
      { error: PICKER },
    ),
  ).optional(),
  sessionHeader: z
    .string({ error: SESSION_HEADER })
    .regex(/^[A-Za-z][A-Za-z0-9-]{0,63}$/, { error: SESSION_HEADER })
    .refine((name) => !isInternalHeader(name) && name.toLowerCase() !== "authorization", { error: SESSION_HEADER })
    .optional(),
  loraAdapters: structured(
    z.array(
      z.strictObject(
        {
          name: z.string({ error: ADAPTER_NAME }).regex(/^[A-Za-z0-9._/-]{1,100}$/, { error: ADAPTER_NAME }),
          repository: z.string({ error: REPOSITORY }).regex(/^[A-Za-z0-9._/-]{1,200}$/, { error: REPOSITORY }),
        },
        { error: "an object {name, repository}" },
      ),
      { error: ADAPTERS },
    ),
  ).optional(),
  maxLoraRank: number(z.literal(LORA_RANKS, { error: RANK })).optional(),
  toolCallParser: parserName("tools").optional(),
  reasoningParser: parserName("reasoning").optional(),
});

export type GivenDeployment = z.infer<typeof DEPLOYMENT_SCHEMA>;
