import { createCalendar, type CalendarData, type TradingCalendar } from "./calendar.js";
import vietnam from "./vietnam.json" with { type: "json" };

/** Day and night, without a day off: for tests, and for a pilot. Days are Vietnam's. */
const alwaysOpen: CalendarData = {
  name: "always-open",
  title: "Day and night, every day",
  utcOffsetMinutes: 420,
  weekdays: [0, 1, 2, 3, 4, 5, 6],
  sessions: [{ from: "00:00", to: "24:00" }],
  knownFrom: "1970-01-01",
  knownTo: "9999-12-30",
  sources: [],
  holidays: [],
};

/** Those that a market definition may name. */
export const CALENDAR_NAMES = ["vietnam", "always-open"] as const;
export type CalendarName = (typeof CALENDAR_NAMES)[number];

const CALENDARS: Readonly<Record<CalendarName, TradingCalendar>> = {
  vietnam: createCalendar(vietnam),
  "always-open": createCalendar(alwaysOpen),
};

/** @throws RangeError for a name that no calendar has */
export function calendarOf(name: string): TradingCalendar {
  if (Object.hasOwn(CALENDARS, name)) return CALENDARS[name as CalendarName];
  throw new RangeError(`There is no calendar ${name}.`);
}
