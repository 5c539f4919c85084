import { isoDay, MAX_DAY } from "../../chain/codes.js";

/** Days that were told lately: histories have many records of few days, and the calendar is slow. */
const known = new Map<bigint, string>();
const MOST_KNOWN = 10_000;

/** A day as `YYYY-MM-DD`; days after 9999-12-31, which a holder may well write into a record, as their number. */
export function dayText(day: bigint): string {
  const told = known.get(day);
  if (told !== undefined) return told;
  const text = day <= MAX_DAY ? isoDay(day) : `day ${day}`;
  if (known.size >= MOST_KNOWN) known.clear();
  known.set(day, text);
  return text;
}

/** The first second of a day, as Unix time. `iso` is `YYYY-MM-DD`, checked by the caller; days are counted in UTC. */
export function dayStart(iso: string): bigint {
  return BigInt(Date.parse(`${iso}T00:00:00Z`)) / 1000n;
}

/** The last second of a day, as Unix time. */
export function dayEnd(iso: string): bigint {
  return dayStart(iso) + 86_399n;
}
