import type { QueuedTrade } from "../chain/outbox/settlements.js";
import type { Db } from "../db/connection.js";
import { Problem } from "../errors.js";
import type { Advance, Projector } from "../ledger/projector.js";
import type { Logger } from "../logger.js";
import type { MarketCommand, OrderFilter } from "./commands.js";
import { createTradeDesk, type HostDesk } from "./desk.js";
import { createEffectsWriter, type EffectsWriter } from "./effects.js";
import { MarketEngine, type Effects, type OrderRecord } from "./engine.js";
import { Expiries } from "./expiries.js";
import { createMarketFacts, type MarketFacts } from "./facts.js";
import { createFeed, type FeedHub } from "./feed.js";
import { appliedSeq, readLog, restoreEngine } from "./log.js";
import { needOf } from "./money.js";
import { createOrderNonces, type OrderNonces } from "./nonces.js";
import { CASH, type Clock, type MarketRules, type OrderSessions, type RemovalReason } from "./ports.js";
import { createReservations, type HostReservations } from "./reservations.js";
import { createReview } from "./review.js";
import { createWriter, type CommandWriter } from "./writer.js";

export interface MarketHostOptions {
  readonly db: Db;
  readonly projector: Pick<Projector, "onAdvance" | "waitForBlock">;
  /** The chain's head: what is known at the start must be known before anything is matched. */
  readonly head: () => Promise<bigint>;
  readonly rules: MarketRules;
  readonly clock: Clock;
  readonly logger: Pick<Logger, "info" | "warn" | "error">;
  /** Takes trades to settlement that were committed, in their order. */
  readonly offer: (trades: readonly QueuedTrade[]) => void;
  /** After how many commands the state is written down, so that a start need not read them again. */
  readonly snapshotEvery?: number;
}

/** All markets of the process: the log, the books, and what they bind. */
export interface MarketHost {
  readonly facts: MarketFacts;
  readonly nonces: OrderNonces;
  readonly reservations: HostReservations;
  readonly desk: HostDesk;
  readonly feed: FeedHub;
  readonly sessions: OrderSessions & { isOpen(session: string, participantId: number): boolean };
  /** Runs once at every start, before anything is accepted: for what others have reserved. */
  beforeOpening(restore: () => Promise<void>): void;
  /** Reads the log and opens once the chain is read. Returns at once. */
  start(): void;
  stop(): Promise<void>;
  /** Resolves once commands are taken. @throws Problem `market-unavailable` when that takes too long */
  ready(): Promise<void>;
  submit(command: MarketCommand): Promise<Effects>;
  /** Takes orders off the boards. @returns how many */
  cancelAll(filter: OrderFilter, reason: RemovalReason): Promise<number>;
  /** An order that stands on a board. */
  openByHash(hash: string): OrderRecord | undefined;
  /** A record that is younger than its row. */
  pending(hash: string): OrderRecord | undefined;
  /** Resolves once rows are as young as records. */
  flushed(): Promise<void>;
}

const SNAPSHOT_EVERY = 20_000;
/** More commands than this are not applied ahead of their rows. */
const MAX_BACKLOG = 20_000;
const TICK_MS = 500;
const RETRY_MS = 500;
const PATIENCE_MS = 10_000;

export function createMarketHost(options: MarketHostOptions): MarketHost {
  const { db, clock, logger, projector, rules } = options;
  const facts = createMarketFacts(db);
  const nonces = createOrderNonces(db);
  const reservations = createReservations(facts);
  const desk = createTradeDesk({ db, reservations, offer: options.offer });
  let engine = new MarketEngine();
  const feed = createFeed(() => engine);
  const sessions = createSessions(async (session) => {
    await cancelAll({ session }, "disconnected");
  });
  const expiries = new Expiries();
  const restores: (() => Promise<void>)[] = [];
  const stopping = new AbortController();
  let snapshotAt = 0;
  /** No open order allows less: in basis points. */
  let knownFee = 0;
  let writer: CommandWriter | undefined;
  let starting: Promise<void> | undefined;
  let timer: NodeJS.Timeout | undefined;
  const opened = Promise.withResolvers<undefined>();
  const unsubscribes: (() => void)[] = [];

  const effectsWriter: EffectsWriter = createEffectsWriter({
    db,
    logger,
    writeTrades: desk.writeNew,
    onTrades: desk.settle,
    snapshot(seq) {
      // As often as it pays: a snapshot costs as much as there are open orders.
      const every = Math.max(options.snapshotEvery ?? SNAPSHOT_EVERY, engine.openOrders);
      if (seq !== engine.seq || seq - snapshotAt < every) return undefined;
      snapshotAt = seq;
      return engine.state();
    },
  });

  const review = createReview({
    db,
    facts,
    rules,
    reservations,
    clock,
    engine: () => engine,
    submit: (command) => submit(command),
  });

  /** What follows from a command, all in the turn in which it is applied. */
  function take(effects: Effects): void {
    desk.hold(effects.trades);
    bind(effects);
    feed.tell(effects);
    effectsWriter.add(effects);
  }

  function bind({ changed, placed }: Effects): void {
    for (const record of changed) reserveFor(record);
    if (placed === null) return;
    const { account, batch, nonce } = placed.order;
    nonces.use({ account, batch }, nonce);
    if (placed.status === "open") expiries.add(placed);
  }

  function reserveFor({ order, status, filledTonnes }: OrderRecord): void {
    const amount = status === "open" ? needOf(order, order.tonnes - filledTonnes) : 0n;
    reservations.set(`order:${order.hash}`, order.account, order.side === "sell" ? order.batch : CASH, amount);
  }

  /** Orders whose time is over, and those that a new fee leaves behind. */
  function dueAt(at: number): MarketCommand[] {
    const due = expiries.take(at).map(({ number }): MarketCommand => ({ kind: "cancel", number, reason: "expired" }));
    const fee = facts.feeAt(at);
    const behind = fee > knownFee ? [...engine.records()].filter(({ order }) => order.maximumFee < fee) : [];
    // Until they have left they are looked for again: the group that takes them off may be lost.
    if (behind.length === 0) knownFee = fee;
    for (const { number } of behind) due.push({ kind: "cancel", number, reason: "fee-above-cap" });
    return due;
  }

  async function restore(): Promise<void> {
    reservations.clear();
    engine = await restoreEngine(db);
    snapshotAt = engine.seq;
    const applied = await appliedSeq(db);
    for await (const { first, at, commands } of readLog(db, engine.seq)) {
      for (const [place, command] of commands.entries()) {
        const effects = engine.apply(first + place, at, command);
        if (effects.seq > applied) effectsWriter.add(effects);
      }
    }
    await effectsWriter.flushed();
    await desk.restore();
    for (const record of engine.records()) {
      reserveFor(record);
      expiries.add(record);
    }
    for (const own of restores) await own();
    logger.info({ seq: engine.seq, openOrders: engine.openOrders }, "The markets are restored");
  }

  async function open(): Promise<void> {
    unsubscribes.push(projector.onAdvance(onAdvance), desk.onFate(onFate));
    await persistently(restore);
    writer = createWriter({
      db,
      engine,
      clock,
      logger,
      due: dueAt,
      onEffects: take,
      room: async () => {
        if (effectsWriter.backlog() > MAX_BACKLOG) await effectsWriter.flushed();
      },
    });
    await persistently(async () => {
      const head = await options.head();
      while (!stopping.signal.aborted && !(await projector.waitForBlock(head, RETRY_MS)));
    });
    await persistently(() => review.all());
    // Their streams ended with the process.
    const tied = [...engine.records()].filter(({ order }) => order.session !== null);
    await Promise.all(tied.map(({ number }) => submit({ kind: "cancel", number, reason: "disconnected" })));
    if (stopping.signal.aborted) return;
    timer = setInterval(() => writer?.tick(), TICK_MS);
    timer.unref();
    opened.resolve(undefined);
  }

  async function persistently(work: () => Promise<void>): Promise<void> {
    while (!stopping.signal.aborted) {
      try {
        await work();
        return;
      } catch (error) {
        logger.warn({ err: error }, "The markets cannot open yet");
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
    }
  }

  function onAdvance(advance: Advance): void {
    const accounts = facts.advance(advance);
    for (const { name, args } of advance.events) {
      if (name === "OrderCancelled" && args.batchId !== null)
        nonces.use({ account: args.account, batch: args.batchId }, args.nonce);
    }
    if (writer !== undefined) review.after(advance, accounts).catch(reviewFailed);
  }

  function onFate(fate: Parameters<FeedHub["tellFate"]>[0]): void {
    feed.tellFate(fate);
    review.afterFate().catch(reviewFailed);
  }

  function reviewFailed(error: unknown): void {
    if (!stopping.signal.aborted) logger.error({ err: error }, "Orders could not be held against the chain");
  }

  async function submit(command: MarketCommand): Promise<Effects> {
    if (writer === undefined) throw new Problem("market-unavailable");
    return writer.submit(command);
  }

  async function cancelAll(filter: OrderFilter, reason: RemovalReason): Promise<number> {
    const { changed } = await submit({ kind: "cancel-all", filter, reason });
    return changed.size;
  }

  return {
    facts,
    nonces,
    reservations,
    desk,
    feed,
    sessions,
    beforeOpening: (own) => void restores.push(own),
    start() {
      starting ??= open();
    },
    async stop() {
      stopping.abort();
      clearInterval(timer);
      for (const unsubscribe of unsubscribes) unsubscribe();
      await starting;
      await writer?.stop();
      await effectsWriter.stop();
    },
    async ready() {
      const late = new Promise<never>((_, reject) => {
        setTimeout(() => reject(new Problem("market-unavailable")), PATIENCE_MS).unref();
      });
      await Promise.race([opened.promise, late]);
    },
    submit,
    cancelAll,
    openByHash: (hash) => engine.openByHash(hash),
    pending: (hash) => effectsWriter.pending(hash),
    flushed: () => effectsWriter.flushed(),
  };
}

function createSessions(end: (session: string) => Promise<void>) {
  const open = new Map<string, number>();
  return {
    open: (session: string, participantId: number) => void open.set(session, participantId),
    close(session: string) {
      if (!open.delete(session)) return;
      // When the service stops, the next start ends what is left: its sessions are gone.
      end(session).catch(() => undefined);
    },
    isOpen: (session: string, participantId: number) => open.get(session) === participantId,
  };
}
