/**
 * The short forms that the contracts use for codes, days and countries, and their way back.
 *
 * Every pair here is exact: what one function accepts, its inverse returns unchanged, and anything else is an error that carries the
 * refused value. People and databases see the readable form only; the chain sees the word only.
 */

/** A code, day or country that has no form on the other side. `value` is what was refused. */
export class CodeError extends Error {
  readonly value: string;

  constructor(what: string, value: string) {
    super(`${what}: ${JSON.stringify(value)}`);
    this.name = "CodeError";
    this.value = value;
  }
}

/** What a code looks like: 1 to 31 of `A-Z 0-9 - .` (see `IRegistry`). 31, so that every word ends in a zero byte. */
export const CODE_PATTERN = /^[A-Z0-9.-]{1,31}$/;

/** The last day that `isoDay` can write with a four-digit year: 9999-12-31. */
export const MAX_DAY = 2_932_896;

const WORD_PATTERN = /^0x[0-9a-fA-F]{64}$/;
const DAY_PATTERN = /^(\d{4})-(\d{2})-(\d{2})$/;
const COUNTRY_PATTERN = /^[A-Z]{2}$/;
const MILLISECONDS_PER_DAY = 86_400_000;
const WORD_LIMIT = 1n << 256n;
const NO_COUNTRY = "0x0000";

/** The left-aligned 32-byte word of a code, as lower-case hex. */
export function encodeCode(code: string): string {
  if (!CODE_PATTERN.test(code)) throw new CodeError("Not a code (1 to 31 of A-Z 0-9 - .)", code);
  return `0x${asciiToHex(code).padEnd(64, "0")}`;
}

/** The code in a 32-byte word. Inverse of `encodeCode`. */
export function decodeCode(word: string): string {
  if (!WORD_PATTERN.test(word)) throw new CodeError("Not a 32-byte word", word);
  const code = hexToAscii(word.slice(2).replace(/(?:00)+$/, ""));
  if (code === undefined || !CODE_PATTERN.test(code)) throw new CodeError("No code in the word", word);
  return code;
}

/** The ERC-1155 id of a batch: the word of its code, read as a number. */
export function batchIdOf(code: string): bigint {
  let id = batchIds.get(code);
  if (id === undefined) {
    id = BigInt(encodeCode(code));
    if (batchIds.size === MOST_BATCH_IDS) batchIds.clear();
    batchIds.set(code, id);
  }
  return id;
}

/** The same few batches are traded all the time. */
const batchIds = new Map<string, bigint>();
const MOST_BATCH_IDS = 1_000;

/** The code of a batch. Inverse of `batchIdOf`. */
export function codeOfBatchId(batchId: bigint): string {
  if (batchId < 0n || batchId >= WORD_LIMIT) throw new CodeError("Not a batch id", batchId.toString());
  return decodeCode(`0x${batchId.toString(16).padStart(64, "0")}`);
}

/** Days since 1970-01-01 of a day written `YYYY-MM-DD`. Refuses days that the calendar does not have, and days before 1970. */
export function dayNumber(iso: string): number {
  const match = DAY_PATTERN.exec(iso);
  if (match === null) throw new CodeError("Not a day (YYYY-MM-DD)", iso);
  const milliseconds = Date.parse(`${iso}T00:00:00Z`);
  // Date.parse accepts 2026-02-30 in some engines and rolls it over; writing the day back tells.
  if (Number.isNaN(milliseconds) || milliseconds < 0) throw new CodeError("Not a day from 1970-01-01 on", iso);
  const day = milliseconds / MILLISECONDS_PER_DAY;
  if (isoDay(day) !== iso) throw new CodeError("Not a day of the calendar", iso);
  return day;
}

/** The day, as `YYYY-MM-DD`, of a number of days since 1970-01-01. Inverse of `dayNumber`. */
export function isoDay(day: number | bigint): string {
  const number = Number(day);
  if (!Number.isInteger(number) || number < 0 || number > MAX_DAY) throw new CodeError("Not a day number", String(day));
  return new Date(number * MILLISECONDS_PER_DAY).toISOString().slice(0, 10);
}

/** The two bytes of an ISO 3166-1 alpha-2 country, as hex; `null` (not stated) is `0x0000`. */
export function encodeCountry(country: string | null): string {
  if (country === null) return NO_COUNTRY;
  if (!COUNTRY_PATTERN.test(country)) throw new CodeError("Not a country (two capitals)", country);
  return `0x${asciiToHex(country)}`;
}

/** The country in two bytes, or `null`. Inverse of `encodeCountry`. */
export function decodeCountry(bytes: string): string | null {
  if (bytes === NO_COUNTRY) return null;
  const country = /^0x[0-9a-fA-F]{4}$/.test(bytes) ? hexToAscii(bytes.slice(2)) : undefined;
  if (country === undefined || !COUNTRY_PATTERN.test(country)) throw new CodeError("Not a country", bytes);
  return country;
}

function asciiToHex(text: string): string {
  let hex = "";
  for (let i = 0; i < text.length; i++) hex += text.charCodeAt(i).toString(16).padStart(2, "0");
  return hex;
}

/** `undefined` when a byte is not printable ASCII. */
function hexToAscii(hex: string): string | undefined {
  let text = "";
  for (let i = 0; i < hex.length; i += 2) {
    const byte = Number.parseInt(hex.slice(i, i + 2), 16);
    if (byte < 0x20 || byte > 0x7e) return undefined;
    text += String.fromCharCode(byte);
  }
  return text;
}
