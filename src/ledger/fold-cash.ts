import { ZERO_ADDRESS, type LedgerEvent, type LedgerEventOf } from "../chain/event-types.js";
import type { CashTransferArgs } from "../chain/exchange-event-types.js";
import type { Folds, FoldState } from "./fold-state.js";
import { FoldError, type Row } from "./row-cache.js";

/** Money outside the exchange: balances, movements, deposits, redemptions. */
export const cashFolds: Folds<
  | "Transfer"
  | "Minted"
  | "MintProposed"
  | "MintWithdrawn"
  | "RedemptionRequested"
  | "RedemptionApproved"
  | "RedemptionPaid"
  | "RedemptionRefused"
  | "CashRecovered"
  | "CashPaused"
  | "CashUnpaused"
  | "SingleApprovalLimitSet"
> = {
  /** Balances follow from the transfers alone; what a transfer was for, the event right after it says. Certificates do not move. */
  async Transfer(state, event) {
    if (event.contract !== "SettlementCash") return;
    const { from, to, value } = cashTransferOf(event);
    const amount = BigInt(value);
    const memory = state.transaction(event);
    const intentHash = memory.takeIntent("cash-transfer", from);
    // Nothing, or from an account to itself: no balance changes.
    if (amount === 0n || from === to) return;
    memory.lastCashMovements = [];
    if (from !== ZERO_ADDRESS) await move(state, event, { account: from, other: to, amount: -amount, intentHash });
    if (to !== ZERO_ADDRESS) await move(state, event, { account: to, other: from, amount, intentHash });
  },

  async Minted(state, event) {
    const { account, amount, depositReference, by } = event.args;
    await explain(state, event, { kind: "deposit", reference: depositReference });
    const known = await state.rows.cash_deposits.get({ reference: depositReference });
    state.rows.cash_deposits.put({
      ...(known ?? newDeposit(event)),
      account,
      amount: BigInt(amount),
      status: "minted",
      decided_by: by,
      decided_block: event.blockNumber,
      decided_tx_hash: event.txHash,
      timestamp: state.timestampOf(event.blockNumber),
    });
  },

  /** A reference that was withdrawn may be proposed again: then it counts from there. */
  MintProposed(state, event) {
    const { account, amount, by } = event.args;
    state.rows.cash_deposits.put({
      ...newDeposit(event),
      account,
      amount: BigInt(amount),
      status: "proposed",
      proposer: by,
      proposed_block: event.blockNumber,
      proposed_tx_hash: event.txHash,
      timestamp: state.timestampOf(event.blockNumber),
    });
  },

  async MintWithdrawn(state, { args, blockNumber, txHash }) {
    const change = {
      status: "withdrawn",
      decided_by: args.by,
      decided_block: blockNumber,
      decided_tx_hash: txHash,
      timestamp: state.timestampOf(blockNumber),
    } as const;
    await state.rows.cash_deposits.change({ reference: args.depositReference }, change);
  },

  async RedemptionRequested(state, event) {
    const { args, blockNumber, logIndex, txHash } = event;
    const id = BigInt(args.redemptionId);
    const intentHash = state.transaction(event).takeIntent("redemption", args.account);
    await explain(state, event, { kind: "redemption", redemption_id: id, intent_hash: intentHash });
    state.rows.redemptions.put({
      id,
      account: args.account,
      amount: BigInt(args.amount),
      payout_hash: args.payoutHash,
      status: "requested",
      approver: null,
      decided_by: null,
      payment_reference: null,
      reason_hash: null,
      intent_hash: intentHash,
      requested_at: state.timestampOf(blockNumber),
      block_number: blockNumber,
      log_index: logIndex,
      tx_hash: txHash,
      decided_at: null,
      decided_block: null,
      decided_tx_hash: null,
    });
  },

  async RedemptionApproved({ rows }, { args }) {
    await rows.redemptions.change({ id: BigInt(args.redemptionId) }, { approver: args.by });
  },

  async RedemptionPaid(state, event) {
    const { redemptionId, paymentReference, by } = event.args;
    const id = BigInt(redemptionId);
    await explain(state, event, { kind: "redemption-payment", redemption_id: id, reference: paymentReference });
    await decide(state, event, id, { status: "paid", decided_by: by, payment_reference: paymentReference });
  },

  async RedemptionRefused(state, event) {
    const { redemptionId, reasonHash, by } = event.args;
    const id = BigInt(redemptionId);
    await explain(state, event, { kind: "redemption-refusal", redemption_id: id });
    await decide(state, event, id, { status: "refused", decided_by: by, reason_hash: reasonHash });
  },

  async CashRecovered(state, event) {
    await explain(state, event, { kind: "recovery" });
  },

  CashPaused({ rows }) {
    rows.ledger_state.put({ name: "cashPaused", value: "true" });
  },

  CashUnpaused({ rows }) {
    rows.ledger_state.put({ name: "cashPaused", value: "false" });
  },

  SingleApprovalLimitSet({ rows }, { args }) {
    rows.ledger_state.put({ name: "singleApprovalLimit", value: args.limit });
  },
};

/** Accounts whose balance an event changes. */
export function cashAccountsOf(event: LedgerEvent): string[] {
  if (event.name !== "Transfer" || event.contract !== "SettlementCash") return [];
  const { from, to } = cashTransferOf(event);
  return [from, to].filter((account) => account !== ZERO_ADDRESS);
}

/** By the contract alone: `Transfer` is an event of two contracts. */
function cashTransferOf({ args }: LedgerEventOf<"Transfer">): CashTransferArgs {
  return args as unknown as CashTransferArgs;
}

interface Movement {
  readonly account: string;
  readonly other: string;
  /** Negative when it went. */
  readonly amount: bigint;
  readonly intentHash: string | null;
}

async function move(
  state: FoldState,
  event: LedgerEventOf<"Transfer">,
  { account, other, amount, intentHash }: Movement,
): Promise<void> {
  const { blockNumber, logIndex, txHash } = event;
  const { rows } = state;
  const balance = ((await rows.cash_balances.get({ account }))?.amount ?? 0n) + amount;
  if (balance < 0n) throw new FoldError(`${account} would have ${balance} of money`);
  if (balance === 0n) rows.cash_balances.remove({ account });
  else rows.cash_balances.put({ account, amount: balance });

  const key = { account, block_number: blockNumber, log_index: logIndex };
  const memory = state.transaction(event);
  memory.lastCashMovements = [...memory.lastCashMovements, key];
  rows.cash_movements.put({
    ...key,
    kind: "transfer",
    amount,
    balance,
    counterparty: other === ZERO_ADDRESS ? null : other,
    reference: null,
    redemption_id: null,
    intent_hash: intentHash,
    tx_hash: txHash,
    timestamp: state.timestampOf(blockNumber),
  });
}

/** What the last transfer of money was for. */
async function explain(state: FoldState, event: LedgerEvent, what: Partial<Row<"cash_movements">>): Promise<void> {
  const keys = state.transaction(event).lastCashMovements;
  if (keys.length === 0) throw new FoldError(`${event.name} at ${event.blockNumber}-${event.logIndex} moved no money`);
  for (const key of keys) await state.rows.cash_movements.change(key, what);
}

async function decide(
  state: FoldState,
  { blockNumber, txHash }: LedgerEvent,
  id: bigint,
  decision: Partial<Row<"redemptions">>,
): Promise<void> {
  const place = { decided_at: state.timestampOf(blockNumber), decided_block: blockNumber, decided_tx_hash: txHash };
  await state.rows.redemptions.change({ id }, { ...decision, ...place });
}

/** Everything about a deposit that its event does not say. */
function newDeposit({ args, blockNumber, logIndex }: LedgerEventOf<"Minted" | "MintProposed">) {
  return {
    reference: args.depositReference,
    proposer: null,
    decided_by: null,
    proposed_block: null,
    proposed_tx_hash: null,
    decided_block: null,
    decided_tx_hash: null,
    block_number: blockNumber,
    log_index: logIndex,
  };
}
