/**
 * What firms sign to trade: the twins of `IExchange.Order` and `IExchange.Deal` and of `contracts/libraries/OrderHashes.sol`, under the
 * same names, and their JSON. Who signed a digest: `recoverSigner` in `signature.ts`.
 *
 * Quantities are `bigint`; money is in minor units of the settlement currency. Imports nothing that a browser lacks.
 */
import { batchIdOf, codeOfBatchId } from "./codes.js";
import { type IntentDomain, intentDomain, mutableTypes, type TypedDataSigner } from "./intents.js";
import { compileStruct, separatorOf, typedDigest } from "./typed-data.js";

/** `IExchange.Side`, in its order. */
export const ORDER_SIDES = ["buy", "sell"] as const;
export type OrderSide = (typeof ORDER_SIDES)[number];

export interface Order {
  account: string;
  batchId: bigint;
  /** Place in `ORDER_SIDES`. */
  side: number;
  /** The most that all its trades together may have. */
  tonnes: bigint;
  /** The first settlement that touches the order fills at least this much of it, or none. */
  minimumTonnes: bigint;
  /** Per tonne: the highest price of a buy, the lowest of a sale. */
  limitPrice: bigint;
  /** Of the trade's value. */
  maximumFeeBasisPoints: bigint;
  /** Below 2^32, unique within the account and the batch. Counting up is cheapest. */
  nonce: bigint;
  /** Unix time in seconds of the last second in which it may settle. */
  expiresAt: bigint;
}

export interface Deal {
  seller: string;
  buyer: string;
  batchId: bigint;
  tonnes: bigint;
  /** Per tonne. */
  price: bigint;
  maximumFeeBasisPoints: bigint;
  expiresAt: bigint;
  /** Any number; tells deals with the same terms apart. */
  nonce: bigint;
}

export interface SignedOrder {
  order: Order;
  signature: string;
}

export interface SignedDeal {
  deal: Deal;
  sellerSignature: string;
  buyerSignature: string;
}

/** `batch` is the code; quantities are decimal strings. */
export interface OrderJson {
  readonly account: string;
  readonly batch: string;
  readonly side: OrderSide;
  readonly tonnes: string;
  readonly minimumTonnes: string;
  readonly limitPrice: string;
  readonly maximumFeeBasisPoints: string;
  readonly nonce: string;
  readonly expiresAt: string;
}

/** `batch` is the code; quantities are decimal strings. */
export interface DealJson {
  readonly seller: string;
  readonly buyer: string;
  readonly batch: string;
  readonly tonnes: string;
  readonly price: string;
  readonly maximumFeeBasisPoints: string;
  readonly expiresAt: string;
  readonly nonce: string;
}

export interface SignedDealJson {
  readonly deal: DealJson;
  readonly sellerSignature: string;
  readonly buyerSignature: string;
}

/** The EIP-712 types, as ethers' `signTypedData` takes them. */
export const ORDER_TYPES = {
  Order: [
    { name: "account", type: "address" },
    { name: "batchId", type: "uint256" },
    { name: "side", type: "uint8" },
    { name: "tonnes", type: "uint64" },
    { name: "minimumTonnes", type: "uint64" },
    { name: "limitPrice", type: "uint128" },
    { name: "maximumFeeBasisPoints", type: "uint16" },
    { name: "nonce", type: "uint32" },
    { name: "expiresAt", type: "uint48" },
  ],
} as const;

export const DEAL_TYPES = {
  Deal: [
    { name: "seller", type: "address" },
    { name: "buyer", type: "address" },
    { name: "batchId", type: "uint256" },
    { name: "tonnes", type: "uint64" },
    { name: "price", type: "uint128" },
    { name: "maximumFeeBasisPoints", type: "uint16" },
    { name: "expiresAt", type: "uint48" },
    { name: "nonce", type: "uint256" },
  ],
} as const;

const hashOrderStruct = compileStruct(ORDER_TYPES, "Order");
const hashDealStruct = compileStruct(DEAL_TYPES, "Deal");

/** The domain of the `Exchange` at an address of a chain; so the settlement currency is part of every signature. */
export function exchangeDomain(chainId: bigint, exchange: string): IntentDomain {
  return intentDomain(chainId, exchange);
}

/** The order's EIP-712 digest, its id: what is signed, and what `TradeSettled` carries. Lower-case 0x hex. */
export function hashOrder(order: Order, domain: IntentDomain): string {
  return typedDigest(separatorOf(domain), hashOrderStruct(order));
}

/** The deal's EIP-712 digest, its id. Lower-case 0x hex. */
export function hashDeal(deal: Deal, domain: IntentDomain): string {
  return typedDigest(separatorOf(domain), hashDealStruct(deal));
}

/** @returns The 65-byte signature, hex. */
export function signOrder(signer: TypedDataSigner, order: Order, domain: IntentDomain): Promise<string> {
  return signer.signTypedData(domain, mutableTypes(ORDER_TYPES), { ...order });
}

/** @returns The 65-byte signature, hex. */
export function signDeal(signer: TypedDataSigner, deal: Deal, domain: IntentDomain): Promise<string> {
  return signer.signTypedData(domain, mutableTypes(DEAL_TYPES), { ...deal });
}

/** Of JSON that a schema has checked. @throws CodeError */
export function orderOf(json: OrderJson): Order {
  return {
    account: json.account,
    batchId: batchIdOf(json.batch),
    side: ORDER_SIDES.indexOf(json.side),
    tonnes: BigInt(json.tonnes),
    minimumTonnes: BigInt(json.minimumTonnes),
    limitPrice: BigInt(json.limitPrice),
    maximumFeeBasisPoints: BigInt(json.maximumFeeBasisPoints),
    nonce: BigInt(json.nonce),
    expiresAt: BigInt(json.expiresAt),
  };
}

/** Inverse of `orderOf`. */
export function orderJsonOf(order: Order): OrderJson {
  return {
    account: order.account,
    batch: codeOfBatchId(order.batchId),
    side: order.side === ORDER_SIDES.indexOf("buy") ? "buy" : "sell",
    tonnes: order.tonnes.toString(),
    minimumTonnes: order.minimumTonnes.toString(),
    limitPrice: order.limitPrice.toString(),
    maximumFeeBasisPoints: order.maximumFeeBasisPoints.toString(),
    nonce: order.nonce.toString(),
    expiresAt: order.expiresAt.toString(),
  };
}

/** Of JSON that a schema has checked. @throws CodeError */
export function dealOf(json: DealJson): Deal {
  return {
    seller: json.seller,
    buyer: json.buyer,
    batchId: batchIdOf(json.batch),
    tonnes: BigInt(json.tonnes),
    price: BigInt(json.price),
    maximumFeeBasisPoints: BigInt(json.maximumFeeBasisPoints),
    expiresAt: BigInt(json.expiresAt),
    nonce: BigInt(json.nonce),
  };
}

/** Inverse of `dealOf`. */
export function dealJsonOf(deal: Deal): DealJson {
  return {
    seller: deal.seller,
    buyer: deal.buyer,
    batch: codeOfBatchId(deal.batchId),
    tonnes: deal.tonnes.toString(),
    price: deal.price.toString(),
    maximumFeeBasisPoints: deal.maximumFeeBasisPoints.toString(),
    expiresAt: deal.expiresAt.toString(),
    nonce: deal.nonce.toString(),
  };
}
