import { type handleUnaryCall, type ServiceError, status, type UntypedServiceImplementation } from "@grpc/grpc-js";
import { PluginInfo } from "@pulumi/pulumi/proto/plugin_pb";
import * as rpc from "@pulumi/pulumi/proto/provider_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { unary } from "../plugin/unary";
import { diffResponse } from "./diff-response";
import { initFailed } from "./init-failed";
import { messageOf } from "./kube-error";
import type { JsonObject } from "./kube-object";
import type { Autonaming } from "./names";
import { diffConfig } from "./operations/diff-config";
import { fromStruct, toStruct } from "./properties";
import type { KubernetesProvider } from "./provider";
import type { Outcome } from "./session";

/** The version of the official provider whose behaviour and state this one follows. */
const FOLLOWS_VERSION = "4.34.2";

/** Pulumi's ResourceProvider service: the protocol on one side, the provider's operations on the other. */
export function resourceProvider(
  provider: KubernetesProvider,
  attach: (engine: string) => void,
): UntypedServiceImplementation {
  return {
    getPluginInfo: answer(() => new PluginInfo().setVersion(FOLLOWS_VERSION)),
    attach: answer((request: { getAddress(): string }) => {
      attach(request.getAddress());
      return new Empty();
    }),
    checkConfig: answer((request: rpc.CheckRequest) => new rpc.CheckResponse().setInputs(request.getNews())),
    diffConfig: answer(answerDiffConfig),
    configure: answer(async (request: rpc.ConfigureRequest) => {
      await provider.configure(Object.fromEntries(request.getVariablesMap().toArray()));
      return new rpc.ConfigureResponse()
        .setAcceptsecrets(true)
        .setSupportspreview(true)
        .setSupportsAutonamingConfiguration(true);
    }),
    invoke: answer((request: rpc.InvokeRequest) => unsupported(`the function ${request.getTok()}`)),
    construct: answer((request: rpc.ConstructRequest) => unsupported(`the component ${request.getType()}`)),
    check: answer((request: rpc.CheckRequest) => answerCheck(provider, request)),
    diff: answer((request: rpc.DiffRequest) => answerDiff(provider, request)),
    create: answer((request: rpc.CreateRequest) => answerCreate(provider, request)),
    update: answer((request: rpc.UpdateRequest) => answerUpdate(provider, request)),
    read: answer((request: rpc.ReadRequest) => answerRead(provider, request)),
    delete: answer((request: rpc.DeleteRequest) => answerDelete(provider, request)),
    cancel: answer(() => {
      provider.cancel();
      return new Empty();
    }),
  };
}

/** A failed operation whose object exists all the same. */
class InitFailed extends Error {
  readonly status: Partial<ServiceError>;

  constructor(outcome: Outcome, failure: NonNullable<Outcome["failure"]>) {
    super(failure.message);
    this.status = initFailed(outcome, failure);
  }
}

function answer<Request, Response>(
  make: (request: Request) => Response | Promise<Response>,
): handleUnaryCall<Request, Response> {
  return unary(make, (error) =>
    error instanceof InitFailed ? error.status : { code: status.UNKNOWN, details: messageOf(error) },
  );
}

function unsupported(what: string): never {
  throw new Error(
    `this stand-in for the Kubernetes provider does not support ${what}: install the official plugin with ` +
      "`pulumi plugin install resource kubernetes`",
  );
}

function answerDiffConfig(request: rpc.DiffRequest): rpc.DiffResponse {
  const olds = request.hasOldInputs() ? request.getOldInputs() : request.getOlds();
  const { changed, replaces } = diffConfig(fromStruct(olds), fromStruct(request.getNews()));
  const { DIFF_NONE, DIFF_SOME } = rpc.DiffResponse.DiffChanges;
  return new rpc.DiffResponse()
    .setChanges(changed.length === 0 ? DIFF_NONE : DIFF_SOME)
    .setDiffsList([...changed])
    .setReplacesList([...replaces]);
}

async function answerCheck(provider: KubernetesProvider, request: rpc.CheckRequest): Promise<rpc.CheckResponse> {
  const inputs = await provider.check({
    urn: request.getUrn(),
    olds: fromStruct(request.getOlds()),
    news: fromStruct(request.getNews()),
    seed: request.getRandomseed_asU8(),
    autonaming: autonamingOf(request.getAutonaming()),
  });
  return new rpc.CheckResponse().setInputs(toStruct(inputs));
}

function autonamingOf(options: rpc.CheckRequest.AutonamingOptions | undefined): Autonaming | undefined {
  if (options === undefined) return undefined;
  const disabled = options.getMode() === rpc.CheckRequest.AutonamingOptions.Mode.DISABLE;
  return { proposedName: options.getProposedName(), disabled };
}

async function answerDiff(provider: KubernetesProvider, request: rpc.DiffRequest): Promise<rpc.DiffResponse> {
  const { changes, deleteBeforeReplace } = await provider.diff({
    urn: request.getUrn(),
    olds: fromStruct(request.getOlds()),
    news: fromStruct(request.getNews()),
    ignoreChanges: request.getIgnorechangesList(),
  });
  return diffResponse(changes, deleteBeforeReplace, ({ kind }) => kind === "delete");
}

async function answerCreate(provider: KubernetesProvider, request: rpc.CreateRequest): Promise<rpc.CreateResponse> {
  const outcome = await provider.create({
    urn: request.getUrn(),
    properties: fromStruct(request.getProperties()),
    timeoutSeconds: request.getTimeout(),
    preview: request.getPreview(),
  });
  const { id, state } = succeeded(outcome);
  return new rpc.CreateResponse().setId(id).setProperties(toStruct(state));
}

async function answerUpdate(provider: KubernetesProvider, request: rpc.UpdateRequest): Promise<rpc.UpdateResponse> {
  const outcome = await provider.update({
    urn: request.getUrn(),
    id: request.getId(),
    olds: fromStruct(request.getOlds()),
    news: fromStruct(request.getNews()),
    timeoutSeconds: request.getTimeout(),
    preview: request.getPreview(),
    ignoreChanges: request.getIgnorechangesList(),
  });
  return new rpc.UpdateResponse().setProperties(toStruct(succeeded(outcome).state));
}

async function answerRead(provider: KubernetesProvider, request: rpc.ReadRequest): Promise<rpc.ReadResponse> {
  const outcome = await provider.read({
    urn: request.getUrn(),
    id: request.getId(),
    properties: fromStruct(request.getProperties()),
    inputs: fromStruct(request.getInputs()),
  });
  // An empty id tells the engine that the object is gone.
  if (outcome === undefined) return new rpc.ReadResponse();
  const { id, state, inputs } = succeeded(outcome);
  return new rpc.ReadResponse()
    .setId(id)
    .setProperties(toStruct(state))
    .setInputs(toStruct(inputs ?? noInputs));
}

const noInputs: JsonObject = {};

async function answerDelete(provider: KubernetesProvider, request: rpc.DeleteRequest): Promise<Empty> {
  const outcome = await provider.delete({
    urn: request.getUrn(),
    id: request.getId(),
    properties: fromStruct(request.getProperties()),
    timeoutSeconds: request.getTimeout(),
  });
  if (outcome !== undefined) succeeded(outcome);
  return new Empty();
}

function succeeded(outcome: Outcome): Outcome {
  if (outcome.failure !== undefined) throw new InitFailed(outcome, outcome.failure);
  return outcome;
}
