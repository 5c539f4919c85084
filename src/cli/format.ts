/** Dates, numbers and money as people read them: never in an answer with `--json`, which has them as the API has. */
export interface Format {
  /** A whole number, grouped. */
  integer(value: string | number | bigint): string;
  tonnes(value: string | number | bigint): string;
  /** An amount in minor units of a currency with so many decimals. */
  money(amount: string | bigint, currency: Money): string;
  /** A time as the API has it. */
  time(iso: string): string;
  /** Unix time in seconds. */
  unixTime(seconds: string | bigint): string;
  /** Hours, minutes and seconds of a time. */
  clock(iso: string): string;
}

export interface Money {
  readonly symbol: string;
  readonly decimals: number;
}

/** Where nothing says which people read. */
const FALLBACK_LOCALE = "en-GB";

/**
 * @param locale As BCP 47 or POSIX has it (`vi-VN`, `vi_VN.UTF-8`); `C` and `POSIX` are nobody's.
 * @param timeZone As IANA has it; the machine's when left out.
 */
export function createFormat(locale: string | undefined, timeZone: string | undefined): Format {
  const tag = localeTag(locale) ?? FALLBACK_LOCALE;
  const numbers = new Intl.NumberFormat(tag, { maximumFractionDigits: 0 });
  const times = new Intl.DateTimeFormat(tag, {
    ...{ year: "numeric", month: "short", day: "2-digit", hour: "2-digit", minute: "2-digit", second: "2-digit" },
    timeZoneName: "short",
    timeZone,
  });
  const clocks = new Intl.DateTimeFormat(tag, {
    ...{ hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23", timeZone },
  });
  const integer = (value: string | number | bigint): string => numbers.format(BigInt(value));
  return {
    integer,
    tonnes: (value) => `${integer(value)} t`,
    money: (amount, currency) => `${decimalText(BigInt(amount), currency.decimals, numbers, tag)} ${currency.symbol}`,
    time: (iso) => times.format(new Date(iso)),
    unixTime: (seconds) => {
      const date = new Date(Number(seconds) * 1000);
      return Number.isNaN(date.getTime()) ? String(seconds) : times.format(date);
    },
    clock: (iso) => clocks.format(new Date(iso)),
  };
}

/** The locale as BCP 47 has it; undefined for nobody's. @throws RangeError when there is no such locale */
export function localeTag(text: string | undefined): string | undefined {
  const name = text?.split(/[.@]/)[0]?.replaceAll("_", "-") ?? "";
  if (name === "" || name === "C" || name === "POSIX") return undefined;
  return Intl.getCanonicalLocales(name)[0];
}

/** @throws RangeError when there is no such zone */
export function checkTimeZone(text: string): string {
  return new Intl.DateTimeFormat("en", { timeZone: text }).resolvedOptions().timeZone;
}

/** Exact: a number of floating point would round. */
function decimalText(amount: bigint, decimals: number, numbers: Intl.NumberFormat, tag: string): string {
  if (decimals === 0) return numbers.format(amount);
  const [sign, size] = amount < 0n ? ["-", -amount] : ["", amount];
  const unit = 10n ** BigInt(decimals);
  const mark = new Intl.NumberFormat(tag).formatToParts(1.5).find(({ type }) => type === "decimal")?.value ?? ".";
  return `${sign}${numbers.format(size / unit)}${mark}${String(size % unit).padStart(decimals, "0")}`;
}
