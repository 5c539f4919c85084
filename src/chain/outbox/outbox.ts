import { sql } from "kysely";

import type { Lane } from "../../db/inbox-tables.js";
import { createResultReader } from "./results.js";
import { institutionLane, isInstitutionLane } from "./institution-lane.js";
import { intentsLane } from "./intents-lane.js";
import { runLane, type LaneRules, type LaneRunner } from "./lane.js";
import { createChainFacts } from "./chain-facts.js";
import { createOutboxMetrics, laneKind } from "./metrics.js";
import { DEFAULT_SETTINGS, type OutboxContext, type OutboxOptions } from "./ports.js";
import { rawLane } from "./raw-lane.js";
import { recoverLost } from "./recover.js";
import { settlementLane } from "./settlement-lane.js";
import { createSettlements, type QueuedTrade, type Settlements } from "./settlements.js";
import { createTurns } from "./turns.js";
import { createWake } from "./wake.js";
import { createWitness } from "./witness.js";

/** The only sender of transactions: takes accepted operations, and follows each to its end. See `LaneRules` for what a crash may do. */
export interface Outbox {
  /** Takes up what an earlier run left, then what is accepted. Returns at once; works while the chain is away too, by waiting for it. */
  start(): void;
  /** There is something new in this lane. Call it after the intake has committed. */
  kick(lane: Lane): void;
  /** These trades were committed now, to be settled in this order. */
  offer(trades: readonly QueuedTrade[]): void;
  /** Ends after what is under way: nothing is lost, the next start goes on. */
  stop(): Promise<void>;
}

export function createOutbox(options: OutboxOptions): Outbox {
  const stopping = new AbortController();
  const kicked = new Set<Lane>();
  const wake = createWake();
  let running: Promise<void> | undefined;
  let runners: Map<Lane, LaneRunner> | undefined;
  const settlements = createSettlements(options.db);

  function kick(lane: Lane): void {
    const runner = runners?.get(lane);
    if (runner !== undefined) {
      runner.kick();
      return;
    }
    kicked.add(lane);
    wake.notify();
  }

  return {
    start() {
      running ??= run({ ...options, settlements }, stopping.signal, {
        started: (map) => (runners = map),
        sleep: (milliseconds) => wake.sleep(milliseconds, stopping.signal),
        takeKicked: () => {
          const lanes = [...kicked];
          kicked.clear();
          return lanes;
        },
      });
    },
    kick,
    offer(trades) {
      settlements.offer(trades);
      kick("settlement");
    },
    async stop() {
      stopping.abort();
      await running;
    },
  };
}

type InternalOptions = OutboxOptions & { readonly settlements: Settlements };

interface Desk {
  started(runners: Map<Lane, LaneRunner>): void;
  sleep(milliseconds: number): Promise<void>;
  takeKicked(): Lane[];
}

async function run(options: InternalOptions, signal: AbortSignal, desk: Desk): Promise<void> {
  const context = await reachContext(options, signal, desk);
  if (context === null) return;
  const reader = createResultReader(context.addresses);
  const runners = new Map<Lane, LaneRunner>();
  const rulesOf = (lane: Lane): LaneRules => {
    if (isInstitutionLane(lane)) return institutionLane(context, lane, reader);
    if (lane === "settlement") return settlementLane(context);
    return lane === "raw" ? rawLane(context, reader) : intentsLane(context, reader);
  };
  const wakeLane = (lane: Lane): void => {
    const runner = runners.get(lane);
    if (runner === undefined) runners.set(lane, runLane(context, reader, rulesOf(lane)));
    else runner.kick();
  };
  desk.started(runners);

  // Looks for work that nobody announced: left by an earlier run, or accepted by another process.
  while (!signal.aborted) {
    try {
      for (const lane of [...desk.takeKicked(), ...(await survey(context, runners))]) wakeLane(lane);
      await desk.sleep(context.settings.pollMs * 2);
    } catch (error) {
      context.logger.warn({ err: error }, "The database is away: the outbox waits for it");
      await desk.sleep(context.settings.maxRetryMs);
    }
  }
  await Promise.all([...runners.values()].map((runner) => runner.done));
}

/** Waits until the chain tells its id and what it has lost is given back to it. Null when the outbox stops before. */
async function reachContext(options: InternalOptions, signal: AbortSignal, desk: Desk): Promise<OutboxContext | null> {
  const settings = { ...DEFAULT_SETTINGS, ...options.settings };
  const metrics = options.metrics ?? createOutboxMetrics();
  const witness = createWitness();
  let pause = settings.retryMs;
  while (!signal.aborted) {
    try {
      const chainId = await options.connection.chainId();
      const context = {
        ...options,
        onSettled: options.onSettled ?? (() => undefined),
        settings,
        metrics,
        chainId,
        turns: createTurns(),
        facts: createChainFacts(options.connection),
        witness,
        signal,
      };
      await recoverLost(context);
      const unsubscribe = options.projector.onAdvance(witness.tell);
      signal.addEventListener("abort", unsubscribe, { once: true });
      return context;
    } catch (error) {
      options.logger.warn({ err: error, retryInMs: pause }, "The outbox cannot start yet");
      await desk.sleep(pause);
      pause = Math.min(pause * 2, settings.maxRetryMs);
    }
  }
  return null;
}

/** Counts what is open, and names the lanes that have work. */
async function survey(context: OutboxContext, runners: ReadonlyMap<Lane, LaneRunner>): Promise<Lane[]> {
  const queues = await context.db
    .selectFrom("operations")
    .select(["lane", sql<bigint>`count(*)`.as("queued"), sql<Date>`min(created_at)`.as("oldest")])
    .where("status", "=", sql.lit("accepted"))
    .groupBy("lane")
    .execute();
  const trades = await context.settlements.queue();
  if (trades.oldest !== null) queues.push({ lane: "settlement", queued: BigInt(trades.length), oldest: trades.oldest });
  const followed = await context.db
    .selectFrom("transactions")
    .select("lane")
    .distinct()
    .where("status", "=", sql.lit("signed"))
    .execute();

  const { metrics } = context;
  for (const gauge of [metrics.queued, metrics.oldestSeconds, metrics.inFlight]) gauge.reset();
  const oldest = new Map<string, number>();
  for (const queue of queues) {
    const kind = laneKind(queue.lane);
    metrics.queued.inc({ lane: kind }, Number(queue.queued));
    oldest.set(kind, Math.max(oldest.get(kind) ?? 0, (Date.now() - queue.oldest.getTime()) / 1000));
  }
  for (const [lane, seconds] of oldest) metrics.oldestSeconds.set({ lane }, seconds);
  for (const [lane, runner] of runners) metrics.inFlight.inc({ lane: laneKind(lane) }, runner.inFlight());

  const unfollowed = followed.map((row) => row.lane).filter((lane) => !runners.has(lane));
  return [...new Set([...queues.map((queue) => queue.lane), ...unfollowed])];
}
