import { PURCHASES, type Cloud, type Purchase } from "../catalog";
import type { Quantization } from "../model/precision";
import { compareText } from "../search/configurations";
import { perHour } from "../wording";
import type { Comparison, OwnPlan, PlanOutcome, ReferenceSetup } from "./comparison";
import { shareOfWhat } from "./managed";
import { bestPlan } from "./plans";
import { targetBatch } from "./setups";

/** Names as people say them. */
export const PRECISION_NAMES: Readonly<Record<Quantization, string>> = {
  bf16: "FP16",
  fp8: "FP8",
  "int8-w8a8": "INT8",
  "int4-w4a16": "INT4",
  mxfp4: "MXFP4",
};

export const CLOUD_NAMES: Readonly<Record<Cloud, string>> = { aws: "AWS", gcp: "Google", azure: "Azure" };

type Compared = Omit<Comparison, "says">;

/** What the numbers say, a sentence for each section that it rests on. */
export function whatItSays(comparison: Compared): string[] {
  return [
    costSentence(comparison),
    ...precisionSentence(comparison),
    ...cloudSentence(comparison),
    ...managedSentence(comparison),
    ...modelSentence(comparison),
  ];
}

const usd = (value: number): string => `$${value.toLocaleString("en-US", { maximumFractionDigits: 0 })}`;
const hourly = (plan: OwnPlan): string => perHour(plan.usdPerHour);
const machines = (plan: OwnPlan): string => `${plan.nodes}x ${plan.instanceType}`;

function costSentence({ request, plan, pins, gpus }: Compared): string {
  const { asAsked, withoutPins } = plan;
  const pinned = pins.join(" and ");
  const free = withoutPins?.status === "fits" ? withoutPins.plan : undefined;
  if (asAsked.status === "none") {
    const instead = free === undefined ? "" : `; without ${pinned}, ${machines(free)} does for ${hourly(free)}`;
    return `As asked, ${request.model} fits nothing: ${asAsked.why}${instead}.`;
  }
  const asked = asAsked.plan;
  const first = `As asked, ${request.model} costs ${hourly(asked)} (${machines(asked)}, ${asked.gpu})`;
  if (free !== undefined) {
    const share = Math.round((1 - free.usdPerHour / asked.usdPerHour) * 100);
    return `${first}; without ${pinned}, ${machines(free)} (${free.gpu}) does for ${hourly(free)}, ${share} % less.`;
  }
  const cards = (gpus ?? []).map((row) => bestPlan(row.outcome)).filter((one) => one !== undefined);
  const [next] = cards
    .filter((one) => one.gpu !== asked.gpu && one.usdPerHour > asked.usdPerHour)
    .toSorted((a, b) => a.usdPerHour - b.usdPerHour);
  return next === undefined ? `${first}.` : `${first}; the next dearer card, ${next.gpu}, costs ${hourly(next)}.`;
}

function precisionSentence({ precision, request }: Compared): string[] {
  const setups = precision?.setups ?? [];
  const target = targetBatch(request.workload.concurrency);
  const parts = setups.flatMap((setup) => fastestPart(setup, target));
  if (parts.length === 0) return [];
  const isSlower = setups.some(({ fastest }) => {
    const at = fastest.find(({ batch }) => batch === target);
    return at !== undefined && at.quantization !== "int4-w4a16";
  });
  const compared = setups.some(({ rows }) => rows.some(({ quantization }) => quantization === "int4-w4a16"));
  const moral = compared && isSlower ? ". INT4 saves memory, but is not always the fastest" : "";
  return [
    `At ${target} ${target === 1 ? "request" : "requests"} in one replica the fastest is ${parts.join(", ")}${moral}.`,
  ];
}

function fastestPart({ fastest, rows, gpu, tensorParallel }: ReferenceSetup, target: number): string[] {
  const at = fastest.find(({ batch }) => batch === target);
  if (at === undefined) return [];
  const speed = (quantization: Quantization): number | undefined =>
    rows
      .find((row) => row.quantization === quantization)
      ?.figures?.speeds.find(({ batch, queues }) => batch === target && !queues)?.tokensPerSecondPerUser.value;
  const best = speed(at.quantization);
  const int4 = at.quantization === "int4-w4a16" ? undefined : speed("int4-w4a16");
  const beside = int4 === undefined ? "" : `, INT4 ${int4.toFixed(1)}`;
  const close = at.isClose ? "; within the range of the prediction" : "";
  return [
    `${PRECISION_NAMES[at.quantization]} on ${tensorParallel}x ${gpu} (${(best ?? 0).toFixed(1)} tokens/s a user${beside}${close})`,
  ];
}

/** The cheapest on demand and the cheapest spot of all clouds. */
function cloudSentence({ clouds }: Compared): string[] {
  const cheapest = (purchase: Purchase): string[] => {
    const [least] = (clouds ?? [])
      .filter((row) => row.purchase === purchase)
      .flatMap(({ outcome }) => bestPlan(outcome) ?? [])
      .toSorted((a, b) => a.usdPerHour - b.usdPerHour || compareText(a.instanceType, b.instanceType));
    if (least === undefined) return [];
    const where = `${CLOUD_NAMES[least.cloud]} ${least.region}`;
    return [`${purchase === "spot" ? "spot" : "on demand"} ${hourly(least)} (${where}, ${machines(least)})`];
  };
  const both = PURCHASES.flatMap(cheapest);
  return both.length === 0 ? [] : [`The cheapest of all clouds is ${both.join(", ")}.`];
}

/** Judged by the cheapest own plan, which is the same for every API. */
function managedSentence({ managed }: Compared): string[] {
  const judged = (managed?.rows ?? []).flatMap(({ api, breakEvens, usdPerMonth }) => {
    const [best] = breakEvens.toSorted((a, b) => a.share - b.share);
    return best === undefined || usdPerMonth === undefined ? [] : [{ name: api.name, usdPerMonth, ...best }];
  });
  const [first] = judged;
  if (first === undefined) return [];
  const from = judged
    .filter(({ share }) => share <= 1)
    .map(({ name, share }) => `than ${name} from ${Math.ceil(share * 100)} % ${shareOfWhat(managed?.load)}`);
  const never = judged
    .filter(({ share }) => share > 1)
    .map(
      ({ name, usdPerMonth }) =>
        `than ${name} never (${usd(usdPerMonth)} a month for ${managed?.load?.dayShare === undefined ? "this load day and night" : "this traffic"})`,
    );
  return [`Own machines (${usd(first.ownUsdPerMonth)} a month) cost less ${[...from, ...never].join(", ")}.`];
}

function modelSentence({ models }: Compared): string[] {
  const asked = planOf(models?.rows.find(({ role }) => role === "asked")?.outcome);
  const other = planOf(models?.rows.find(({ role }) => role === "other")?.outcome);
  if (models?.other === undefined || other === undefined) return [];
  if (asked === undefined)
    return [`${models.other} does for ${hourly(other)}; whether its answers do, only a test can say.`];
  const change = Math.round((1 - other.usdPerHour / asked.usdPerHour) * 100);
  const price = change === 0 ? "costs the same" : change > 0 ? `costs ${change} % less` : `costs ${-change} % more`;
  return [
    `${models.other} ${price} (${hourly(other)}, ${machines(other)}); whether its answers do, only a test can say.`,
  ];
}

function planOf(outcome: PlanOutcome | undefined): OwnPlan | undefined {
  return outcome?.status === "fits" ? outcome.plan : undefined;
}
