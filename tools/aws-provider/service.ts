import { type handleUnaryCall, status, type UntypedServiceImplementation } from "@grpc/grpc-js";
import { PluginInfo } from "@pulumi/pulumi/proto/plugin_pb";
import * as rpc from "@pulumi/pulumi/proto/provider_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { type Change, diffInputs } from "../kubernetes-provider/diff";
import { isJsonObject, type JsonObject } from "../kubernetes-provider/kube-object";
import { fromStruct, markSecrets, revealObject, toStruct } from "../kubernetes-provider/properties";
import type { Named, RecordedPackage } from "./recorded-package";
import type { Live, Operation, Recording } from "./recording";

/** Key under which the inputs are kept among the outputs, for the next comparison. */
const INPUTS = "__inputs";

/** Pulumi's ResourceProvider service for a package that is only recorded. */
export function recordingProvider(recorded: RecordedPackage, recording: Recording): UntypedServiceImplementation {
  return {
    getPluginInfo: answer(() => new PluginInfo().setVersion(recorded.version)),
    attach: answer(() => new Empty()),
    checkConfig: answer((request: rpc.CheckRequest) => new rpc.CheckResponse().setInputs(request.getNews())),
    diffConfig: answer(answerDiffConfig),
    configure: answer((request: rpc.ConfigureRequest) => {
      const fault = recorded.configurationFault(Object.fromEntries(request.getVariablesMap().toArray()));
      if (fault !== undefined) throw new Error(fault);
      return new rpc.ConfigureResponse().setAcceptsecrets(true).setSupportspreview(true);
    }),
    invoke: answer((request: rpc.InvokeRequest) => {
      const result = recorded.invoke(request.getTok(), revealObject(fromStruct(request.getArgs())));
      if (result === undefined) throw new Error(`the recording has no function ${request.getTok()}`);
      return new rpc.InvokeResponse().setReturn(toStruct(result));
    }),
    check: answer((request: rpc.CheckRequest) => answerCheck(recorded, request)),
    diff: answer((request: rpc.DiffRequest) => answerDiff(recorded, request)),
    create: answer((request: rpc.CreateRequest) => answerCreate(recorded, recording, request)),
    update: answer((request: rpc.UpdateRequest) => answerUpdate(recorded, recording, request)),
    read: answer((request: rpc.ReadRequest) => answerRead(recording, request)),
    delete: answer((request: rpc.DeleteRequest) => answerDelete(recording, request)),
    cancel: answer(() => new Empty()),
  };
}

function answer<Request, Response>(make: (request: Request) => Response): handleUnaryCall<Request, Response> {
  return (call, callback) => {
    try {
      callback(null, make(call.request));
    } catch (error) {
      callback({ code: status.UNKNOWN, details: error instanceof Error ? error.message : String(error) });
    }
  };
}

/** Type and name of `urn:pulumi:stack::project::parent$type::name`. */
function named(urn: string): Named {
  const [, , types = "", ...rest] = urn.split("::");
  return { type: types.split("$").at(-1) ?? "", name: rest.join("::") };
}

/** Another configuration is taken up by the same provider; nothing that it made is made anew. */
function answerDiffConfig(request: rpc.DiffRequest): rpc.DiffResponse {
  const olds = fromStruct(request.hasOldInputs() ? request.getOldInputs() : request.getOlds());
  const changes = diffInputs({ old: olds, inputs: fromStruct(request.getNews()), forceNew: [], ignore: [] });
  const { DIFF_NONE, DIFF_SOME } = rpc.DiffResponse.DiffChanges;
  return new rpc.DiffResponse()
    .setChanges(changes.length === 0 ? DIFF_NONE : DIFF_SOME)
    .setDiffsList(changes.map(({ path }) => path));
}

function answerCheck(recorded: RecordedPackage, request: rpc.CheckRequest): rpc.CheckResponse {
  const news = fromStruct(request.getNews());
  const olds = revealObject(fromStruct(request.getOlds()));
  const { inputs, faults } = recorded.check(named(request.getUrn()), news, olds, request.getRandomseed_asU8());
  const failures = faults.map(({ path, reason }) => new rpc.CheckFailure().setProperty(path).setReason(reason));
  return new rpc.CheckResponse().setInputs(toStruct(inputs)).setFailuresList(failures);
}

function answerDiff(recorded: RecordedPackage, request: rpc.DiffRequest): rpc.DiffResponse {
  const olds = fromStruct(request.getOlds());
  const before = olds[INPUTS];
  const inputs = revealObject(fromStruct(request.getNews()));
  const changes = diffInputs({
    old: revealObject(isJsonObject(before) ? before : olds),
    inputs,
    forceNew: recorded.forceNew(named(request.getUrn()), inputs),
    ignore: request.getIgnorechangesList(),
  });
  const { DIFF_NONE, DIFF_SOME } = rpc.DiffResponse.DiffChanges;
  const response = new rpc.DiffResponse()
    .setChanges(changes.length === 0 ? DIFF_NONE : DIFF_SOME)
    // Two cannot have one name: the old one goes first, as with the official providers.
    .setDeletebeforereplace(recorded.id(named(request.getUrn()), inputs) === request.getId())
    .setReplacesList(changes.filter(({ replaces }) => replaces).map(({ path }) => path))
    .setHasdetaileddiff(true);
  for (const change of changes) response.getDetaileddiffMap().set(change.path, propertyDiff(change));
  return response;
}

function propertyDiff({ kind, replaces }: Change): rpc.PropertyDiff {
  const { ADD, ADD_REPLACE, DELETE, DELETE_REPLACE, UPDATE, UPDATE_REPLACE } = rpc.PropertyDiff.Kind;
  const kinds = {
    add: replaces ? ADD_REPLACE : ADD,
    delete: replaces ? DELETE_REPLACE : DELETE,
    update: replaces ? UPDATE_REPLACE : UPDATE,
  };
  return new rpc.PropertyDiff().setKind(kinds[kind]).setInputdiff(true);
}

function answerCreate(recorded: RecordedPackage, recording: Recording, request: rpc.CreateRequest): rpc.CreateResponse {
  const resource = named(request.getUrn());
  const given = fromStruct(request.getProperties());
  const inputs = revealObject(given);
  if (request.getPreview()) {
    return new rpc.CreateResponse().setProperties(toStruct(recorded.previewed(resource, given, {})));
  }
  carryOut(recording, "create", resource);
  const id = recorded.id(resource, inputs);
  const state = recorded.outputs(resource, id, inputs, {});
  recording.write({ ...resource, id, state: { ...state, [INPUTS]: inputs } });
  return new rpc.CreateResponse().setId(id).setProperties(toStruct(kept(state, given)));
}

function answerUpdate(recorded: RecordedPackage, recording: Recording, request: rpc.UpdateRequest): rpc.UpdateResponse {
  const resource = named(request.getUrn());
  const given = fromStruct(request.getNews());
  const previous = revealObject(fromStruct(request.getOlds()));
  const inputs = revealObject(given);
  if (request.getPreview()) {
    return new rpc.UpdateResponse().setProperties(toStruct(recorded.previewed(resource, given, previous)));
  }
  carryOut(recording, "update", resource);
  const id = request.getId();
  const state = recorded.outputs(resource, id, inputs, previous);
  recording.write({ ...resource, id, state: { ...state, [INPUTS]: inputs } });
  return new rpc.UpdateResponse().setProperties(toStruct(kept(state, given)));
}

/** What goes into the state file: secrets stay marked, and the inputs are kept for the next comparison. */
function kept(state: JsonObject, given: JsonObject): JsonObject {
  return { ...markSecrets(state, given), [INPUTS]: given };
}

function answerRead(recording: Recording, request: rpc.ReadRequest): rpc.ReadResponse {
  const { type } = named(request.getUrn());
  const live = recording.read(request.getId(), type);
  if (live === undefined) return new rpc.ReadResponse();
  const given = fromStruct(request.getInputs());
  const liveInputs = live[INPUTS];
  const inputs = isJsonObject(liveInputs) ? markSecrets(liveInputs, given) : given;
  return new rpc.ReadResponse()
    .setId(request.getId())
    .setProperties(toStruct({ ...markSecrets(live, given), [INPUTS]: inputs }))
    .setInputs(toStruct(inputs));
}

function answerDelete(recording: Recording, request: rpc.DeleteRequest): Empty {
  const resource = named(request.getUrn());
  const id = request.getId();
  const user = recording.all().find((other) => isUsedBy(id, resource, other));
  if (user !== undefined) throw new Error(`DependencyViolation: ${id} is used by ${user.type} ${user.id}`);
  carryOut(recording, "delete", resource);
  recording.remove(id, resource.type);
  return new Empty();
}

/** AWS keeps what something else stands on, which is told by its id; names in tags are nobody's. */
function isUsedBy(id: string, resource: Named, other: Live): boolean {
  if (!resource.type.startsWith("aws:") || other.id === id) return false;
  const inputs = other.state[INPUTS];
  const references = isJsonObject(inputs) ? { ...inputs, tags: undefined } : {};
  return JSON.stringify(references).includes(`"${id}"`);
}

function carryOut(recording: Recording, operation: Operation, resource: Named): void {
  const failure = recording.failure(operation, resource);
  if (failure !== undefined) throw new Error(failure);
  recording.record({ operation, ...resource });
}
