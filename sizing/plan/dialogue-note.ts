import { historyCachingOf, holding, loadOf, steadyStateWithAffinity } from "../search/replica";
import type { Solution } from "../search/solution";
import type { Reason } from "../serving-plan";
import type { ServingRequest } from "../serving-request";
import { seconds, tokensPerSecond } from "../wording";

/** What it costs that turns of a dialogue are spread over replicas; nothing where one replica serves, or the history has no room. */
export function dialogueNote(request: ServingRequest, { replica, state }: Solution): Reason[] {
  const history = historyCachingOf(request, replica);
  const { replicas = 1 } = loadOf(request, holding(request, request, replica).concurrency);
  if (history === undefined || replicas === 1 || history.keptShare === 0) return [];
  const kept = steadyStateWithAffinity(request, replica);
  const changes = [
    change(seconds(kept.ttft.p95Ms), seconds(state.ttft.p95Ms), "to the first token"),
    change(tokensPerSecond(kept.tpot.p95Ms), tokensPerSecond(state.tpot.p95Ms), "a user"),
  ].filter((text) => text !== undefined);
  const gain = changes.length === 0 ? "nothing would change here" : `it would be ${changes.join(" and ")}, at p95`;
  const message =
    `it is not counted on that anything keeps a dialogue on its replica: one later turn in ${replicas} comes to the replica that answered the turn before, ` +
    `and the others compute their history anew; were all of them sent there, ${gain}`;
  const fix =
    "fitserve:sessionHeader keeps a dialogue on its replica where clients name it in a header; or fewer and larger replicas";
  return [{ code: "dialogues-spread", message, fix }];
}

function change(kept: string, planned: string, what: string): string | undefined {
  return kept === planned ? undefined : `${kept} ${what} instead of ${planned}`;
}
