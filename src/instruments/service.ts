import type { ExchangeCalls } from "../chain/exchange-calls.js";
import type { LedgerEvent } from "../chain/event-types.js";
import type { Db } from "../db/connection.js";
import type { MarketActKind } from "../db/instrument-tables.js";
import { Problem } from "../errors.js";
import type { Asker, Institution } from "../institution.js";
import type { Page, PageRequest } from "../ledger/read/page.js";
import { findBatch } from "../ledger/read/registry.js";
import type { Clock, InstrumentKind, MarketFeed, MarketRules } from "../market/ports.js";
import type { KeyHolder, Principal } from "../principal.js";
import { refuseUnlessUnsettled } from "../refusal.js";
import type { TradingCalendar } from "./calendar.js";
import { calendarOf, type CalendarName } from "./calendars.js";
import {
  bandAt,
  createMarkets,
  referenceAt,
  type MarketDefinition,
  type PriceBand,
  type PricePoint,
} from "./markets.js";
import {
  allListed,
  closesOf,
  definitionsOf,
  findListed,
  lastPrice,
  matchedAt,
  pageOfDecisions,
  pageOfListed,
  saveDecision,
  setReferences,
  type DecisionView,
  type ListedInstrument,
} from "./store.js";

export interface InstrumentsDeps {
  readonly db: Db;
  readonly institution: Pick<Institution, "act">;
  readonly calls: ExchangeCalls;
  readonly clock: Clock;
  /** Symbol of the settlement currency. */
  readonly currency: string;
}

/** What the operator decides about a market. */
export interface NewDefinition {
  readonly tick: bigint;
  readonly bandBasisPoints: number | null;
  /** Null: the reference stays what it is. */
  readonly referencePrice: bigint | null;
  readonly calendar: CalendarName;
}

/** An instrument with its market as it is at this moment. */
export interface InstrumentView extends ListedInstrument {
  readonly market: (MarketDefinition & { readonly reference: bigint | null; readonly band: PriceBand | null }) | null;
  readonly isOpen: boolean;
  readonly nextOpen: number | null;
  readonly nextClose: number | null;
}

export interface ReferenceHistory {
  /** The last price before. */
  readonly before: PricePoint | null;
  /** What the operator set, the latest first. */
  readonly sets: readonly PricePoint[];
}

export type DecisionListener = (instrument: InstrumentView) => void;

export interface Instruments {
  /** What the market asks at every order. Empty before `load`. */
  readonly rules: MarketRules;
  /** Reads what is stored. Call it before the market opens. */
  load(): Promise<void>;
  /** Resolves once what is stored is known. */
  ready(): Promise<void>;
  /** Prices follow the trades from now on. */
  follow(feed: MarketFeed): void;
  /** For the projector's changes: a listing counts as soon as it is applied. */
  advanced(advance: { readonly kind: "applied" | "rolled-back"; readonly events: readonly LedgerEvent[] }): void;
  /** Called after each decision about a market is durable. */
  onDecision(listener: DecisionListener): void;

  page(request: PageRequest): Promise<Page<InstrumentView>>;
  /** @throws Problem `not-found` */
  get(batch: string): Promise<InstrumentView>;
  /** Codes of all instruments, in order. */
  all(): string[];
  /** @throws Problem `not-found` when the batch has no market */
  calendar(batch: string): TradingCalendar;
  /** What reference prices of the days from `from` to before `to` (Unix milliseconds) come from. */
  referenceHistory(batch: string, from: number, to: number): Promise<ReferenceHistory>;
  decisions(batch: string, request: PageRequest): Promise<Page<DecisionView>>;

  /** Lists a batch on the chain. @returns the operation's id */
  list(asker: Asker, batch: string, kind: InstrumentKind): Promise<string>;
  define(principal: Principal, batch: string, definition: NewDefinition): Promise<InstrumentView>;
  halt(principal: Principal, batch: string, reason: string): Promise<InstrumentView>;
  resume(principal: Principal, batch: string, reason: string): Promise<InstrumentView>;
}

/** Instruments and the markets in them. Listing is on the chain; what the operator decides about a market is not. */
export function createInstruments(deps: InstrumentsDeps): Instruments {
  const { db, institution, calls, clock } = deps;
  const markets = createMarkets();
  const listeners: DecisionListener[] = [];
  /** Decisions are made one after the other: each builds on the one before. */
  let queue: Promise<unknown> = Promise.resolve();
  let loaded: Promise<void> | undefined;

  function viewOf(listed: ListedInstrument): InstrumentView {
    const { definition, closes } = markets.market(listed.batch) ?? {};
    if (!definition || !closes) return { ...listed, market: null, isOpen: false, nextOpen: null, nextClose: null };
    const now = clock.now();
    const { calendar, state } = definition;
    return {
      ...listed,
      market: { ...definition, reference: referenceAt(definition, closes, now), band: bandAt(definition, closes, now) },
      isOpen: state === "open" && calendar.isOpenAt(now),
      nextOpen: calendar.nextOpen(now),
      nextClose: calendar.nextClose(now),
    };
  }

  async function get(batch: string): Promise<InstrumentView> {
    await ready();
    const listed = await findListed(db, batch);
    if (listed === undefined) throw new Problem("not-found", `${batch} is not listed for trading.`);
    return viewOf(listed);
  }

  async function readCloses(batch: string): Promise<void> {
    const definition = markets.market(batch)?.definition;
    if (definition) markets.setCloses(batch, await closesOf(db, batch, definition));
  }

  /** What is matched meanwhile may not be stored yet: then it stays the last price. */
  async function correct(failedTrade: string, batch: string): Promise<void> {
    const definition = markets.market(batch)?.definition;
    if (!definition) return;
    const [stored, failedAt] = [await closesOf(db, batch, definition), await matchedAt(db, failedTrade)];
    const last = markets.market(batch)?.closes.last ?? null;
    if (last === null || failedAt === undefined || last.at <= failedAt) {
      markets.setCloses(batch, stored);
      return;
    }
    const { dayOf } = definition.calendar;
    const isNewDay = stored.last !== null && dayOf(stored.last.at) < dayOf(last.at);
    markets.setCloses(batch, { last, before: isNewDay ? stored.last : stored.before });
  }

  async function load(): Promise<void> {
    const [listed, definitions] = await Promise.all([allListed(db), definitionsOf(db)]);
    for (const { batch, kind } of listed) {
      markets.list(batch, kind);
      const definition = definitions.get(batch);
      if (definition !== undefined) markets.define(batch, definition);
    }
    for (const batch of markets.all()) await readCloses(batch);
  }

  /** What is stored is known; it is read now when nobody has done so yet. */
  function ready(): Promise<void> {
    loaded ??= load().catch((error: unknown) => {
      loaded = undefined;
      throw error;
    });
    return loaded;
  }

  /** Durable first, then in force. */
  async function decide(
    principal: Principal,
    batch: string,
    kind: MarketActKind,
    body: object,
    change: (before: MarketDefinition | null, at: Date) => MarketDefinition,
  ): Promise<InstrumentView> {
    const officer = officerOf(principal);
    const decision = queue.then(async () => {
      await ready();
      const market = markets.market(batch);
      if (market === undefined) throw new Problem("instrument-unknown", `${batch} is not listed for trading.`);
      const definition = change(market.definition, new Date(clock.now()));
      await saveDecision(db, batch, definition, { kind, officer, body });
      markets.define(batch, definition);
      if (market.definition === null) await readCloses(batch);
      const view = await get(batch);
      for (const listener of listeners) listener(view);
      return view;
    });
    queue = decision.catch(() => undefined);
    return decision;
  }

  const switchTo = (state: "open" | "halted", reason: string) => (before: MarketDefinition | null, updatedAt: Date) => {
    if (before === null)
      throw new Problem("instrument-unknown", "There is no market yet: the operator defines it first.");
    if (before.state === state) throw new Problem("market-state-unchanged", `The market is ${state} already.`);
    return { ...before, state, stateReason: reason, updatedAt };
  };

  return {
    rules: markets.rules,
    load: () => (loaded = load()),
    ready,
    get,
    all: markets.all,
    onDecision: (listener) => void listeners.push(listener),

    follow(feed) {
      feed.subscribe(({ batch, at, events }) => {
        for (const event of events) {
          if (event.type === "traded") markets.traded(batch, { price: BigInt(event.price), at });
        }
      });
      // What failed was never a price: look again at what is left.
      feed.subscribeFates(({ id, batch, status }) => {
        if (status === "failed") void correct(id, batch).catch(() => undefined);
      });
    },

    advanced({ kind, events }) {
      for (const { name, args } of events) {
        if (name === "InstrumentListed" && args.kind !== "none") markets.list(args.batchId, args.kind);
      }
      if (kind !== "rolled-back") return;
      markets.clear();
      loaded = undefined;
      void ready().catch(() => undefined);
    },

    async page(request) {
      await ready();
      const { items, next } = await pageOfListed(db, request);
      return { items: items.map(viewOf), next };
    },

    calendar(batch) {
      const definition = markets.market(batch)?.definition;
      if (!definition) throw new Problem("not-found", `There is no market in ${batch}.`);
      return definition.calendar;
    },

    async referenceHistory(batch, from, to) {
      const [before, sets] = [await lastPrice(db, batch, from), await setReferences(db, batch, to)];
      return { before, sets };
    },

    decisions: (batch, request) => pageOfDecisions(db, batch, request),

    async list(asker, batch, kind) {
      await refuseUnlessUnsettled(db, async () => {
        const evidence = { evidence: { batchId: batch } };
        if ((await findBatch(db, batch)) === null) {
          return new Problem("registry-batch-unknown", `There is no batch ${batch}.`, evidence);
        }
        if ((await findListed(db, batch)) === undefined) return undefined;
        return new Problem("exchange-instrument-listed", `${batch} is listed already.`, evidence);
      });
      const call = calls.listInstrument(batch, kind);
      return institution.act(asker, { kind: "instrument.list", call, request: { batch, kind } });
    },

    define(principal, batch, given) {
      const body = { ...given, tick: given.tick.toString(), referencePrice: given.referencePrice?.toString() ?? null };
      return decide(principal, batch, "definition", body, (before, at) => ({
        currency: deps.currency,
        tick: given.tick,
        bandBasisPoints: given.bandBasisPoints,
        referencePrice: given.referencePrice ?? before?.referencePrice ?? null,
        referenceSetAt: given.referencePrice === null ? (before?.referenceSetAt ?? null) : at.getTime(),
        calendar: calendarOf(given.calendar),
        state: before?.state ?? "open",
        stateReason: before?.stateReason ?? null,
        updatedAt: at,
      }));
    },

    halt: (principal, batch, reason) => decide(principal, batch, "halt", { reason }, switchTo("halted", reason)),
    resume: (principal, batch, reason) => decide(principal, batch, "resume", { reason }, switchTo("open", reason)),
  };
}

function officerOf(principal: Principal): KeyHolder {
  if (principal.kind === "anonymous") throw new Problem("unauthorized", "This needs an API key.");
  return principal;
}
