/**
 * Amounts of resources, exact to a billionth: "100m", "1.5Gi", "2e3". Quantities never change; texts seen before are
 * answered from a cache, since a cluster uses few different ones.
 */
export type QuantityFormat = "DecimalSI" | "BinarySI" | "DecimalExponent";

const NANO = 1_000_000_000n;
const MILLI_NANOS = 1_000_000n;
const MOST = 9_223_372_036_854_775_807n * NANO;

export class Quantity {
  /** the amount in billionths */
  readonly nanos: bigint;
  readonly format: QuantityFormat;
  #text: string | undefined;
  #number: number | undefined;

  constructor(nanos: bigint, format: QuantityFormat, text?: string) {
    this.nanos = nanos > MOST ? MOST : nanos < -MOST ? -MOST : nanos;
    this.format = format;
    this.#text = text;
  }
  /** In thousandths, rounded up. */
  milli(): bigint {
    return divideUp(this.nanos, MILLI_NANOS);
  }
  /** In whole units, rounded up. */
  value(): bigint {
    return divideUp(this.nanos, NANO);
  }
  /** As a floating-point number. */
  toNumber(): number {
    this.#number ??= Number(this.nanos) / 1e9;
    return this.#number;
  }
  /** Thousandths as a number, rounded up; exact up to 9 × 10¹⁵. */
  milliNumber(): number {
    return Number(this.milli());
  }
  isZero(): boolean {
    return this.nanos === 0n;
  }
  /** Negative, zero or positive, as this is less than, equal to or more than `other`. */
  compare(other: Quantity): number {
    return this.nanos < other.nanos ? -1 : this.nanos > other.nanos ? 1 : 0;
  }
  /** Keeps this quantity's format, or takes the other's when this is zero. */
  add(other: Quantity): Quantity {
    return new Quantity(this.nanos + other.nanos, this.isZero() ? other.format : this.format);
  }
  sub(other: Quantity): Quantity {
    return new Quantity(this.nanos - other.nanos, this.isZero() ? other.format : this.format);
  }
  negate(): Quantity {
    return new Quantity(-this.nanos, this.format);
  }
  /** Rounded up (away from zero) to 10^scale; -3 is thousandths. */
  roundUp(scale: number): Quantity {
    const unit = 10n ** BigInt(9 + scale);
    const rest = this.nanos % unit;
    if (rest === 0n) return this;
    return new Quantity(this.nanos - rest + (this.nanos < 0n ? -unit : unit), this.format);
  }
  /** The canonical text: no fraction, the largest suffix that keeps it exact. */
  toString(): string {
    this.#text ??= print(this.nanos, this.format);
    return this.#text;
  }
  toJSON(): string {
    return this.toString();
  }
}

/** Away from zero, as Kubernetes rounds. */
function divideUp(nanos: bigint, unit: bigint): bigint {
  const whole = nanos / unit;
  if (nanos % unit === 0n) return whole;
  return nanos > 0n ? whole + 1n : whole - 1n;
}

export const zeroQuantity = new Quantity(0n, "DecimalSI", "0");

const BINARY = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];
const DECIMAL = ["n", "u", "m", "", "k", "M", "G", "T", "P", "E"];

function print(nanos: bigint, format: QuantityFormat): string {
  if (nanos === 0n) return "0";
  const small = nanos > -1024n * NANO && nanos < 1024n * NANO;
  if (format === "BinarySI" && !small && nanos % NANO === 0n) return printBinary(nanos / NANO);
  let mantissa = nanos;
  let step = 0;
  while (mantissa % 1000n === 0n && step < DECIMAL.length - 1) {
    mantissa /= 1000n;
    step++;
  }
  if (format !== "DecimalExponent") return `${mantissa}${DECIMAL[step]}`;
  return step === 3 ? mantissa.toString() : `${mantissa}e${step * 3 - 9}`;
}

function printBinary(value: bigint): string {
  let mantissa = value;
  let step = 0;
  while (mantissa % 1024n === 0n && step < BINARY.length - 1) {
    mantissa /= 1024n;
    step++;
  }
  return `${mantissa}${BINARY[step]}`;
}

const FORM = /^([+-]?)([0-9]*)(?:\.([0-9]*))?([eEinumkKMGTP]*[-+]?[0-9]*)$/;
const FORMAT_WRONG = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
const SUFFIX_WRONG = "unable to parse quantity's suffix";

const cache = new Map<string, Quantity>();
const CACHE_SIZE = 8192;

/** Throws an Error with Kubernetes' text when `text` is no quantity. */
export function parseQuantity(text: string): Quantity {
  const known = cache.get(text);
  if (known) return known;
  const parsed = parse(text);
  if (cache.size >= CACHE_SIZE) cache.clear();
  cache.set(text, parsed);
  return parsed;
}

/** The canonical form of a text. Throws as `parseQuantity` does. */
export function canonicalQuantity(text: string): string {
  return parseQuantity(text).toString();
}

function parse(text: string): Quantity {
  const match = FORM.exec(text);
  if (!match || (match[2] === "" && !match[3])) throw new Error(FORMAT_WRONG);
  const [, sign, whole, fraction = "", suffix] = match;
  const { base, exponent, format } = interpretSuffix(suffix!);
  const digits = BigInt(`${whole}${fraction}` || "0");
  // the amount is digits × base^exponent / 10^fraction; a rest below a billionth is rounded up
  let numerator = digits * NANO;
  let denominator = 10n ** BigInt(fraction.length);
  if (exponent >= 0) numerator *= base ** BigInt(Math.min(exponent, 400));
  else denominator *= base ** BigInt(Math.min(-exponent, 400));
  const nanos = divideUp(numerator, denominator);
  return new Quantity(sign === "-" ? -nanos : nanos, format);
}

function interpretSuffix(suffix: string): { base: bigint; exponent: number; format: QuantityFormat } {
  const binary = BINARY.indexOf(suffix);
  if (binary > 0) return { base: 1024n, exponent: binary, format: "BinarySI" };
  const decimal = DECIMAL.indexOf(suffix);
  if (decimal >= 0) return { base: 10n, exponent: decimal * 3 - 9, format: "DecimalSI" };
  if (/^[eE][-+]?[0-9]+$/.test(suffix))
    return { base: 10n, exponent: Number(suffix.slice(1)), format: "DecimalExponent" };
  throw new Error(SUFFIX_WRONG);
}
