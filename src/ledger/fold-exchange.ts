import type { LedgerEvent, LedgerEventOf } from "../chain/event-types.js";
import type { ExchangeMovementKind } from "../db/exchange-read-model-tables.js";
import { feeScheduleAfter, readFeeSchedule, type FeeSchedule } from "./fee-schedule.js";
import type { Folds, FoldState } from "./fold-state.js";
import { monthOf } from "./months.js";
import { FoldError, type Key, type Row } from "./row-cache.js";

/** The asset of a position that is money. */
const CASH = "";

/** Positions in the exchange, trades, and what can no longer be traded. */
export const exchangeFolds: Folds<
  | "InstrumentListed"
  | "UnitsDeposited"
  | "CashDeposited"
  | "UnitsWithdrawalRequested"
  | "CashWithdrawalRequested"
  | "WithdrawalCancelled"
  | "UnitsWithdrawn"
  | "CashWithdrawn"
  | "PositionRecovered"
  | "TradeSettled"
  | "OrderCancelled"
  | "OrdersCancelledBefore"
  | "DealCancelled"
  | "FeeSet"
  | "FeeAccountSet"
> = {
  InstrumentListed({ rows }, { args, blockNumber, txHash }) {
    rows.instruments.put({ batch_code: args.batchId, kind: args.kind, listed_block: blockNumber, tx_hash: txHash });
  },

  UnitsDeposited: (state, event) => deposit(state, event, event.args.batchId, event.args.tonnes),
  CashDeposited: (state, event) => deposit(state, event, CASH, event.args.amount),

  UnitsWithdrawalRequested: (state, event) => request(state, event, event.args.batchId, event.args.tonnes),
  CashWithdrawalRequested: (state, event) => request(state, event, CASH, event.args.amount),

  async WithdrawalCancelled(state, event) {
    const { account, batchId, amount } = event.args;
    const key = { account, batch_code: batchId ?? CASH };
    await adjust(state, key, 0n, -BigInt(amount));
    await note(state, event, key, { kind: "withdrawal-cancellation", amount: -BigInt(amount) });
  },

  UnitsWithdrawn: (state, event) => withdraw(state, event, event.args.batchId, event.args.tonnes),
  CashWithdrawn: (state, event) => withdraw(state, event, CASH, event.args.amount),

  /** Nothing of it is leaving any more: the new account has to ask anew. */
  async PositionRecovered(state, event) {
    const { lostAccount, newAccount, batchId, amount: text } = event.args;
    const amount = BigInt(text);
    const lost = { account: lostAccount, batch_code: batchId ?? CASH };
    const found = { account: newAccount, batch_code: batchId ?? CASH };
    const leaving = (await state.rows.exchange_positions.get(lost))?.leaving ?? 0n;
    await adjust(state, lost, -amount, -leaving);
    await note(state, event, lost, { kind: "recovery", amount: -amount, counterparty: newAccount });
    await adjust(state, found, amount, 0n);
    await note(state, event, found, { kind: "recovery", amount, counterparty: lostAccount });
  },

  TradeSettled: settle,

  OrderCancelled({ rows }, { args, blockNumber, txHash }) {
    rows.cancelled_orders.put({
      account: args.account,
      batch_code: args.batchId ?? CASH,
      nonce: BigInt(args.nonce),
      block_number: blockNumber,
      tx_hash: txHash,
    });
  },

  OrdersCancelledBefore({ rows }, { args, blockNumber, txHash }) {
    rows.order_floors.put({
      account: args.account,
      first_valid_nonce: BigInt(args.nonce),
      block_number: blockNumber,
      tx_hash: txHash,
    });
  },

  DealCancelled({ rows }, { args, blockNumber, txHash }) {
    rows.closed_deals.put({
      hash: args.dealHash,
      status: "cancelled",
      cancelled_by: args.by,
      block_number: blockNumber,
      tx_hash: txHash,
    });
  },

  async FeeSet(state, { args, blockNumber }) {
    const before = await readFees(state);
    const after = feeScheduleAfter(before, args, state.timestampOf(blockNumber));
    state.rows.ledger_state.put({ name: "feeSchedule", value: JSON.stringify(after) });
  },

  FeeAccountSet({ rows }, { args }) {
    rows.ledger_state.put({ name: "feeAccount", value: args.account });
  },
};

/** Positions that an event of the frequent kinds changes, to be read in bulk. */
export function positionsOf(event: LedgerEvent): Key<"exchange_positions">[] {
  switch (event.name) {
    case "TradeSettled": {
      const { batchId, buyer, seller } = event.args;
      return [buyer, seller].flatMap((account) => [
        { account, batch_code: batchId },
        { account, batch_code: CASH },
      ]);
    }
    case "UnitsDeposited":
    case "UnitsWithdrawalRequested":
    case "UnitsWithdrawn":
      return [{ account: event.args.account, batch_code: event.args.batchId }];
    case "CashDeposited":
    case "CashWithdrawalRequested":
    case "CashWithdrawn":
      return [{ account: event.args.account, batch_code: CASH }];
    default:
      return [];
  }
}

/** Units one way, money the other, fees to their account. */
async function settle(state: FoldState, event: LedgerEventOf<"TradeSettled">): Promise<void> {
  const { args, blockNumber, logIndex, txHash } = event;
  const { batchId, takerHash, makerHash, buyer, seller } = args;
  const [tonnes, price] = [BigInt(args.tonnes), BigInt(args.price)];
  const [buyerFee, sellerFee] = [BigInt(args.buyerFee), BigInt(args.sellerFee)];
  const value = tonnes * price;
  const fees = buyerFee + sellerFee;
  const feeAccount = fees === 0n ? null : await readFeeAccount(state);

  await adjust(state, { account: seller, batch_code: batchId }, -tonnes, 0n);
  await adjust(state, { account: buyer, batch_code: batchId }, tonnes, 0n);
  await adjust(state, { account: buyer, batch_code: CASH }, -value - buyerFee, 0n);
  await adjust(state, { account: seller, batch_code: CASH }, value - sellerFee, 0n);
  if (feeAccount !== null) await adjust(state, { account: feeAccount, batch_code: CASH }, fees, 0n);

  state.rows.settled_trades.put({
    id: `${blockNumber}-${logIndex}`,
    batch_code: batchId,
    taker_hash: takerHash,
    maker_hash: makerHash,
    buyer,
    seller,
    tonnes,
    price,
    buyer_fee: buyerFee,
    seller_fee: sellerFee,
    fee_account: feeAccount,
    block_number: blockNumber,
    log_index: logIndex,
    tx_hash: txHash,
    timestamp: state.timestampOf(blockNumber),
  });
  const month = monthOf(state.timestampOf(blockNumber));
  const project = (await state.rows.batches.get({ code: batchId }))?.project_code;
  const keys = { all: "", project, batch: batchId, buyer, seller };
  state.rollups.count({ subject: "trades", month, tonnes, value, keys });
  if (takerHash === makerHash) {
    const deal = { hash: takerHash, status: "settled", cancelled_by: null } as const;
    state.rows.closed_deals.put({ ...deal, block_number: blockNumber, tx_hash: txHash });
  }
}

async function deposit(
  state: FoldState,
  event: LedgerEventOf<"UnitsDeposited" | "CashDeposited">,
  asset: string,
  amount: string,
): Promise<void> {
  const key = { account: event.args.account, batch_code: asset };
  await adjust(state, key, BigInt(amount), 0n);
  await note(state, event, key, { kind: "deposit", amount: BigInt(amount) });
}

async function request(
  state: FoldState,
  event: LedgerEventOf<"UnitsWithdrawalRequested" | "CashWithdrawalRequested">,
  asset: string,
  text: string,
): Promise<void> {
  const { account, leaving, availableAt } = event.args;
  const key = { account, batch_code: asset };
  const amount = BigInt(text);
  await adjust(state, key, 0n, amount);
  const change = { leaving: BigInt(leaving), available_at: BigInt(availableAt) };
  await state.rows.exchange_positions.change(key, change);
  const intentHash = state.transaction(event).takeIntent("exchange-withdrawal", account);
  const movement = { kind: "withdrawal-request", amount, availableAt: change.available_at, intentHash } as const;
  await note(state, event, key, movement);
}

async function withdraw(
  state: FoldState,
  event: LedgerEventOf<"UnitsWithdrawn" | "CashWithdrawn">,
  asset: string,
  text: string,
): Promise<void> {
  const key = { account: event.args.account, batch_code: asset };
  const amount = -BigInt(text);
  await adjust(state, key, amount, amount);
  await note(state, event, key, { kind: "withdrawal", amount });
}

/** Changes a position. One that is empty has no row. */
async function adjust(
  { rows }: FoldState,
  key: { readonly account: string; readonly batch_code: string },
  change: bigint,
  leavingChange: bigint,
): Promise<void> {
  const known = await rows.exchange_positions.get(key);
  const amount = (known?.amount ?? 0n) + change;
  const leaving = (known?.leaving ?? 0n) + leavingChange;
  if (amount < 0n || leaving < 0n || leaving > amount) {
    const asset = key.batch_code === CASH ? "cash" : key.batch_code;
    throw new FoldError(`${key.account} would have ${amount} of ${asset} in the exchange, ${leaving} of it leaving`);
  }
  if (amount === 0n) rows.exchange_positions.remove(key);
  else {
    const availableAt = leaving === 0n ? 0n : (known?.available_at ?? 0n);
    rows.exchange_positions.put({ ...key, amount, leaving, available_at: availableAt });
  }
}

interface Note {
  readonly kind: ExchangeMovementKind;
  readonly amount: bigint;
  readonly availableAt?: bigint;
  readonly counterparty?: string;
  readonly intentHash?: string | null;
}

/** Writes down what was done to a position, which is as it is after it. */
async function note(
  state: FoldState,
  { blockNumber, logIndex, txHash }: LedgerEvent,
  key: { readonly account: string; readonly batch_code: string },
  { kind, amount, availableAt, counterparty, intentHash }: Note,
): Promise<void> {
  const position: Row<"exchange_positions"> | undefined = await state.rows.exchange_positions.get(key);
  state.rows.exchange_movements.put({
    ...key,
    block_number: blockNumber,
    log_index: logIndex,
    kind,
    amount,
    leaving: position?.leaving ?? 0n,
    available_at: availableAt ?? null,
    counterparty: counterparty ?? null,
    intent_hash: intentHash ?? null,
    tx_hash: txHash,
    timestamp: state.timestampOf(blockNumber),
  });
}

async function readFeeAccount({ rows }: FoldState): Promise<string> {
  const known = await rows.ledger_state.get({ name: "feeAccount" });
  if (known === undefined) throw new FoldError("a fee was taken before there was an account for it");
  return known.value;
}

async function readFees({ rows }: FoldState): Promise<FeeSchedule> {
  return readFeeSchedule((await rows.ledger_state.get({ name: "feeSchedule" }))?.value);
}
