import { isoDay } from "../chain/codes.js";

/** Why a row cannot be taken: a stable code, and a sentence for people. */
export class RowRefusal extends Error {
  readonly code: RefusalCode;

  constructor(code: RefusalCode, message: string) {
    super(message);
    this.name = "RowRefusal";
    this.code = code;
  }
}

export const REFUSAL_CODES = [
  "columns-mismatch",
  "text-invalid",
  "quantity-invalid",
  "date-invalid",
  "serial-invalid",
  "length-mismatch",
  "planned-units",
  "status-unknown",
  "vintage-outside-period",
  "code-invalid",
  "repeated",
  "overlap",
  "beyond-issued",
  "beyond-verified",
  "period-overlap",
  "not-held",
  "project-conflict",
  "batch-conflict",
] as const;

export type RefusalCode = (typeof REFUSAL_CODES)[number];

const MILLISECONDS_PER_DAY = 86_400_000;
const MAX_TONNES = 2n ** 40n - 1n;

/** Whole tonnes, at least 1; thousands may be set apart by commas, as in "155,435". @throws RowRefusal */
export function quantityOf(text: string, column: string): bigint {
  const isGrouped = /^\d{1,3}(,\d{3})+$/.test(text);
  if (!isGrouped && !/^\d{1,15}$/.test(text)) {
    throw new RowRefusal("quantity-invalid", `${column} is ${quoted(text)}: not a whole number of tonnes.`);
  }
  const tonnes = BigInt(text.replaceAll(",", ""));
  if (tonnes < 1n || tonnes > MAX_TONNES) {
    throw new RowRefusal("quantity-invalid", `${column} is ${quoted(text)}: must be from 1 to ${MAX_TONNES}.`);
  }
  return tonnes;
}

/** Days since 1970-01-01 of `YYYY-MM-DD`, with or without a time after it. @throws RowRefusal */
export function dayOf(text: string, column: string): number {
  const match = /^(\d{4})-(\d{2})-(\d{2})(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:\d{2})?)?$/.exec(text);
  return dayOfParts(match, text, column);
}

/** Days since 1970-01-01 of `MM/DD/YYYY`. @throws RowRefusal */
export function americanDayOf(text: string, column: string): number {
  const match = /^(\d{1,2})\/(\d{1,2})\/(\d{4})$/.exec(text);
  return dayOfParts(match === null ? null : ["", match[3], match[1], match[2]], text, column);
}

/** Days since 1970-01-01 of `ddmmyyyy`, as serial numbers of Verra have it. @throws RowRefusal */
export function serialDayOf(text: string): number {
  const match = /^(\d{2})(\d{2})(\d{4})$/.exec(text);
  return dayOfParts(match === null ? null : ["", match[3], match[2], match[1]], text, "The serial number's date");
}

function dayOfParts(parts: readonly (string | undefined)[] | null, text: string, column: string): number {
  const [, year, month, day] = (parts ?? []).map(Number);
  // Made when it is needed: to make an error takes longer than all the rest of reading a row.
  const refusal = (): RowRefusal =>
    new RowRefusal("date-invalid", `${column} is ${quoted(text)}: not a day of the calendar.`);
  if (year === undefined || month === undefined || day === undefined) throw refusal();
  const time = Date.UTC(year, month - 1, day);
  const number = time / MILLISECONDS_PER_DAY;
  const back = new Date(time);
  const isSame = back.getUTCMonth() === month - 1 && back.getUTCDate() === day;
  if (!isSame || number < 1 || year > 2_200) throw refusal();
  return number;
}

/** @throws RowRefusal when the text is no year from 1970 on */
export function yearOf(text: string, column: string): number {
  if (!/^(19[7-9]\d|2[01]\d\d)$/.test(text)) {
    throw new RowRefusal("date-invalid", `${column} is ${quoted(text)}: not a year.`);
  }
  return Number(text);
}

export function yearOfDay(day: number): number {
  return Number(isoDay(day).slice(0, 4));
}

/** First and last day of a year. */
export function daysOfYear(year: number): { readonly start: number; readonly end: number } {
  return {
    // Day 0 stands for "none" in the contract, so that 1970 begins a day late.
    start: Math.max(1, Date.UTC(year, 0, 1) / MILLISECONDS_PER_DAY),
    end: Date.UTC(year, 11, 31) / MILLISECONDS_PER_DAY,
  };
}

/** For messages: short, and with nothing that a terminal would act on. */
export function quoted(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text);
}

/** At most so many bytes of UTF-8, cut between characters. */
export function cut(text: string, bytes: number): string {
  if (Buffer.byteLength(text) <= bytes) return text;
  let kept = "";
  let used = Buffer.byteLength("…");
  for (const character of text) {
    used += Buffer.byteLength(character);
    if (used > bytes) break;
    kept += character;
  }
  return `${kept}…`;
}
