// Kubernetes quantities: https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/
const PATTERN = /^([+-]?)(\d+(?:\.\d*)?|\.\d+)(Ki|Mi|Gi|Ti|Pi|Ei|n|u|m|k|M|G|T|P|E|[eE][+-]?\d+)?$/;
const BINARY = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];
const MILLION = 10n ** 6n;
const DECIMAL: readonly (readonly [string, number])[] = [
  ["n", -9],
  ["u", -6],
  ["m", -3],
  ["", 0],
  ["k", 3],
  ["M", 6],
  ["G", 9],
  ["T", 12],
  ["P", 15],
  ["E", 18],
];

/**
 * The one form in which the API server writes a quantity: no fraction, the largest unit that leaves none, and the
 * family of units (binary or decimal) that was given. Text that is no quantity comes back as it is.
 */
export function canonicalQuantity(text: string): string {
  const match = PATTERN.exec(text.trim());
  if (match === null) return text;
  const [, sign = "", digits = "", unit = ""] = match;
  const nano = nanoUnits(digits, unit);
  if (nano === 0n) return "0";
  const negative = sign === "-" ? "-" : "";
  return negative + (unit.endsWith("i") ? inBinary(nano) : inDecimal(nano, unit));
}

/** The amount in billionths, rounded up to thousandths as the API server does. */
function nanoUnits(digits: string, unit: string): bigint {
  const [whole = "", fraction = ""] = digits.split(".");
  const scaled = BigInt(whole + fraction) * multiplier(unit).top;
  const divisor = 10n ** BigInt(fraction.length) * multiplier(unit).bottom;
  const thousandths = (scaled + divisor * MILLION - 1n) / (divisor * MILLION);
  return thousandths * MILLION;
}

function multiplier(unit: string): { top: bigint; bottom: bigint } {
  const binary = BINARY.indexOf(unit);
  if (binary > 0) return { top: 10n ** 9n * 1024n ** BigInt(binary), bottom: 1n };
  const exponent = 9 + (DECIMAL.find(([name]) => name === unit)?.[1] ?? Number.parseInt(unit.slice(1), 10));
  return exponent >= 0 ? { top: 10n ** BigInt(exponent), bottom: 1n } : { top: 1n, bottom: 10n ** BigInt(-exponent) };
}

function inBinary(nano: bigint): string {
  const one = 10n ** 9n;
  // Less than 1024, or with a fraction: the server falls back to decimal units.
  if (nano % one !== 0n || nano < 1024n * one) return inDecimal(nano, "");
  let amount = nano / one;
  let step = 0;
  while (amount % 1024n === 0n && step < BINARY.length - 1) {
    amount /= 1024n;
    step += 1;
  }
  return `${amount}${BINARY[step] ?? ""}`;
}

function inDecimal(nano: bigint, unit: string): string {
  const asExponent = /^[eE][+-]?\d+$/.test(unit);
  const largest = DECIMAL.findLast(([, exponent]) => nano % 10n ** BigInt(exponent + 9) === 0n);
  const [name, exponent] = largest ?? ["m", -3];
  const amount = nano / 10n ** BigInt(exponent + 9);
  if (asExponent) return exponent === 0 ? `${amount}` : `${amount}e${exponent}`;
  return `${amount}${name}`;
}
