/** An IPv4 range; `first` is its lowest address as an unsigned number. */
export interface Cidr {
  readonly first: number;
  readonly prefix: number;
}

/** Reads `10.0.0.0/16`; undefined when it is none, or when bits below the prefix are set. */
export function parseCidr(text: string): Cidr | undefined {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\/(\d{1,2})$/.exec(text);
  if (match === null) return undefined;
  const [a = 256, b = 256, c = 256, d = 256, prefix = 33] = match.slice(1).map(Number);
  if ([a, b, c, d].some((octet) => octet > 255) || prefix > 32) return undefined;
  const first = ((a * 256 + b) * 256 + c) * 256 + d;
  return first % size(prefix) === 0 ? { first, prefix } : undefined;
}

/** Such as `10.0.0.0/16`; the reverse of `parseCidr`. */
export function formatCidr({ first, prefix }: Cidr): string {
  const octets = [24, 16, 8, 0].map((shift) => Math.floor(first / 2 ** shift) % 256);
  return `${octets.join(".")}/${prefix}`;
}

/** Whether any address lies in both. */
export function overlaps(a: Cidr, b: Cidr): boolean {
  return a.first < b.first + size(b.prefix) && b.first < a.first + size(a.prefix);
}

/** The range of `2^-bits` of the whole with the given number, counted from 0. */
export function part(whole: Cidr, bits: number, number: number): Cidr {
  const prefix = whole.prefix + bits;
  return { first: whole.first + number * size(prefix), prefix };
}

/** Whether all of it lies in the ranges for private networks (RFC 1918). */
export function isPrivate(cidr: Cidr): boolean {
  return PRIVATE.some((range) => range.prefix <= cidr.prefix && overlaps(range, cidr));
}

const PRIVATE: readonly Cidr[] = [
  { first: 10 * 2 ** 24, prefix: 8 },
  { first: (172 * 256 + 16) * 2 ** 16, prefix: 12 },
  { first: (192 * 256 + 168) * 2 ** 16, prefix: 16 },
];

function size(prefix: number): number {
  return 2 ** (32 - prefix);
}
