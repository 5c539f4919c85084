/**
 * When a market is open, as a pure function of data. Instants are Unix milliseconds; days and times of day are local. A calendar has a
 * fixed distance from UTC: Vietnam (Asia/Ho_Chi_Minh) is seven hours ahead the whole year and has no summer time, so no time-zone
 * database is needed.
 */

/** A calendar as it is written down. */
export interface CalendarData {
  readonly name: string;
  readonly title: string;
  /** Local time minus UTC. */
  readonly utcOffsetMinutes: number;
  /** 0 is Sunday. */
  readonly weekdays: readonly number[];
  /** Local times of day, `HH:MM`, in order and apart; `to` is the first minute that is closed, `24:00` at the latest. */
  readonly sessions: readonly { readonly from: string; readonly to: string }[];
  /** Local days between which the holidays are known, both inclusive. Outside, the market is closed: nobody has said that it opens. */
  readonly knownFrom: string;
  readonly knownTo: string;
  readonly sources: readonly string[];
  readonly holidays: readonly { readonly day: string; readonly name: string }[];
}

/** Open from `from`, closed from `to` on. */
export interface Session {
  readonly from: number;
  readonly to: number;
}

export interface TradingCalendar {
  readonly name: string;
  readonly title: string;
  readonly utcOffsetMinutes: number;
  isOpenAt(at: number): boolean;
  /** The local day of an instant, `YYYY-MM-DD`, whether it is traded on or not. */
  dayOf(at: number): string;
  /** First instant of a local day. */
  startOf(day: string): number;
  isTradingDay(day: string): boolean;
  /** Opening hours of a local day; none on a day without trading. */
  sessionsOf(day: string): readonly Session[];
  /** The first instant from `at` on at which the market is open: `at` itself when it is. Null when the calendar knows of none. */
  nextOpen(at: number): number | null;
  /** The first instant after `at` at which a session ends. Null when the calendar knows of none. */
  nextClose(at: number): number | null;
  /** The day whose trading is under way or comes next: that of `at`, unless its last session has ended. Null when there is none. */
  tradingDayOf(at: number): string | null;
  /** The last trading day before a day. Null when the calendar knows of none. */
  tradingDayBefore(day: string): string | null;
}

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

/** @throws RangeError when the data contradict themselves */
export function createCalendar(data: CalendarData): TradingCalendar {
  const offset = data.utcOffsetMinutes * MINUTE;
  const sessions = data.sessions.map(({ from, to }) => ({ from: millisecondsOf(from), to: millisecondsOf(to) }));
  checkSessions(data.name, sessions);
  const holidays = new Set(data.holidays.map(({ day }) => checkedDay(day)));
  const weekdays = new Set(data.weekdays);
  const [first, last] = [checkedDay(data.knownFrom), checkedDay(data.knownTo)];

  const startOf = (day: string): number => Date.parse(`${day}T00:00:00Z`) - offset;
  /** The day that was asked for last: every order asks for the same one. */
  let known = { name: "", from: 0, to: 0 };
  const dayOf = (at: number): string => {
    if (at >= known.from && at < known.to) return known.name;
    const name = new Date(at + offset).toISOString().slice(0, 10);
    known = { name, from: startOf(name), to: startOf(name) + DAY };
    return name;
  };
  const isTradingDay = (day: string): boolean => {
    if (day < first || day > last || holidays.has(day)) return false;
    return weekdays.has(new Date(`${day}T00:00:00Z`).getUTCDay());
  };
  const sessionsOf = (day: string): Session[] => {
    if (!isTradingDay(day)) return [];
    const start = startOf(day);
    return sessions.map(({ from, to }) => ({ from: start + from, to: start + to }));
  };
  /** The first session that ends after `at`. */
  function sessionAfter(at: number): Session | null {
    const earliest = Math.max(at, startOf(first));
    for (let start = startOf(dayOf(earliest)); dayOf(start) <= last; start += DAY) {
      const session = sessionsOf(dayOf(start)).find(({ to }) => to > at);
      if (session !== undefined) return session;
    }
    return null;
  }

  /** The session that an instant was found to be in last. */
  let current: Session | undefined;
  function isOpenAt(at: number): boolean {
    const isWithin = ({ from, to }: Session): boolean => at >= from && at < to;
    if (current === undefined || !isWithin(current)) current = sessionsOf(dayOf(at)).find(isWithin);
    return current !== undefined;
  }

  return {
    name: data.name,
    title: data.title,
    utcOffsetMinutes: data.utcOffsetMinutes,
    dayOf,
    startOf,
    isTradingDay,
    sessionsOf,
    isOpenAt,
    nextOpen(at) {
      const session = sessionAfter(at);
      return session === null ? null : Math.max(session.from, at);
    },
    nextClose: (at) => sessionAfter(at)?.to ?? null,
    tradingDayOf(at) {
      const session = sessionAfter(at);
      return session === null ? null : dayOf(session.from);
    },
    tradingDayBefore(day) {
      const latest = day > last ? startOf(last) + DAY : startOf(day);
      for (let start = latest - DAY; dayOf(start) >= first; start -= DAY) {
        if (isTradingDay(dayOf(start))) return dayOf(start);
      }
      return null;
    },
  };
}

function checkSessions(name: string, sessions: readonly Session[]): void {
  let end = -1;
  for (const { from, to } of sessions) {
    if (from <= end || to <= from || to > DAY)
      throw new RangeError(`Calendar ${name}: its sessions overlap or are out of order.`);
    end = to;
  }
  if (sessions.length === 0) throw new RangeError(`Calendar ${name} has no session.`);
}

function millisecondsOf(time: string): number {
  const minutes = /^(?:[01]\d|2[0-3]):[0-5]\d$|^24:00$/.test(time) ? Date.parse(`1970-01-01T${time}:00Z`) : Number.NaN;
  if (Number.isNaN(minutes)) throw new RangeError(`Not a time of day: ${time}`);
  return minutes;
}

function checkedDay(day: string): string {
  const at = Date.parse(`${day}T00:00:00Z`);
  if (Number.isNaN(at) || new Date(at).toISOString().slice(0, 10) !== day) throw new RangeError(`Not a day: ${day}`);
  return day;
}
