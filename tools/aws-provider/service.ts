import type { UntypedServiceImplementation } from "@grpc/grpc-js";
import { PluginInfo } from "@pulumi/pulumi/proto/plugin_pb";
import * as rpc from "@pulumi/pulumi/proto/provider_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { diffInputs } from "../kubernetes-provider/diff";
import { diffResponse } from "../kubernetes-provider/diff-response";
import { isJsonObject, type JsonObject } from "../kubernetes-provider/kube-object";
import { fromStruct, markSecrets, revealObject, toStruct } from "../kubernetes-provider/properties";
import { unary } from "../plugin/unary";
import type { Named, RecordedPackage } from "./recorded-package";
import type { Live, Operation, Recording } from "./recording";

/** Key under which the inputs are kept among the outputs, for the next comparison. */
const INPUTS = "__inputs";

/** Pulumi's ResourceProvider service for a package that is only recorded. */
export function recordingProvider(recorded: RecordedPackage, recording: Recording): UntypedServiceImplementation {
  return {
    getPluginInfo: unary(() => new PluginInfo().setVersion(recorded.version)),
    attach: unary(() => new Empty()),
    checkConfig: unary((request: rpc.CheckRequest) => new rpc.CheckResponse().setInputs(request.getNews())),
    diffConfig: unary(answerDiffConfig),
    configure: unary((request: rpc.ConfigureRequest) => {
      const fault = recorded.configurationFault(Object.fromEntries(request.getVariablesMap().toArray()));
      if (fault !== undefined) throw new Error(fault);
      return new rpc.ConfigureResponse().setAcceptsecrets(true).setSupportspreview(true);
    }),
    invoke: unary((request: rpc.InvokeRequest) => {
      const result = recorded.invoke(request.getTok(), revealObject(fromStruct(request.getArgs())));
      if (result === undefined) throw new Error(`the recording has no function ${request.getTok()}`);
      return new rpc.InvokeResponse().setReturn(toStruct(result));
    }),
    check: unary((request: rpc.CheckRequest) => answerCheck(recorded, request)),
    diff: unary((request: rpc.DiffRequest) => answerDiff(recorded, request)),
    create: unary((request: rpc.CreateRequest) => answerCreate(recorded, recording, request)),
    update: unary((request: rpc.UpdateRequest) => answerUpdate(recorded, recording, request)),
    read: unary((request: rpc.ReadRequest) => answerRead(recording, request)),
    delete: unary((request: rpc.DeleteRequest) => answerDelete(recording, request)),
    cancel: unary(() => new Empty()),
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
  // Two cannot have one name: the old one goes first, as with the official providers.
  const deleteBeforeReplace = recorded.id(named(request.getUrn()), inputs) === request.getId();
  return diffResponse(changes, deleteBeforeReplace, () => true);
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
