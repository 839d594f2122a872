import * as rpc from "@pulumi/pulumi/proto/provider_pb";
import type { Change } from "./diff";

/** Changes of one resource, property by property; `isInputDiff`: shown by the inputs, and not by the state. */
export function diffResponse(
  changes: readonly Change[],
  deleteBeforeReplace: boolean,
  isInputDiff: (change: Change) => boolean,
): rpc.DiffResponse {
  const { DIFF_NONE, DIFF_SOME } = rpc.DiffResponse.DiffChanges;
  const response = new rpc.DiffResponse()
    .setChanges(changes.length === 0 ? DIFF_NONE : DIFF_SOME)
    .setReplacesList(changes.filter(({ replaces }) => replaces).map(({ path }) => path))
    .setDeletebeforereplace(deleteBeforeReplace)
    .setHasdetaileddiff(true);
  for (const change of changes) {
    const diff = new rpc.PropertyDiff().setKind(kindOf(change)).setInputdiff(isInputDiff(change));
    response.getDetaileddiffMap().set(change.path, diff);
  }
  return response;
}

function kindOf({ kind, replaces }: Change): rpc.PropertyDiff.Kind {
  const { ADD, ADD_REPLACE, DELETE, DELETE_REPLACE, UPDATE, UPDATE_REPLACE } = rpc.PropertyDiff.Kind;
  const kinds = {
    add: replaces ? ADD_REPLACE : ADD,
    delete: replaces ? DELETE_REPLACE : DELETE,
    update: replaces ? UPDATE_REPLACE : UPDATE,
  };
  return kinds[kind];
}
