import { ZERO_ADDRESS } from "../chain/event-types.js";
import type { SerialBlockJson } from "../chain/event-types.js";
import type { Folds, FoldState } from "./fold-state.js";
import { FoldError } from "./row-cache.js";
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
    if (from === ZERO_ADDRESS) {
      state.serials.issue(batchId, ranges, held(to));
      await adjustHolding(state, to, batchId, tonnes);
      return;
    }
    await adjustHolding(state, from, batchId, -tonnes);
    if (to === ZERO_ADDRESS) {
      state.serials.move(batchId, ranges, held(from), burning(from));
      return;
    }
    await adjustHolding(state, to, batchId, tonnes);
    state.serials.move(batchId, ranges, held(from), held(to));
    const id = `${event.blockNumber}-${event.logIndex}`;
    const memory = state.transaction(event);
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
    await state.rows.transfers.change({ id }, { kind: "forced" });
  },

  /** Moves nothing when only a frozen amount was left to carry over. */
  async Recovered(state, event) {
    const { lostAccount, newAccount, batchId, tonnes } = event.args;
    if (tonnes === "0") return;
    const id = state.transaction(event).lastTransfer(batchId, lostAccount, newAccount);
    if (id === undefined) throw new FoldError(`recovery at ${event.blockNumber}-${event.logIndex} moved no blocks`);
    await state.rows.transfers.change({ id }, { kind: "recovery" });
  },

  /** Accounts and batches that do not exist yet may be frozen in advance. */
  async Frozen({ rows }, { args }) {
    const key = { account: args.account, batch_code: args.tokenId };
    const tonnes = (await rows.holdings.get(key))?.tonnes ?? 0n;
    const frozen = BigInt(args.amount);
    if (tonnes === 0n && frozen === 0n) rows.holdings.remove(key);
    else rows.holdings.put({ ...key, tonnes, frozen_tonnes: frozen });
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

async function adjustHolding({ rows }: FoldState, account: string, batch: string, change: bigint): Promise<void> {
  const key = { account, batch_code: batch };
  const known = await rows.holdings.get(key);
  const tonnes = (known?.tonnes ?? 0n) + change;
  const frozen = known?.frozen_tonnes ?? 0n;
  if (tonnes < 0n) throw new FoldError(`${account} would hold ${tonnes} tonnes of ${batch}`);
  if (tonnes === 0n && frozen === 0n) rows.holdings.remove(key);
  else rows.holdings.put({ ...key, tonnes, frozen_tonnes: frozen });
}

/** A batch may be paused before it is issued, but not issued while it is paused, so an unknown batch needs no memory. */
async function setBatchPaused({ rows }: FoldState, code: string, paused: boolean): Promise<void> {
  const batch = await rows.batches.get({ code });
  if (batch !== undefined) rows.batches.put({ ...batch, paused });
}
