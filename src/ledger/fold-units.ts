import { ZERO_ADDRESS } from "../chain/event-types.js";
import type { LedgerEvent, LedgerEventOf, SerialBlockJson } from "../chain/event-types.js";
import type { UnitMovementKind } from "../db/audit-read-model-tables.js";
import type { TransferKind } from "../db/read-model-tables.js";
import type { Folds, FoldState } from "./fold-state.js";
import { monthOf } from "./months.js";
import { FoldError, type Row } from "./row-cache.js";
import { tonnesOf, type SerialOwner, type SerialRange } from "./serial-partition.js";

/** Movements of units and their serials, freezes, pauses, executed intents. */
export const unitFolds: Folds<
  | "BlocksMoved"
  | "ForcedTransfer"
  | "Recovered"
  | "Frozen"
  | "BatchPaused"
  | "BatchUnpaused"
  | "Paused"
  | "Unpaused"
  | "IntentExecuted"
  | "NonceRevoked"
> = {
  /**
   * The serials say it all: `TransferSingle`, right before it, has the same tonnes. A burn waits for the record that follows it in the
   * same transaction (see `fold-retirements.ts`).
   */
  async BlocksMoved(state, event) {
    const { batchId, from, to, blocks } = event.args;
    const ranges = blocks.map(rangeOf);
    const tonnes = tonnesOf(ranges);
    const memory = state.transaction(event);
    noteSerialMoves(state, event, ranges);
    if (from === ZERO_ADDRESS) {
      state.serials.issue(batchId, ranges, held(to));
      await adjustHolding(state, event, to, batchId, tonnes, "issuance", null);
      return;
    }
    if (to === ZERO_ADDRESS) {
      memory.rememberBurn(await adjustHolding(state, event, from, batchId, -tonnes, "retirement", null));
      state.serials.move(batchId, ranges, held(from), burning(from));
      return;
    }
    if (from === to) await adjustHolding(state, event, from, batchId, 0n, "transfer", to);
    else {
      await adjustHolding(state, event, from, batchId, -tonnes, "transfer", to);
      await adjustHolding(state, event, to, batchId, tonnes, "transfer", from);
    }
    state.serials.move(batchId, ranges, held(from), held(to));
    const month = monthOf(state.timestampOf(event.blockNumber));
    const project = (await state.rows.batches.get({ code: batchId }))?.project_code;
    state.rollups.count({
      subject: "transfers",
      month,
      tonnes,
      keys: { all: "", kind: "transfer", batch: batchId, project },
    });
    const id = `${event.blockNumber}-${event.logIndex}`;
    memory.rememberTransfer(batchId, from, to, id);
    state.rows.transfers.put({
      id,
      batch_code: batchId,
      from_account: from,
      to_account: to,
      tonnes,
      blocks: [...blocks],
      kind: "transfer",
      intent_hash: memory.takeIntent("transfer", from),
      block_number: event.blockNumber,
      log_index: event.logIndex,
      tx_hash: event.txHash,
      timestamp: state.timestampOf(event.blockNumber),
    });
  },

  async ForcedTransfer(state, event) {
    const { from, to, tokenId } = event.args;
    const id = state.transaction(event).lastTransfer(tokenId, from, to);
    if (id === undefined)
      throw new FoldError(`forced transfer at ${event.blockNumber}-${event.logIndex} moved no blocks`);
    await setKind(state, id, "forced");
  },

  /** Moves nothing when only a frozen amount was left to carry over. */
  async Recovered(state, event) {
    const { lostAccount, newAccount, batchId, tonnes } = event.args;
    if (tonnes === "0") return;
    const id = state.transaction(event).lastTransfer(batchId, lostAccount, newAccount);
    if (id === undefined) throw new FoldError(`recovery at ${event.blockNumber}-${event.logIndex} moved no blocks`);
    await setKind(state, id, "recovery");
  },

  /** Accounts and batches that do not exist yet may be frozen in advance. */
  async Frozen(state, event) {
    const key = { account: event.args.account, batch_code: event.args.tokenId };
    const known = await state.rows.holdings.get(key);
    const after = { ...key, tonnes: known?.tonnes ?? 0n, frozen_tonnes: BigInt(event.args.amount) };
    setHolding(state, event, known, after, { kind: "freeze", tonnes: 0n, counterparty: null });
  },

  BatchPaused: (state, { args }) => setBatchPaused(state, args.batchId, true),
  BatchUnpaused: (state, { args }) => setBatchPaused(state, args.batchId, false),

  Paused({ rows }) {
    rows.ledger_state.put({ name: "paused", value: "true" });
  },

  Unpaused({ rows }) {
    rows.ledger_state.put({ name: "paused", value: "false" });
  },

  IntentExecuted(state, event) {
    const { args, blockNumber, logIndex, txHash } = event;
    state.transaction(event).announceIntent(event);
    state.rows.intents.put({
      hash: args.intentHash,
      account: args.account,
      nonce: args.nonce,
      kind: args.kind,
      block_number: blockNumber,
      log_index: logIndex,
      tx_hash: txHash,
    });
  },

  NonceRevoked({ rows }, { args, blockNumber, txHash }) {
    rows.revoked_nonces.put({ account: args.account, nonce: args.nonce, block_number: blockNumber, tx_hash: txHash });
  },
};

export function held(account: string): SerialOwner {
  return { state: "held", account, recordId: null };
}

export function burning(account: string): SerialOwner {
  return { state: "burning", account, recordId: null };
}

export function rangeOf({ start, end }: SerialBlockJson): SerialRange {
  return { start: BigInt(start), end: BigInt(end) };
}

async function adjustHolding(
  state: FoldState,
  event: LedgerEvent,
  account: string,
  batch: string,
  tonnes: bigint,
  kind: UnitMovementKind,
  counterparty: string | null,
): Promise<Row<"unit_movements">> {
  const key = { account, batch_code: batch };
  const known = await state.rows.holdings.get(key);
  const after = { ...key, tonnes: (known?.tonnes ?? 0n) + tonnes, frozen_tonnes: known?.frozen_tonnes ?? 0n };
  if (after.tonnes < 0n) throw new FoldError(`${account} would hold ${after.tonnes} tonnes of ${batch}`);
  return setHolding(state, event, known, after, { kind, tonnes, counterparty });
}

/** A holding of nothing has no row, but what made it so is written down. */
function setHolding(
  state: FoldState,
  { blockNumber, logIndex, txHash }: LedgerEvent,
  before: Row<"holdings"> | undefined,
  after: Row<"holdings">,
  movement: Pick<Row<"unit_movements">, "kind" | "tonnes" | "counterparty">,
): Row<"unit_movements"> {
  const { account, batch_code, tonnes, frozen_tonnes } = after;
  if (tonnes === 0n && frozen_tonnes === 0n) state.rows.holdings.remove(after);
  else state.rows.holdings.put(after);
  // A holding that has a row has been met before.
  if (before === undefined) state.holdingKeys.add({ account, batch_code, first_block: blockNumber });
  const row: Row<"unit_movements"> = {
    account,
    batch_code,
    block_number: blockNumber,
    log_index: logIndex,
    ...movement,
    balance: tonnes,
    frozen: frozen_tonnes,
    record_id: null,
    tx_hash: txHash,
    timestamp: state.timestampOf(blockNumber),
  };
  state.unitMovements.add(row);
  return row;
}

function noteSerialMoves(state: FoldState, event: LedgerEventOf<"BlocksMoved">, ranges: readonly SerialRange[]): void {
  const { batchId, from, to } = event.args;
  for (const { start, end } of ranges) {
    state.serialMoves.add({
      batch_code: batchId,
      length_class: lengthClassOf(end - start + 1n),
      start_serial: start,
      block_number: event.blockNumber,
      log_index: event.logIndex,
      end_serial: end,
      from_account: from === ZERO_ADDRESS ? null : from,
      to_account: to === ZERO_ADDRESS ? null : to,
      tx_hash: event.txHash,
      timestamp: state.timestampOf(event.blockNumber),
    });
  }
}

/** The least c with 2^c serials or more in it. */
function lengthClassOf(length: bigint): number {
  return length <= 1n ? 0 : (length - 1n).toString(2).length;
}

/** What kind of transfer it was is said by the event after it. */
async function setKind({ rows, rollups }: FoldState, id: string, kind: TransferKind): Promise<void> {
  const before = await rows.transfers.get({ id });
  const { tonnes, timestamp } = await rows.transfers.change({ id }, { kind });
  const month = monthOf(timestamp);
  rollups.count({ subject: "transfers", month, records: -1n, tonnes: -tonnes, keys: { kind: before?.kind } });
  rollups.count({ subject: "transfers", month, tonnes, keys: { kind } });
}

/** A batch may be paused before it is issued, but not issued while it is paused, so an unknown batch needs no memory. */
async function setBatchPaused({ rows }: FoldState, code: string, paused: boolean): Promise<void> {
  const batch = await rows.batches.get({ code });
  if (batch !== undefined) rows.batches.put({ ...batch, paused });
}
