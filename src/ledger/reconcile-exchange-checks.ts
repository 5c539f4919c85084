import type { LedgerReader } from "../chain/ledger-reader.js";
import { feeAt, readFeeSchedule } from "./fee-schedule.js";
import type { Check } from "./reconcile-check.js";
import type { Snapshot } from "./reconcile-snapshot.js";

/** What the contracts of money and trades can be asked for. */
export function* exchangeChecks(snapshot: Snapshot, reader: LedgerReader): Generator<Check> {
  yield* cashChecks(snapshot, reader);
  yield* bankChecks(snapshot, reader);
  yield* positionChecks(snapshot, reader);
  yield* orderChecks(snapshot, reader);
}

function* cashChecks({ blockNumber: block, tables }: Snapshot, reader: LedgerReader): Generator<Check> {
  let supply = 0n;
  for (const { account, amount } of tables.cash_balances) {
    supply += amount;
    yield { what: "cash", which: account, readModel: amount, ask: () => reader.cashBalance(account, block) };
  }
  // A balance that the read model misses shows in the sum.
  yield { what: "cashSupply", which: "ledger", readModel: supply, ask: () => reader.cashSupply(block) };
  const state = new Map(tables.ledger_state.map(({ name, value }) => [name, value]));
  const isPaused = state.get("cashPaused") === "true";
  yield { what: "cashPaused", which: "ledger", readModel: isPaused, ask: () => reader.cashPaused(block) };
  const limit = BigInt(state.get("singleApprovalLimit") ?? "0");
  yield {
    what: "singleApprovalLimit",
    which: "ledger",
    readModel: limit,
    ask: () => reader.singleApprovalLimit(block),
  };
}

function* bankChecks(
  { blockNumber: block, latest, redemptionCount }: Snapshot,
  reader: LedgerReader,
): Generator<Check> {
  for (const { reference, status } of latest.cash_deposits) {
    yield {
      what: "depositReference",
      which: reference,
      readModel: status !== "withdrawn",
      ask: () => reader.isReferenceUsed(reference, block),
    };
  }
  for (const { id, account, amount, status, approver, payout_hash: payoutHash } of latest.redemptions) {
    const readModel = { account, amount, status, approver, payoutHash };
    yield { what: "redemption", which: `${id}`, readModel, ask: () => reader.redemption(id, block) };
  }
  yield {
    what: "redemptionCount",
    which: "ledger",
    readModel: redemptionCount,
    ask: () => reader.redemptionCount(block),
  };
  if (redemptionCount > BigInt(latest.redemptions.length)) return;
  const open = latest.redemptions.filter(({ status }) => status === "requested");
  const setAside = open.reduce((sum, { amount }) => sum + amount, 0n);
  yield { what: "cashSetAside", which: "ledger", readModel: setAside, ask: () => reader.cashSetAside(block) };
}

function* positionChecks({ blockNumber: block, tables }: Snapshot, reader: LedgerReader): Generator<Check> {
  // What is traded, or was, and nobody has a position in must be empty on the chain, too.
  const sums = new Map<string, bigint>([["", 0n], ...tables.instruments.map((row) => [row.batch_code, 0n] as const)]);
  for (const { account, batch_code: batch, amount, leaving, available_at: availableAt } of tables.exchange_positions) {
    sums.set(batch, (sums.get(batch) ?? 0n) + amount);
    const which = `${account} ${batch === "" ? "cash" : batch}`;
    const readModel = { amount, leaving, availableAt };
    yield { what: "position", which, readModel, ask: () => reader.position(account, batch, block) };
  }
  // INV-7: what the exchange holds is the sum of what it owes.
  for (const [batch, sum] of sums) {
    const which = batch === "" ? "cash" : batch;
    const readModel = { owed: sum, held: sum };
    yield { what: "exchange", which, readModel, ask: () => reader.exchangeAsset(batch, block) };
  }
}

function* orderChecks(snapshot: Snapshot, reader: LedgerReader): Generator<Check> {
  const { blockNumber: block, tables, latest, trades, hasEarlierTrades, timestamp } = snapshot;
  for (const { batch_code: batch, kind } of tables.instruments) {
    yield { what: "instrument", which: batch, readModel: kind, ask: () => reader.instrumentKind(batch, block) };
  }
  for (const [hash, tonnes] of filledBy(trades)) {
    yield {
      what: "fill",
      which: hash,
      readModel: tonnes,
      ask: async () => {
        const filled = await reader.filledTonnes(hash, block);
        // The chain forgets what it no longer needs: the count of an order that is filled.
        const isForgotten = filled === 0n;
        return isForgotten || (hasEarlierTrades && filled > tonnes) ? tonnes : filled;
      },
    };
  }
  for (const { account, batch_code: batch, nonce } of latest.cancelled_orders) {
    const which = `${account} ${batch} ${nonce}`;
    yield {
      what: "nonceClosed",
      which,
      readModel: true,
      ask: () => reader.isNonceClosed(account, batch, nonce, block),
    };
  }
  for (const { account, first_valid_nonce: readModel } of tables.order_floors) {
    yield { what: "firstValidNonce", which: account, readModel, ask: () => reader.firstValidNonce(account, block) };
  }
  for (const { hash, status } of latest.closed_deals) {
    yield { what: "deal", which: hash, readModel: status, ask: () => reader.dealStatus(hash, block) };
  }

  const state = new Map(tables.ledger_state.map(({ name, value }) => [name, value]));
  const schedule = readFeeSchedule(state.get("feeSchedule"));
  const hasBegun = timestamp >= BigInt(schedule.nextFrom);
  const next = hasBegun ? { nextBasisPoints: 0, nextFrom: 0 } : {};
  const account = state.get("feeAccount") ?? null;
  yield {
    what: "feeSchedule",
    which: "ledger",
    readModel: { ...schedule, ...next, basisPoints: feeAt(schedule, timestamp), account },
    ask: () => reader.feeSchedule(block),
  };
}

/** @returns What these trades filled of each order */
function filledBy(trades: Snapshot["trades"]): ReadonlyMap<string, bigint> {
  const sums = new Map<string, bigint>();
  for (const { taker_hash: taker, maker_hash: maker, tonnes } of trades) {
    // A deal is no order.
    if (taker === maker) continue;
    for (const hash of [taker, maker]) sums.set(hash, (sums.get(hash) ?? 0n) + tonnes);
  }
  return sums;
}
