import type { InstrumentKind } from "../chain/exchange-event-types.js";

/**
 * The part of the read model that is about money and trades: derived from logs only, as `read-model-tables.ts` has it.
 *
 * Money is in minor units of the settlement currency: `numeric(78,0)`, back as `bigint`. In `batch_code` the empty text stands for cash.
 * Times are Unix seconds.
 */
export interface ExchangeReadModelTables {
  cash_balances: CashBalancesTable;
  cash_movements: CashMovementsTable;
  cash_deposits: CashDepositsTable;
  redemptions: RedemptionsTable;
  instruments: InstrumentsTable;
  exchange_positions: ExchangePositionsTable;
  exchange_movements: ExchangeMovementsTable;
  settled_trades: SettledTradesTable;
  cancelled_orders: CancelledOrdersTable;
  order_floors: OrderFloorsTable;
  closed_deals: ClosedDealsTable;
}

/** What an address has outside the exchange. The exchange and the cash contract itself (what is on its way out) have rows, too. */
export interface CashBalancesTable {
  account: string;
  amount: bigint;
}

/** `transfer` also to and from the exchange: the other side tells. */
export type CashMovementKind =
  "deposit" | "transfer" | "redemption" | "redemption-refusal" | "redemption-payment" | "recovery";

/** One side of a movement of money: each has a row for the giver, and one for the taker. */
export interface CashMovementsTable {
  account: string;
  block_number: bigint;
  log_index: number;
  kind: CashMovementKind;
  /** Negative when money went. */
  amount: bigint;
  /** Of the account, after the movement. */
  balance: bigint;
  /** The other side; null for the bank, which is none. */
  counterparty: string | null;
  /** Reference of the deposit or of the payment; null for anything else. */
  reference: string | null;
  /** The redemption's number, for what belongs to one. */
  redemption_id: bigint | null;
  intent_hash: string | null;
  tx_hash: string;
  timestamp: bigint;
}

export type CashDepositStatus = "proposed" | "minted" | "withdrawn";

/** Deposits by the bank's reference: made at once, or proposed by one of its accounts and approved by another. */
export interface CashDepositsTable {
  reference: string;
  account: string;
  amount: bigint;
  status: CashDepositStatus;
  /** Null when it needed no proposal. */
  proposer: string | null;
  /** Who minted, approved or withdrew. */
  decided_by: string | null;
  proposed_block: bigint | null;
  proposed_tx_hash: string | null;
  decided_block: bigint | null;
  decided_tx_hash: string | null;
  /** Of its latest change. */
  timestamp: bigint;
  /** Of its first appearance: the order of the list. */
  block_number: bigint;
  log_index: number;
}

export type RedemptionState = "requested" | "paid" | "refused";

export interface RedemptionsTable {
  id: bigint;
  account: string;
  amount: bigint;
  payout_hash: string;
  status: RedemptionState;
  /** Who of the bank approved it first, when it needs two. */
  approver: string | null;
  decided_by: string | null;
  payment_reference: string | null;
  reason_hash: string | null;
  intent_hash: string | null;
  requested_at: bigint;
  block_number: bigint;
  log_index: number;
  tx_hash: string;
  decided_at: bigint | null;
  decided_block: bigint | null;
  decided_tx_hash: string | null;
}

export interface InstrumentsTable {
  batch_code: string;
  kind: InstrumentKind;
  listed_block: bigint;
  tx_hash: string;
}

/** What the exchange owes an account. */
export interface ExchangePositionsTable {
  account: string;
  batch_code: string;
  /** Tonnes, or money. What is leaving is part of it. */
  amount: bigint;
  leaving: bigint;
  /** From then on the owner can take what is leaving alone; 0 when nothing is. */
  available_at: bigint;
}

export type ExchangeMovementKind =
  "deposit" | "withdrawal-request" | "withdrawal-cancellation" | "withdrawal" | "recovery";

/** What happened to a position outside of trades. */
export interface ExchangeMovementsTable {
  account: string;
  batch_code: string;
  block_number: bigint;
  log_index: number;
  kind: ExchangeMovementKind;
  /** How the position changed; for a request and its cancellation, how what is leaving did. */
  amount: bigint;
  /** All that is leaving, after it. */
  leaving: bigint;
  /** Of a request. */
  available_at: bigint | null;
  /** Of a recovery: the other account. */
  counterparty: string | null;
  intent_hash: string | null;
  tx_hash: string;
  timestamp: bigint;
}

export interface SettledTradesTable {
  /** `<block>-<log index>` */
  id: string;
  batch_code: string;
  /** Digests of the orders; of the deal, twice, when it was one. */
  taker_hash: string;
  maker_hash: string;
  buyer: string;
  seller: string;
  tonnes: bigint;
  /** Per tonne. */
  price: bigint;
  buyer_fee: bigint;
  seller_fee: bigint;
  /** Who got the fees; null when there were none. */
  fee_account: string | null;
  block_number: bigint;
  log_index: number;
  tx_hash: string;
  timestamp: bigint;
}

/** Orders that their accounts cancelled by their number. */
export interface CancelledOrdersTable {
  account: string;
  batch_code: string;
  nonce: bigint;
  block_number: bigint;
  tx_hash: string;
}

/** Orders of the account with a lower number are void. */
export interface OrderFloorsTable {
  account: string;
  first_valid_nonce: bigint;
  block_number: bigint;
  tx_hash: string;
}

export interface ClosedDealsTable {
  hash: string;
  status: "settled" | "cancelled";
  /** Who cancelled it. */
  cancelled_by: string | null;
  block_number: bigint;
  tx_hash: string;
}
