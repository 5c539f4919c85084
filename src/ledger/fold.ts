import { ZERO_ADDRESS } from "../chain/event-types.js";
import type { EventName, LedgerEvent } from "../chain/event-types.js";
import type { Session } from "../db/connection.js";
import { cashAccountsOf, cashFolds } from "./fold-cash.js";
import { exchangeFolds, positionsOf } from "./fold-exchange.js";
import { participantFolds } from "./fold-participants.js";
import { registryFolds, registryKeysOf } from "./fold-registry.js";
import { retirementFolds } from "./fold-retirements.js";
import { FoldState } from "./fold-state.js";
import { rangeOf, unitFolds } from "./fold-units.js";
import { inTurn } from "./in-turn.js";
import type { Key } from "./row-cache.js";
import type { RowMemory } from "./row-memory.js";
import type { TouchedRange } from "./serial-cache.js";

/** Every event that changes the read model. The others are kept in `events` only. */
const FOLDS = {
  ...participantFolds,
  ...registryFolds,
  ...unitFolds,
  ...retirementFolds,
  ...cashFolds,
  ...exchangeFolds,
};

/**
 * What events find in the derived tables. To be called inside a pipeline, with whole blocks, in chain order.
 * @param timestamps Unix time of each block that has an event.
 * @param memory What is known of the rows before, and afterwards.
 */
export async function readState(
  session: Session,
  events: readonly LedgerEvent[],
  timestamps: ReadonlyMap<bigint, bigint>,
  memory?: RowMemory,
): Promise<FoldState> {
  const state = new FoldState(session, timestamps, memory);
  await prefetch(state, events);
  return state;
}

/**
 * Applies the events that the state was read for to the derived tables.
 * @param beside What is to be written beside them: the database is busy with it while the events are folded.
 * @throws FoldError when an event contradicts what the tables say.
 */
export async function foldEvents(
  state: FoldState,
  events: readonly LedgerEvent[],
  beside: readonly Write[] = [],
): Promise<void> {
  await inTurn([...beside, () => foldInto(state, events)]);
}

async function foldInto(state: FoldState, events: readonly LedgerEvent[]): Promise<void> {
  for (const event of events) {
    state.beginBlock(event.blockNumber);
    const fold = (FOLDS as Partial<Record<EventName, Fold>>)[event.name];
    await fold?.(state, event);
  }
  await state.flush();
}

type Write = () => Promise<void>;
type Fold = (state: FoldState, event: LedgerEvent) => Promise<void> | void;

/** Reads in bulk what the frequent events touch; what the rare ones touch is read when they come. */
async function prefetch(state: FoldState, events: readonly LedgerEvent[]): Promise<void> {
  const holdings: Key<"holdings">[] = [];
  const batches = new Set<string>();
  const serials: TouchedRange[] = [];
  const balances: Key<"cash_balances">[] = [];
  const positions: Key<"exchange_positions">[] = [];
  for (const event of events) {
    const { name, args } = event;
    balances.push(...cashAccountsOf(event).map((account) => ({ account })));
    positions.push(...positionsOf(event));
    if (name === "BlocksMoved") {
      for (const account of [args.from, args.to]) {
        if (account !== ZERO_ADDRESS) holdings.push({ account, batch_code: args.batchId });
      }
      if (args.from !== ZERO_ADDRESS) batches.add(args.batchId);
      for (const block of args.blocks) serials.push({ batch: args.batchId, ...rangeOf(block) });
    } else if (name === "TradeSettled") {
      batches.add(args.batchId);
    }
  }
  const registry = registryKeysOf(events);
  for (const code of registry.batches) batches.add(code);
  await Promise.all([
    state.rows.projects.prefetch(registry.projects.map((code) => ({ code }))),
    state.rows.statements.prefetch(registry.statements.map((id) => ({ id }))),
    state.rows.issuances.prefetch(registry.issuances.map((id) => ({ id }))),
    state.rows.holdings.prefetch(holdings),
    state.rows.batches.prefetch([...batches].map((code) => ({ code }))),
    state.rows.cash_balances.prefetch(balances),
    state.rows.exchange_positions.prefetch(positions),
    state.serials.load(serials),
  ]);
}
