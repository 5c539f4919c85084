/** What the events of `SettlementCash` and `Exchange` say: the part of `event-types.ts` that is about money and trades. */

export const INSTRUMENT_KINDS = ["none", "credit", "allowance"] as const;
export type InstrumentKind = (typeof INSTRUMENT_KINDS)[number];

/** Why a trade did not settle: `IExchange.Refusal`, in its order. */
export const REFUSALS = [
  "none",
  "instrument-unknown",
  "instrument-paused",
  "self-trade",
  "tonnes-zero",
  "signature-invalid",
  "account-not-active",
  "account-not-allowed",
  "expired",
  "cancelled",
  "nonce-closed",
  "price-outside-limit",
  "overfilled",
  "below-minimum",
  "fee-above-cap",
  "units-insufficient",
  "cash-insufficient",
  "already-settled",
] as const;
export type Refusal = (typeof REFUSALS)[number];

export const REDEMPTION_STATUSES = ["none", "requested", "paid", "refused"] as const;
export type RedemptionStatus = (typeof REDEMPTION_STATUSES)[number];

export const DEAL_STATUSES = ["none", "settled", "cancelled"] as const;
export type DealStatus = (typeof DEAL_STATUSES)[number];

/** Amounts are in minor units of the settlement currency. */
export interface CashEventArgs {
  Minted: { account: string; amount: string; depositReference: string; by: string };
  MintProposed: { account: string; amount: string; depositReference: string; by: string };
  MintWithdrawn: { depositReference: string; by: string };
  RedemptionRequested: { redemptionId: string; account: string; amount: string; payoutHash: string };
  RedemptionApproved: { redemptionId: string; by: string };
  RedemptionPaid: { redemptionId: string; account: string; amount: string; paymentReference: string; by: string };
  RedemptionRefused: { redemptionId: string; account: string; amount: string; reasonHash: string; by: string };
  SingleApprovalLimitSet: { limit: string };
  CashRecovered: { lostAccount: string; newAccount: string; amount: string };
  CashPaused: { by: string };
  CashUnpaused: { by: string };
}

/** `Transfer` of `SettlementCash`. */
export interface CashTransferArgs {
  readonly from: string;
  readonly to: string;
  readonly value: string;
}

/** A `batchId` that is null stands for cash. Prices are per tonne, in minor units of the settlement currency. */
export interface ExchangeEventArgs {
  InstrumentListed: { batchId: string; kind: InstrumentKind };
  UnitsDeposited: { account: string; batchId: string; tonnes: string };
  CashDeposited: { account: string; amount: string };
  UnitsWithdrawalRequested: {
    account: string;
    batchId: string;
    tonnes: string;
    leaving: string;
    availableAt: number;
  };
  CashWithdrawalRequested: { account: string; amount: string; leaving: string; availableAt: number };
  WithdrawalCancelled: { account: string; batchId: string | null; amount: string };
  UnitsWithdrawn: { account: string; batchId: string; tonnes: string };
  CashWithdrawn: { account: string; amount: string };
  TradeSettled: {
    batchId: string;
    takerHash: string;
    makerHash: string;
    buyer: string;
    seller: string;
    tonnes: string;
    price: string;
    buyerFee: string;
    sellerFee: string;
  };
  /** Whatever the operator sent: a batch may be anything. */
  TradeFailed: { batchId: string | null; takerHash: string; makerHash: string; refusal: Refusal; account: string };
  OrderCancelled: { account: string; batchId: string | null; nonce: number };
  OrdersCancelledBefore: { account: string; nonce: number };
  DealCancelled: { dealHash: string; by: string };
  FeeSet: { basisPoints: number; from: number };
  FeeAccountSet: { account: string };
  PositionRecovered: { lostAccount: string; newAccount: string; batchId: string | null; amount: string };
}
