import type { CostFigure, CostLine } from "../serving-plan";
import type { RegionPrice } from "./region-prices";

/** A year of 8,760 hours over twelve months. */
export const HOURS_PER_MONTH = 730;

/** A line of so many units, each of so many units of its price; quantities have three decimals, as they are shown. */
export function line(name: string, amount: number, { usd, source, date }: RegionPrice, unitsOfPrice = 1): CostLine {
  const quantity = Math.round(amount * 1000) / 1000;
  const usdPerHourEach = usd * unitsOfPrice;
  return { name, quantity, usdPerHourEach, usdPerHour: quantity * usdPerHourEach, source, date };
}

/** Once for a cluster, however many models are served on it. */
export function shared(of: CostLine, sharedUsdPerHour = of.usdPerHour): CostLine {
  return { ...of, sharedUsdPerHour };
}

/** USD an hour, and in a month. */
export function figure(usdPerHour: number): CostFigure {
  return { usdPerHour, usdPerMonth: usdPerHour * HOURS_PER_MONTH };
}
