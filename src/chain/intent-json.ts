/**
 * Intents as JSON: the words that people use (codes, days, names of purposes) and decimal strings, for what the chain has as numbers.
 * The members are those of the request that leaves the signing to the service, and `nonce` and `deadline`.
 * Imports nothing that a browser lacks.
 */
import { batchIdOf, CodeError, codeOfBatchId, dayNumber, decodeCountry, encodeCountry, isoDay } from "./codes.js";
import {
  CANCELLATION_REASONS,
  PURPOSES,
  type CancellationReason,
  type IntentKind,
  type Purpose,
  type SerialBlockJson,
} from "./event-types.js";
import type {
  CancellationIntent,
  CashTransferIntent,
  ExchangeWithdrawalIntent,
  IntentByKind,
  MassCancellationIntent,
  OrderCancellationIntent,
  RedemptionIntent,
  RetirementIntent,
  RevocationIntent,
  SerialBlock,
  TransferIntent,
} from "./intents.js";

/** What every intent carries. Decimal strings; `deadline` is Unix time in seconds. */
interface IntentJson {
  account: string;
  nonce: string;
  deadline: string;
}

/** Which units: `batch` is the code; `blocks` empty means any. */
interface UnitsIntentJson extends IntentJson {
  batch: string;
  tonnes: string;
  blocks: SerialBlockJson[];
}

export interface TransferIntentJson extends UnitsIntentJson {
  to: string;
}

export interface RetirementIntentJson extends UnitsIntentJson {
  beneficiary: string;
  beneficiaryId: string;
  /** 32 bytes of hex; null for an organisation. */
  beneficiaryCommitment: string | null;
  purpose: Purpose;
  reason: string;
  details: string;
  /** ISO 3166-1 alpha-2. */
  consumptionCountry: string | null;
  /** `YYYY-MM-DD`. */
  consumptionPeriodStart: string | null;
  consumptionPeriodEnd: string | null;
}

export interface CancellationIntentJson extends UnitsIntentJson {
  reason: CancellationReason;
  details: string;
}

export interface RevocationIntentJson extends IntentJson {
  revokedNonce: string;
}

export interface CashTransferIntentJson extends IntentJson {
  to: string;
  /** Minor units of the settlement currency, here and below. */
  amount: string;
}

export interface RedemptionIntentJson extends IntentJson {
  amount: string;
  /** 32 bytes of hex. */
  payoutHash: string;
}

export interface ExchangeWithdrawalIntentJson extends IntentJson {
  /** Null means cash. */
  batch: string | null;
  /** Tonnes of a batch, or cash. */
  amount: string;
}

export interface OrderCancellationIntentJson extends IntentJson {
  batch: string;
  orderNonce: string;
}

export interface MassCancellationIntentJson extends IntentJson {
  beforeNonce: string;
}

export interface IntentJsonByKind {
  transfer: TransferIntentJson;
  retirement: RetirementIntentJson;
  cancellation: CancellationIntentJson;
  revocation: RevocationIntentJson;
  "cash-transfer": CashTransferIntentJson;
  redemption: RedemptionIntentJson;
  "exchange-withdrawal": ExchangeWithdrawalIntentJson;
  "order-cancellation": OrderCancellationIntentJson;
  "mass-cancellation": MassCancellationIntentJson;
}

const NO_COMMITMENT = `0x${"0".repeat(64)}`;

/** The JSON form of an intent. @throws CodeError when a batch, country or day has none. */
export function intentToJson<K extends IntentKind>(kind: K, intent: IntentByKind[K]): IntentJsonByKind[K] {
  return CODECS[kind].toJson(intent);
}

/** Inverse of `intentToJson`, for values whose shape a schema has checked. @throws CodeError */
export function intentFromJson<K extends IntentKind>(kind: K, json: IntentJsonByKind[K]): IntentByKind[K] {
  return CODECS[kind].fromJson(json);
}

interface Codec<K extends IntentKind> {
  toJson: (intent: IntentByKind[K]) => IntentJsonByKind[K];
  fromJson: (json: IntentJsonByKind[K]) => IntentByKind[K];
}

const CODECS: { readonly [K in IntentKind]: Codec<K> } = {
  transfer: { toJson: transferToJson, fromJson: transferFromJson },
  retirement: { toJson: retirementToJson, fromJson: retirementFromJson },
  cancellation: { toJson: cancellationToJson, fromJson: cancellationFromJson },
  revocation: { toJson: revocationToJson, fromJson: revocationFromJson },
  "cash-transfer": { toJson: cashTransferToJson, fromJson: cashTransferFromJson },
  redemption: { toJson: redemptionToJson, fromJson: redemptionFromJson },
  "exchange-withdrawal": { toJson: exchangeWithdrawalToJson, fromJson: exchangeWithdrawalFromJson },
  "order-cancellation": { toJson: orderCancellationToJson, fromJson: orderCancellationFromJson },
  "mass-cancellation": { toJson: massCancellationToJson, fromJson: massCancellationFromJson },
};

function transferToJson(intent: TransferIntent): TransferIntentJson {
  return { ...commonToJson(intent), to: intent.to, ...unitsToJson(intent) };
}

function transferFromJson(json: TransferIntentJson): TransferIntent {
  return { ...commonFromJson(json), to: json.to, ...unitsFromJson(json) };
}

function retirementToJson(intent: RetirementIntent): RetirementIntentJson {
  const { order } = intent;
  return {
    ...commonToJson(intent),
    ...unitsToJson(order),
    beneficiary: order.beneficiary,
    beneficiaryId: order.beneficiaryId,
    beneficiaryCommitment: order.beneficiaryCommitment === NO_COMMITMENT ? null : order.beneficiaryCommitment,
    purpose: nameAt("purpose", PURPOSES, order.purpose),
    reason: order.reason,
    details: order.details,
    consumptionCountry: decodeCountry(order.consumptionCountry),
    consumptionPeriodStart: dayToJson(order.consumptionPeriodStart),
    consumptionPeriodEnd: dayToJson(order.consumptionPeriodEnd),
  };
}

function retirementFromJson(json: RetirementIntentJson): RetirementIntent {
  const order = {
    ...unitsFromJson(json),
    beneficiary: json.beneficiary,
    beneficiaryId: json.beneficiaryId,
    beneficiaryCommitment: json.beneficiaryCommitment ?? NO_COMMITMENT,
    purpose: placeOf("purpose", PURPOSES, json.purpose),
    reason: json.reason,
    details: json.details,
    consumptionCountry: encodeCountry(json.consumptionCountry),
    consumptionPeriodStart: dayFromJson(json.consumptionPeriodStart),
    consumptionPeriodEnd: dayFromJson(json.consumptionPeriodEnd),
  };
  return { ...commonFromJson(json), order };
}

function cancellationToJson(intent: CancellationIntent): CancellationIntentJson {
  const { order } = intent;
  const reason = nameAt("cancellation reason", CANCELLATION_REASONS, order.reason);
  return { ...commonToJson(intent), ...unitsToJson(order), reason, details: order.details };
}

function cancellationFromJson(json: CancellationIntentJson): CancellationIntent {
  const reason = placeOf("cancellation reason", CANCELLATION_REASONS, json.reason);
  return { ...commonFromJson(json), order: { ...unitsFromJson(json), reason, details: json.details } };
}

function revocationToJson(intent: RevocationIntent): RevocationIntentJson {
  return { ...commonToJson(intent), revokedNonce: intent.revokedNonce.toString() };
}

function revocationFromJson(json: RevocationIntentJson): RevocationIntent {
  return { ...commonFromJson(json), revokedNonce: BigInt(json.revokedNonce) };
}

function cashTransferToJson(intent: CashTransferIntent): CashTransferIntentJson {
  return { ...commonToJson(intent), to: intent.to, amount: intent.amount.toString() };
}

function cashTransferFromJson(json: CashTransferIntentJson): CashTransferIntent {
  return { ...commonFromJson(json), to: json.to, amount: BigInt(json.amount) };
}

function redemptionToJson(intent: RedemptionIntent): RedemptionIntentJson {
  return { ...commonToJson(intent), amount: intent.amount.toString(), payoutHash: intent.payoutHash };
}

function redemptionFromJson(json: RedemptionIntentJson): RedemptionIntent {
  return { ...commonFromJson(json), amount: BigInt(json.amount), payoutHash: json.payoutHash };
}

function exchangeWithdrawalToJson(intent: ExchangeWithdrawalIntent): ExchangeWithdrawalIntentJson {
  const batch = intent.batchId === 0n ? null : codeOfBatchId(intent.batchId);
  return { ...commonToJson(intent), batch, amount: intent.amount.toString() };
}

function exchangeWithdrawalFromJson(json: ExchangeWithdrawalIntentJson): ExchangeWithdrawalIntent {
  const batchId = json.batch === null ? 0n : batchIdOf(json.batch);
  return { ...commonFromJson(json), batchId, amount: BigInt(json.amount) };
}

function orderCancellationToJson(intent: OrderCancellationIntent): OrderCancellationIntentJson {
  const { batchId, orderNonce } = intent;
  return { ...commonToJson(intent), batch: codeOfBatchId(batchId), orderNonce: orderNonce.toString() };
}

function orderCancellationFromJson(json: OrderCancellationIntentJson): OrderCancellationIntent {
  return { ...commonFromJson(json), batchId: batchIdOf(json.batch), orderNonce: BigInt(json.orderNonce) };
}

function massCancellationToJson(intent: MassCancellationIntent): MassCancellationIntentJson {
  return { ...commonToJson(intent), beforeNonce: intent.beforeNonce.toString() };
}

function massCancellationFromJson(json: MassCancellationIntentJson): MassCancellationIntent {
  return { ...commonFromJson(json), beforeNonce: BigInt(json.beforeNonce) };
}

function commonToJson(intent: { account: string; nonce: bigint; deadline: bigint }): IntentJson {
  return { account: intent.account, nonce: intent.nonce.toString(), deadline: intent.deadline.toString() };
}

function commonFromJson(json: IntentJson): { account: string; nonce: bigint; deadline: bigint } {
  return { account: json.account, nonce: BigInt(json.nonce), deadline: BigInt(json.deadline) };
}

function unitsToJson(units: { batchId: bigint; tonnes: bigint; blocks: SerialBlock[] }) {
  return {
    batch: codeOfBatchId(units.batchId),
    tonnes: units.tonnes.toString(),
    blocks: units.blocks.map(({ start, end }) => ({ start: start.toString(), end: end.toString() })),
  };
}

function unitsFromJson(json: UnitsIntentJson): { batchId: bigint; tonnes: bigint; blocks: SerialBlock[] } {
  return {
    batchId: batchIdOf(json.batch),
    tonnes: BigInt(json.tonnes),
    blocks: json.blocks.map(({ start, end }) => ({ start: BigInt(start), end: BigInt(end) })),
  };
}

/** The chain says "not stated" with day 0, so 1970-01-01 has no place in a consumption period. */
function dayFromJson(day: string | null): number {
  if (day === null) return 0;
  const number = dayNumber(day);
  if (number === 0) throw new CodeError("Stands for no day", day);
  return number;
}

function dayToJson(day: number): string | null {
  return day === 0 ? null : isoDay(day);
}

function nameAt<T extends string>(what: string, names: readonly T[], place: number): T {
  const name = names[place];
  if (name === undefined) throw new CodeError(`Unknown ${what}`, String(place));
  return name;
}

function placeOf<T extends string>(what: string, names: readonly T[], name: T): number {
  const place = names.indexOf(name);
  if (place === -1) throw new CodeError(`Unknown ${what}`, name);
  return place;
}
