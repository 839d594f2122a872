import { UNDATED } from "../cost/negotiated-prices";
import type { CostLine, Reason } from "../serving-plan";
import { plural } from "../wording";

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

/** Days from the price of a line to the given day; undefined where one of the two is not known, or the price is newer. */
function ageOf({ date }: CostLine, asOf: string | undefined): number | undefined {
  const [today, day] = [dayNumber(asOf ?? ""), dayNumber(date)];
  return today === undefined || day === undefined || today < day ? undefined : today - day;
}

/**
 * The day of the price of the machines, how long ago that was where the request names a day, and whether that is too long
 * ago to rely on; then the oldest other price that is too old.
 */
export function priceAges(asOf: string | undefined, [machines, ...parts]: readonly CostLine[]): Reason[] {
  const aged = parts.flatMap((line) => ({ line, days: ageOf(line, asOf) ?? 0 }));
  const oldest = aged.toSorted((a, b) => b.days - a.days)[0];
  return [
    ...(machines === undefined ? [] : [priceReason(machines, ageOf(machines, asOf))]),
    ...(oldest === undefined || oldest.days <= OLD_AFTER_DAYS ? [] : [priceReason(oldest.line, oldest.days)]),
  ];
}

function priceReason({ name, date }: CostLine, days: number | undefined): Reason {
  const code = "price-date";
  if (date === UNDATED) return { code, message: `the price of ${name} is the request's own, without a day` };
  const message = `the price of ${name} is of ${date}`;
  if (days === undefined) return { code, message };
  const ago = `${message}, ${plural(days, "day")} ago`;
  return days > OLD_AFTER_DAYS
    ? { code: "old-price", message: `${ago}: ask for today's before relying on the cost` }
    : { code, message: ago };
}
