import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { createCalendar, type CalendarData } from "../../../src/instruments/calendar.js";
import { CALENDAR_NAMES, calendarOf } from "../../../src/instruments/calendars.js";
import vietnam from "../../../src/instruments/vietnam.json" with { type: "json" };

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** An instant by the clocks of Ho Chi Minh City. */
const local = (text: string): number => Date.parse(`${text}:00+07:00`);
const instants = fc.integer({ min: local("2025-12-01T00:00"), max: local("2028-02-01T00:00") });

describe("the Vietnamese calendar", () => {
  const calendar = calendarOf("vietnam");

  it.each([
    ["2026-06-29T08:59", false],
    ["2026-06-29T09:00", true],
    ["2026-06-29T11:29", true],
    ["2026-06-29T11:30", false],
    ["2026-06-29T12:59", false],
    ["2026-06-29T13:00", true],
    ["2026-06-29T14:44", true],
    ["2026-06-29T14:45", false],
    ["2026-06-27T10:00", false],
    ["2026-06-28T10:00", false],
  ])("on %s it is open: %s", (at, isOpen) => expect(calendar.isOpenAt(local(at))).toBe(isOpen));

  it("opens and closes to the millisecond", () => {
    expect(calendar.isOpenAt(local("2026-06-29T09:00") - 1)).toBe(false);
    expect(calendar.isOpenAt(local("2026-06-29T11:30") - 1)).toBe(true);
  });

  it.each([
    "2026-01-01",
    "2026-02-16",
    "2026-02-20",
    "2026-04-27",
    "2026-04-30",
    "2026-05-01",
    "2026-08-31",
    "2026-09-02",
    "2027-01-01",
    "2027-02-05",
    "2027-02-11",
    "2027-04-16",
    "2027-04-30",
    "2027-05-03",
    "2027-09-02",
    "2027-09-03",
  ])("has %s off", (day) => expect(calendar.isTradingDay(day)).toBe(false));

  it.each([
    "2026-02-13",
    "2026-02-23",
    "2026-04-28",
    "2026-08-28",
    "2026-09-03",
    "2027-02-04",
    "2027-02-12",
    "2027-09-01",
  ])("trades on %s", (day) => expect(calendar.isTradingDay(day)).toBe(true));

  it("does not open in a year whose holidays it does not know", () => {
    expect(calendar.isOpenAt(local("2028-01-04T10:00"))).toBe(false);
    expect(calendar.nextOpen(local("2028-01-04T10:00"))).toBeNull();
    expect(calendar.nextOpen(local("2020-01-01T10:00"))).toBe(local("2026-01-02T09:00"));
  });

  it("has, for every holiday on a weekend that the law moves, a day off in its place", () => {
    const days = new Set(vietnam.holidays.map(({ day }) => day));
    for (const day of ["2026-04-26", "2027-02-06", "2027-05-01"]) expect(days).toContain(day);
    for (const day of ["2026-04-27", "2027-02-10", "2027-02-11", "2027-05-03"]) expect(days).toContain(day);
  });

  it("skips a holiday, a weekend and the noon break", () => {
    expect(calendar.nextOpen(local("2026-04-24T14:45"))).toBe(local("2026-04-28T09:00"));
    expect(calendar.nextOpen(local("2026-06-29T11:30"))).toBe(local("2026-06-29T13:00"));
    expect(calendar.nextClose(local("2026-06-29T11:30"))).toBe(local("2026-06-29T14:45"));
    expect(calendar.nextClose(local("2026-06-29T11:29"))).toBe(local("2026-06-29T11:30"));
    expect(calendar.tradingDayOf(local("2026-06-29T12:00"))).toBe("2026-06-29");
    expect(calendar.tradingDayOf(local("2026-06-29T14:45"))).toBe("2026-06-30");
    expect(calendar.tradingDayBefore("2026-02-23")).toBe("2026-02-13");
    expect(calendar.tradingDayBefore("2028-06-01")).toBe("2027-12-31");
    expect(calendar.tradingDayBefore("2026-01-02")).toBeNull();
  });

  it("counts days from the local midnight", () => {
    expect(calendar.dayOf(Date.parse("2026-06-28T16:59:59.999Z"))).toBe("2026-06-28");
    expect(calendar.dayOf(Date.parse("2026-06-28T17:00:00Z"))).toBe("2026-06-29");
    expect(calendar.startOf("2026-06-29")).toBe(Date.parse("2026-06-28T17:00:00Z"));
  });

  it("has twelve weekdays off in 2026, as many as the exchanges announced", () => {
    const days = Array.from({ length: 365 }, (_, i) => calendar.dayOf(local("2026-01-01T00:00") + i * DAY));
    const weekdays = days.filter((day) => ![0, 6].includes(new Date(day).getUTCDay()));
    const off = vietnam.holidays.filter(({ day }) => weekdays.includes(day) && day < "2027");
    expect(days.filter((day) => calendar.isTradingDay(day))).toHaveLength(weekdays.length - off.length);
    expect(off).toHaveLength(12);
  });
});

describe.each(CALENDAR_NAMES)("the calendar %s", (name) => {
  const calendar = calendarOf(name);

  it("is open at its next opening, and not between now and then", () => {
    fc.assert(
      fc.property(instants, fc.nat(), (at, part) => {
        const open = calendar.nextOpen(at);
        if (open === null) return;
        expect(open).toBeGreaterThanOrEqual(at);
        expect(calendar.isOpenAt(open)).toBe(true);
        if (open > at) expect(calendar.isOpenAt(at + (part % (open - at)))).toBe(false);
        expect(open === at).toBe(calendar.isOpenAt(at));
      }),
    );
  });

  it("ends a session at its next close, and is open just before", () => {
    fc.assert(
      fc.property(instants, (at) => {
        const close = calendar.nextClose(at);
        if (close === null) return;
        expect(close).toBeGreaterThan(at);
        expect(calendar.isOpenAt(close - 1)).toBe(true);
        expect(calendar.nextClose(close - 1)).toBe(close);
      }),
    );
  });

  it("agrees with itself on days", () => {
    fc.assert(
      fc.property(instants, (at) => {
        const day = calendar.dayOf(at);
        expect(at - calendar.startOf(day)).toBeGreaterThanOrEqual(0);
        expect(at - calendar.startOf(day)).toBeLessThan(DAY);
        if (calendar.isOpenAt(at)) expect(calendar.tradingDayOf(at)).toBe(day);
        expect(calendar.sessionsOf(day).some(({ from, to }) => at >= from && at < to)).toBe(calendar.isOpenAt(at));
        const before = calendar.tradingDayBefore(day);
        if (before !== null) expect(before < day && calendar.isTradingDay(before)).toBe(true);
      }),
    );
  });
});

describe("a calendar that contradicts itself", () => {
  const data: CalendarData = vietnam;

  it.each([
    [
      "overlapping sessions",
      {
        sessions: [
          { from: "09:00", to: "11:30" },
          { from: "11:00", to: "12:00" },
        ],
      },
    ],
    ["a session that ends before it begins", { sessions: [{ from: "11:30", to: "09:00" }] }],
    ["no session", { sessions: [] }],
    ["a time that is none", { sessions: [{ from: "9:00", to: "11:30" }] }],
    ["a day that is none", { holidays: [{ day: "2026-02-30", name: "" }] }],
  ])("is refused: %s", (_, change) => expect(() => createCalendar({ ...data, ...change })).toThrow(RangeError));

  it("is not found by a name that none has", () => expect(() => calendarOf("toString")).toThrow(RangeError));
});
