import type { ServingRequest } from "../serving-request";
import type { CardRow } from "./comparison";
import type { PlanFinder } from "./plans";

/** Cards that somebody who buys a machine today asks about, in the order of their memory bandwidth. */
const COMPARED_GPUS = [
  "L40S",
  "RTX-PRO-6000-Blackwell-Server",
  "A100-SXM4-80GB",
  "H100-SXM5-80GB",
  "H200-SXM-141GB",
  "B200-SXM-180GB",
];

/** The cheapest plan on each card, whatever card the request pins. */
export function compareCards(request: ServingRequest, finder: PlanFinder): CardRow[] {
  const { gpu: asked } = request;
  const names = asked === undefined || COMPARED_GPUS.includes(asked) ? COMPARED_GPUS : [...COMPARED_GPUS, asked];
  return names.flatMap((name) => {
    const card = finder.catalog.gpus.find((one) => one.name === name);
    if (card === undefined) return [];
    return [{ gpu: name, nominalGB: card.nominalGB, outcome: finder.pinned({ ...request, gpu: name }) }];
  });
}
