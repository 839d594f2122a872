import type { CostLine, Reason } from "./serving-plan";

/** Half a year; a judgement, shown with the age itself. */
const OLD_AFTER_DAYS = 180;

/** Days since 1970-01-01 of YYYY-MM-DD or YYYY-MM (taken as its first day); undefined for other text. */
export function dayNumber(date: string): number | undefined {
  const [, year, month, day = "1"] = /^(\d{4})-(\d{2})(?:-(\d{2}))?$/.exec(date) ?? [];
  if (year === undefined || month === undefined) return undefined;
  // Years start in March, so that the leap day is their last (Hinnant, days_from_civil).
  const y = Number(year) - (Number(month) <= 2 ? 1 : 0);
  const dayOfYear = Math.floor((153 * ((Number(month) + 9) % 12) + 2) / 5) + Number(day) - 1;
  return y * 365 + Math.floor(y / 4) - Math.floor(y / 100) + Math.floor(y / 400) + dayOfYear - 719_468;
}

/** The day of the price of the machines, and how long ago that was where the request names a day. */
export function priceDate(asOf: string | undefined, lines: readonly CostLine[]): Reason[] {
  const [machines] = lines;
  if (machines === undefined) return [];
  const [today, day] = [dayNumber(asOf ?? ""), dayNumber(machines.date)];
  const priced = `the price of ${machines.name} is of ${machines.date}`;
  if (day === undefined)
    return [{ code: "price-date", message: `the price of ${machines.name} is the request's own, without a day` }];
  if (today === undefined || today < day) return [{ code: "price-date", message: priced }];
  const age = today - day;
  return [
    { code: "price-date", message: `${priced}, ${age.toLocaleString("en-US")} ${age === 1 ? "day" : "days"} ago` },
  ];
}

/** Says that the oldest price of the plan is too old to be relied on, seen from a given day. */
export function oldPrices(asOf: string | undefined, lines: readonly CostLine[]): Reason[] {
  const today = dayNumber(asOf ?? "");
  if (today === undefined) return [];
  const ages = lines.flatMap((line) => {
    const day = dayNumber(line.date);
    return day === undefined ? [] : [{ line, days: today - day }];
  });
  const oldest = ages.toSorted((a, b) => b.days - a.days)[0];
  if (oldest === undefined || oldest.days <= OLD_AFTER_DAYS) return [];
  const message = `the price of ${oldest.line.name} is of ${oldest.line.date}, ${oldest.days} days before ${asOf}: ask for today's before relying on the cost`;
  return [{ code: "old-price", message }];
}
