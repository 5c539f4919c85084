/**
 * What a holder signs: the twins of `contracts/interfaces/IIntents.sol` and `contracts/libraries/IntentHashes.sol`, under the same names.
 *
 * Amounts, serial numbers, nonces and deadlines are `bigint`; enum members and day numbers, which stay small, are `number`.
 * Imports nothing that a browser lacks.
 */
import type { TypedDataDomain, TypedDataField } from "ethers";

import { INTENT_KINDS, type IntentKind } from "./event-types.js";
import {
  compileStruct,
  separatorOf,
  typedDigest,
  type StructHasher,
  type TypedDomain,
  type TypedTypes,
} from "./typed-data.js";

/** Serial numbers from `start` to `end`, both included. */
export interface SerialBlock {
  start: bigint;
  end: bigint;
}

export interface TransferIntent {
  account: string;
  to: string;
  batchId: bigint;
  tonnes: bigint;
  /** Empty: any units. Otherwise exactly these. */
  blocks: SerialBlock[];
  /** Any number that the account never used. */
  nonce: bigint;
  /** Unix time in seconds; void after it. */
  deadline: bigint;
}

export interface RetirementOrder {
  batchId: bigint;
  tonnes: bigint;
  blocks: SerialBlock[];
  /** The organisation on whose behalf; empty for a natural person. */
  beneficiary: string;
  beneficiaryId: string;
  /** Salted commitment to a natural person's name, 32 bytes of hex; zero for an organisation. */
  beneficiaryCommitment: string;
  /** Place in `PURPOSES`, see `event-types.ts`. */
  purpose: number;
  reason: string;
  details: string;
  /** Two bytes of hex, see `encodeCountry`. */
  consumptionCountry: string;
  /** Day numbers, see `dayNumber`; both zero when not stated. */
  consumptionPeriodStart: number;
  consumptionPeriodEnd: number;
}

export interface RetirementIntent {
  account: string;
  order: RetirementOrder;
  nonce: bigint;
  deadline: bigint;
}

export interface CancellationOrder {
  batchId: bigint;
  tonnes: bigint;
  blocks: SerialBlock[];
  /** Place in `CANCELLATION_REASONS`, see `event-types.ts`. */
  reason: number;
  details: string;
}

export interface CancellationIntent {
  account: string;
  order: CancellationOrder;
  nonce: bigint;
  deadline: bigint;
}

export interface RevocationIntent {
  account: string;
  /** The nonce of the intent to make void. */
  revokedNonce: bigint;
  nonce: bigint;
  deadline: bigint;
}

export interface CashTransferIntent {
  account: string;
  to: string;
  /** Minor units of the settlement currency, here and below. */
  amount: bigint;
  nonce: bigint;
  deadline: bigint;
}

export interface RedemptionIntent {
  account: string;
  amount: bigint;
  /** Hash of where the money shall go, 32 bytes of hex. */
  payoutHash: string;
  nonce: bigint;
  deadline: bigint;
}

export interface ExchangeWithdrawalIntent {
  account: string;
  /** Zero means cash. */
  batchId: bigint;
  /** Tonnes, or minor units of the settlement currency. */
  amount: bigint;
  nonce: bigint;
  deadline: bigint;
}

export interface OrderCancellationIntent {
  account: string;
  batchId: bigint;
  /** The nonce of the order, below 2^32; `nonce` is that of the intent. */
  orderNonce: bigint;
  nonce: bigint;
  deadline: bigint;
}

export interface MassCancellationIntent {
  account: string;
  /** Orders with a lower nonce become void. */
  beforeNonce: bigint;
  nonce: bigint;
  deadline: bigint;
}

/** The struct of each kind. */
export interface IntentByKind {
  transfer: TransferIntent;
  retirement: RetirementIntent;
  cancellation: CancellationIntent;
  revocation: RevocationIntent;
  "cash-transfer": CashTransferIntent;
  redemption: RedemptionIntent;
  "exchange-withdrawal": ExchangeWithdrawalIntent;
  "order-cancellation": OrderCancellationIntent;
  "mass-cancellation": MassCancellationIntent;
}

/** An intent with the name of its kind: narrow on `kind`. */
export type KindedIntent = { [K in IntentKind]: { kind: K; intent: IntentByKind[K] } }[IntentKind];

/** The EIP-712 domain of an `Intents` contract. */
export interface IntentDomain extends TypedDomain {
  readonly name: "CarbonLedger";
  readonly version: "1";
  readonly chainId: bigint;
  readonly verifyingContract: string;
}

/** Whoever can sign typed data: any ethers signer. */
export interface TypedDataSigner {
  signTypedData(
    domain: TypedDataDomain,
    types: Record<string, TypedDataField[]>,
    value: Record<string, unknown>,
  ): Promise<string>;
}

const SERIAL_BLOCK = [
  { name: "start", type: "uint64" },
  { name: "end", type: "uint64" },
];
const RETIREMENT_ORDER = [
  { name: "batchId", type: "uint256" },
  { name: "tonnes", type: "uint256" },
  { name: "blocks", type: "SerialBlock[]" },
  { name: "beneficiary", type: "string" },
  { name: "beneficiaryId", type: "string" },
  { name: "beneficiaryCommitment", type: "bytes32" },
  { name: "purpose", type: "uint8" },
  { name: "reason", type: "string" },
  { name: "details", type: "string" },
  { name: "consumptionCountry", type: "bytes2" },
  { name: "consumptionPeriodStart", type: "uint32" },
  { name: "consumptionPeriodEnd", type: "uint32" },
];
const CANCELLATION_ORDER = [
  { name: "batchId", type: "uint256" },
  { name: "tonnes", type: "uint256" },
  { name: "blocks", type: "SerialBlock[]" },
  { name: "reason", type: "uint8" },
  { name: "details", type: "string" },
];
const NONCE_AND_DEADLINE = [
  { name: "nonce", type: "uint256" },
  { name: "deadline", type: "uint256" },
];

/** The name of the EIP-712 type (and of the Solidity struct) of each kind. */
export const INTENT_TYPE_NAMES = {
  transfer: "TransferIntent",
  retirement: "RetirementIntent",
  cancellation: "CancellationIntent",
  revocation: "RevocationIntent",
  "cash-transfer": "CashTransferIntent",
  redemption: "RedemptionIntent",
  "exchange-withdrawal": "ExchangeWithdrawalIntent",
  "order-cancellation": "OrderCancellationIntent",
  "mass-cancellation": "MassCancellationIntent",
} as const satisfies Record<IntentKind, string>;

/** The EIP-712 types of each kind, as ethers' `signTypedData` takes them. */
export const INTENT_TYPES: Readonly<Record<IntentKind, TypedTypes>> = {
  transfer: {
    TransferIntent: [
      { name: "account", type: "address" },
      { name: "to", type: "address" },
      { name: "batchId", type: "uint256" },
      { name: "tonnes", type: "uint256" },
      { name: "blocks", type: "SerialBlock[]" },
      ...NONCE_AND_DEADLINE,
    ],
    SerialBlock: SERIAL_BLOCK,
  },
  retirement: {
    RetirementIntent: [
      { name: "account", type: "address" },
      { name: "order", type: "RetirementOrder" },
      ...NONCE_AND_DEADLINE,
    ],
    RetirementOrder: RETIREMENT_ORDER,
    SerialBlock: SERIAL_BLOCK,
  },
  cancellation: {
    CancellationIntent: [
      { name: "account", type: "address" },
      { name: "order", type: "CancellationOrder" },
      ...NONCE_AND_DEADLINE,
    ],
    CancellationOrder: CANCELLATION_ORDER,
    SerialBlock: SERIAL_BLOCK,
  },
  revocation: {
    RevocationIntent: [
      { name: "account", type: "address" },
      { name: "revokedNonce", type: "uint256" },
      ...NONCE_AND_DEADLINE,
    ],
  },
  "cash-transfer": {
    CashTransferIntent: [
      { name: "account", type: "address" },
      { name: "to", type: "address" },
      { name: "amount", type: "uint256" },
      ...NONCE_AND_DEADLINE,
    ],
  },
  redemption: {
    RedemptionIntent: [
      { name: "account", type: "address" },
      { name: "amount", type: "uint128" },
      { name: "payoutHash", type: "bytes32" },
      ...NONCE_AND_DEADLINE,
    ],
  },
  "exchange-withdrawal": {
    ExchangeWithdrawalIntent: [
      { name: "account", type: "address" },
      { name: "batchId", type: "uint256" },
      { name: "amount", type: "uint128" },
      ...NONCE_AND_DEADLINE,
    ],
  },
  "order-cancellation": {
    OrderCancellationIntent: [
      { name: "account", type: "address" },
      { name: "batchId", type: "uint256" },
      { name: "orderNonce", type: "uint32" },
      ...NONCE_AND_DEADLINE,
    ],
  },
  "mass-cancellation": {
    MassCancellationIntent: [
      { name: "account", type: "address" },
      { name: "beforeNonce", type: "uint32" },
      ...NONCE_AND_DEADLINE,
    ],
  },
};

const HASHERS: Readonly<Record<IntentKind, StructHasher>> = forEachKind((kind) =>
  compileStruct(INTENT_TYPES[kind], INTENT_TYPE_NAMES[kind]),
);

/** The domain of the `Intents` contract at an address of a chain. */
export function intentDomain(chainId: bigint, verifyingContract: string): IntentDomain {
  return Object.freeze({ name: "CarbonLedger", version: "1", chainId, verifyingContract });
}

/** The EIP-712 digest: what is signed, what `IntentExecuted` carries, and what identifies the intent. Lower-case 0x hex. */
export function hashIntent<K extends IntentKind>(kind: K, intent: IntentByKind[K], domain: IntentDomain): string {
  return typedDigest(separatorOf(domain), HASHERS[kind](intent));
}

/** Signs with a signer of any kind (wallet, keystore, remote). @returns The 65-byte signature, hex. */
export function signIntent<K extends IntentKind>(
  signer: TypedDataSigner,
  kind: K,
  intent: IntentByKind[K],
  domain: IntentDomain,
): Promise<string> {
  return signer.signTypedData(domain, mutableTypes(INTENT_TYPES[kind]), { ...intent });
}

/** A table with what `make` gives for each kind. */
export function forEachKind<T>(make: (kind: IntentKind) => T): Record<IntentKind, T> {
  return Object.fromEntries(INTENT_KINDS.map((kind) => [kind, make(kind)])) as Record<IntentKind, T>;
}

/** ethers asks for arrays that it might change. */
export function mutableTypes(types: TypedTypes): Record<string, TypedDataField[]> {
  return Object.fromEntries(
    Object.entries(types).map(([name, fields]) => [name, fields.map((field) => ({ ...field }))]),
  );
}
