import { isoDay, MAX_DAY } from "../../chain/codes.js";

/** A day as `YYYY-MM-DD`; days after 9999-12-31, which a holder may well write into a record, as their number. */
export function dayText(day: bigint): string {
  return day <= MAX_DAY ? isoDay(day) : `day ${day}`;
}

/** The first second of a day, as Unix time. `iso` is `YYYY-MM-DD`, checked by the caller; days are counted in UTC. */
export function dayStart(iso: string): bigint {
  return BigInt(Date.parse(`${iso}T00:00:00Z`)) / 1000n;
}

/** The last second of a day, as Unix time. */
export function dayEnd(iso: string): bigint {
  return dayStart(iso) + 86_399n;
}
