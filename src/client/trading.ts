import { keccak256, toUtf8Bytes } from "ethers";
import canonicalize from "canonicalize";

import type { IntentJsonByKind } from "../chain/intent-json.js";
import type { IntentDomain } from "../chain/intents.js";
import { dealOf, exchangeDomain, hashDeal, hashOrder, orderOf, signDeal, signOrder } from "../chain/orders.js";
import type { Client } from "./client.js";
import type { FirmSigner, IntentOptions, IntentTerms, SignedIntent } from "./firm.js";
import { toDecimal, type Terms } from "./intent-bodies.js";
import type {
  AuctionTimes,
  CashTransferInput,
  DealInput,
  OrderInput,
  SignedDealReport,
  SignedOrder,
  WithdrawalInput,
} from "./market-requests.js";
import { dayFromNow } from "./market.js";
import { createOrderNonces } from "./order-nonces.js";
import { randomNonce } from "./random.js";
import type * as c from "./cash-types.js";
import type { Auction, Bid } from "./auction-types.js";
import type { DealTerms, ReportedDeal } from "./deal-types.js";
import type { Order, OrderVerdict } from "./order-types.js";
import type { Address, DateTime, Hash, Operation, Quantity } from "./types.js";

/** In seconds. */
const ONE_DAY = 86_400n;

export interface TradingParts {
  readonly client: Client;
  readonly signer: FirmSigner;
  /** The domain of the exchange. */
  readonly domain: () => Promise<IntentDomain>;
  readonly complete: (terms?: IntentTerms) => Terms;
  readonly sign: <K extends keyof IntentJsonByKind>(kind: K, json: IntentJsonByKind[K]) => Promise<SignedIntent<K>>;
}

/** An order with its signature and its digest, which is its id. */
export type OrderReady = SignedOrder & { readonly hash: Hash };

/** What a firm may fix about an order. Left out: the next nonce that the service knows of. */
export interface OrderTerms {
  readonly nonce?: bigint;
}

/**
 * The trading side of a firm with its own key: signs here, sends only the signature. Nonces of orders are asked of the service once per
 * batch and counted up here; a firm that signs in several places gives each order its nonce itself.
 */
export function createTrading({ client, signer, domain, complete, sign }: TradingParts) {
  const nonces = createOrderNonces(client.orders.nextNonce);

  async function order(input: OrderInput, terms: OrderTerms = {}): Promise<OrderReady> {
    const { batch, side, tonnes, limitPrice, minimumTonnes, maximumFeeBasisPoints, expiresAt, ...conditions } = input;
    const json = {
      account: signer.address,
      batch,
      side,
      tonnes: toDecimal(tonnes),
      minimumTonnes: toDecimal(minimumTonnes ?? 0n),
      limitPrice: toDecimal(limitPrice),
      maximumFeeBasisPoints: toDecimal(maximumFeeBasisPoints ?? 0n),
      nonce: (terms.nonce ?? (await nonces.next(signer.address, batch))).toString(),
      expiresAt: toDecimal(expiresAt ?? dayFromNow()),
    };
    const [words, place] = [orderOf(json), await domain()];
    return {
      order: json,
      signature: await signOrder(signer, words, place),
      ...conditions,
      hash: hashOrder(words, place),
    };
  }

  /** Signs and sends. A nonce that another process took meanwhile is replaced, unless the caller chose it. */
  async function placing<Answer>(
    input: OrderInput,
    terms: OrderTerms,
    send: (order: SignedOrder) => Promise<Answer>,
  ): Promise<Answer> {
    const sendWith = async (nonce: bigint): Promise<Answer> => send(withoutHash(await order(input, { nonce })));
    return terms.nonce === undefined ? nonces.use(signer.address, input.batch, sendWith) : sendWith(terms.nonce);
  }

  async function signedDeal(deal: DealTerms): Promise<{ readonly signature: string; readonly hash: Hash }> {
    const [words, place] = [dealOf(deal), await domain()];
    return { signature: await signDeal(signer, words, place), hash: hashDeal(words, place) };
  }

  function dealTerms(input: DealInput): DealTerms {
    const own = signer.address;
    const [seller, buyer] = input.side === "seller" ? [own, input.counterparty] : [input.counterparty, own];
    return {
      seller,
      buyer,
      batch: input.batch,
      tonnes: toDecimal(input.tonnes),
      price: toDecimal(input.price),
      maximumFeeBasisPoints: toDecimal(input.maximumFeeBasisPoints ?? 0n),
      expiresAt: toDecimal(input.expiresAt ?? dayFromNow()),
      nonce: toDecimal(input.nonce ?? randomNonce()),
    };
  }

  const signed = {
    order,
    deal: async (input: DealInput): Promise<SignedDealReport & { readonly hash: Hash }> => {
      const deal = dealTerms(input);
      return { deal, reportedBy: input.side, ...(await signedDeal(deal)) };
    },
    orderCancellation: (batch: string, orderNonce: Quantity, terms?: IntentTerms) =>
      sign("order-cancellation", { ...termsOf(complete(terms)), batch, orderNonce: toDecimal(orderNonce) }),
    massCancellation: (beforeNonce: Quantity, terms?: IntentTerms) =>
      sign("mass-cancellation", { ...termsOf(complete(terms)), beforeNonce: toDecimal(beforeNonce) }),
    cashTransfer: ({ to, amount }: CashTransferInput, terms?: IntentTerms) =>
      sign("cash-transfer", { ...termsOf(complete(terms)), to, amount: toDecimal(amount) }),
    withdrawal: ({ batch, amount }: WithdrawalInput, terms?: IntentTerms) =>
      sign("exchange-withdrawal", { ...termsOf(complete(terms)), batch, amount: toDecimal(amount) }),
    redemption: (amount: Quantity, payout: c.Payout, terms?: IntentTerms) =>
      sign("redemption", { ...termsOf(complete(terms)), amount: toDecimal(amount), payoutHash: hashOfPayout(payout) }),
  };

  return {
    sign: signed,

    placeOrder: async (input: OrderInput, terms: OrderTerms = {}): Promise<Order> =>
      placing(input, terms, (signedOrder) => client.orders.place(signedOrder)),
    /** Up to a hundred; each is judged by itself, in this order. */
    placeOrders: async (inputs: readonly OrderInput[]): Promise<readonly OrderVerdict[]> => {
      const all: SignedOrder[] = [];
      for (const input of inputs) all.push(withoutHash(await order(input)));
      return (await client.orders.placeMany(all)).items;
    },
    /** In one step: the new order enters and the old one leaves, or neither. */
    replaceOrder: async (id: Hash, input: OrderInput, terms: OrderTerms = {}): Promise<Order> =>
      placing(input, terms, (signedOrder) => client.orders.replace(id, signedOrder)),
    /** Takes the order off the boards, and makes it void on the chain. */
    cancelOrder: async ({ id, batch, nonce }: Pick<Order, "id" | "batch" | "nonce">): Promise<Order> =>
      client.orders.cancel(id, bodyOf(await signed.orderCancellation(batch, nonce))),
    /** Makes all orders with a lower nonce void, in every batch. */
    cancelOrdersBefore: async (nonce: Quantity): Promise<{ readonly cancelled: number }> =>
      client.orders.cancelAll({}, bodyOf(await signed.massCancellation(nonce))),

    /** Reports a deal that was agreed elsewhere, with this side's signature. */
    reportDeal: async (input: DealInput): Promise<ReportedDeal> => {
      const { hash: _, ...report } = await signed.deal(input);
      return client.deals.report(report);
    },
    /** Puts the other signature to a deal. Check its words before: they are what is signed. */
    confirmDeal: async ({ id, deal }: Pick<ReportedDeal, "id" | "deal">): Promise<ReportedDeal> => {
      const { signature, hash } = await signedDeal(deal);
      if (hash !== id) throw new Error(`The deal ${id} has other words than it was shown with`);
      return client.deals.confirm(id, { signature });
    },

    /** Offers units in an auction: `limitPrice` is the reserve price. It may be settled until a day after the close. */
    announceAuction: async (
      input: Omit<OrderInput, "side">,
      { opensAt, closesAt }: AuctionTimes,
      terms?: OrderTerms,
    ): Promise<Auction> => {
      const { order: words, signature } = await order({ ...lasting(input, closesAt), side: "sell" }, terms);
      return client.auctions.announce({ order: words, signature, opensAt, closesAt });
    },
    /** It may be settled until a day after the auction closes. */
    bid: async (auction: Hash, input: Omit<OrderInput, "side">, terms?: OrderTerms): Promise<Bid> => {
      // What is said need not be asked for.
      const bid = input.expiresAt === undefined ? lasting(input, (await client.auctions.get(auction)).closesAt) : input;
      const { order: words, signature } = await order({ ...bid, side: "buy" }, terms);
      return client.auctions.bid(auction, { order: words, signature });
    },

    /** To another firm; to the exchange's address, it is a deposit. */
    transferCash: async (to: Address, amount: Quantity, o?: IntentOptions): Promise<Operation> =>
      client.cash.transfers.create(bodyOf(await signed.cashTransfer({ to, amount }, o)), o),
    /** Asks for units (`batch`) or cash (null) out of trading. */
    withdraw: async (batch: string | null, amount: Quantity, o?: IntentOptions): Promise<Operation> =>
      client.withdrawals.create(bodyOf(await signed.withdrawal({ batch, amount }, o)), o),
    /** Asks the bank to pay money out. */
    redeem: async (amount: Quantity, payout: c.Payout, o?: IntentOptions): Promise<Operation> =>
      client.cash.redemptions.create({ ...bodyOf(await signed.redemption(amount, payout, o)), payout }, o),
  };
}

/** An order of an auction must outlive it: a day is far more than its trades need. */
function lasting<Input extends Omit<OrderInput, "side">>(input: Input, closesAt: DateTime): Input {
  return { ...input, expiresAt: input.expiresAt ?? BigInt(Math.floor(Date.parse(closesAt) / 1000)) + ONE_DAY };
}

/** The domain of what is signed for an exchange. */
export function domainOfExchange(chainId: number, exchange: Address): IntentDomain {
  return exchangeDomain(BigInt(chainId), exchange);
}

function termsOf({ account, nonce, deadline }: Terms) {
  return { account, nonce: nonce.toString(), deadline: deadline.toString() };
}

function bodyOf({ intent, signature }: SignedIntent) {
  return { intent, signature };
}

function withoutHash({ hash: _, ...order }: OrderReady): SignedOrder {
  return order;
}

/** keccak-256 of the RFC 8785 canonical JSON. */
function hashOfPayout(payout: c.Payout): Hash {
  return keccak256(toUtf8Bytes(canonicalize(payout) ?? ""));
}
