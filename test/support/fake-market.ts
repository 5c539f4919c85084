import type { Transaction } from "kysely";

import type { Db } from "../../src/db/connection.js";
import type { Database } from "../../src/db/schema.js";
import { Problem } from "../../src/errors.js";
import type {
  AgreedTrade,
  MarketRules,
  Reservations,
  ReservationView,
  SealedOrders,
  SignedOrderJson,
  TradeDesk,
  TradingRights,
} from "../../src/market/ports.js";

/** The instant, in Unix milliseconds, at which the tests of markets begin. */
export const MARKET_START = Date.UTC(2026, 6, 1, 3);

export interface FakePosition {
  readonly account: string;
  readonly asset: string;
  readonly amount: bigint;
}

/**
 * What deals and auctions need of a market, in memory, around a database: positions, reservations, rules that a test can change, and a
 * desk that writes trades and forgets to settle them.
 */
export function createFakeMarket(db: Db, participants: ReadonlyMap<string, number>, positions: FakePosition[]) {
  let now = MARKET_START;
  const rules = createFakeRules();
  const reservations = createFakeReservations(positions);
  const suspended = new Set<string>();
  const rights: TradingRights = {
    async check(account) {
      const id = participants.get(account);
      if (id === undefined) throw new Problem("account-unknown", undefined, { evidence: { account } });
      if (suspended.has(account)) throw new Problem("participant-suspended", undefined, { evidence: { account } });
      return id;
    },
  };
  return {
    rules,
    reservations,
    rights,
    suspended,
    desk: createFakeDesk(reservations),
    sealed: createFakeSealedOrders(db, reservations, participants),
    feeAt: () => rules.fee,
    ready: async () => undefined,
    clock: { now: () => now },
    /** Unix seconds, from now on. */
    later: (seconds: number): bigint => BigInt(now / 1_000 + seconds),
    pass(seconds: number): void {
      now += seconds * 1_000;
    },
  };
}

function createFakeRules(): MarketRules & { refusal: Problem | undefined; tick: bigint; highest: bigint; fee: number } {
  return {
    refusal: undefined,
    tick: 100n,
    highest: 200_000n,
    fee: 0,
    instrument: (batch) => (batch.startsWith("TRADED") ? { batch, kind: "credit", tick: 100 } : undefined),
    refusalOfTime() {
      return this.refusal;
    },
    refusalOfPrice(_batch, price) {
      if (price % this.tick !== 0n) return new Problem("price-off-tick");
      return price > this.highest ? new Problem("price-outside-band") : undefined;
    },
    endOfDay: () => 0,
  };
}

function createFakeReservations(positions: FakePosition[]): Reservations & { total(): bigint } {
  const held = new Map<string, ReservationView>();
  const reserved = (account: string, asset: string): bigint =>
    [...held.values()]
      .filter((view) => view.account === account && view.asset === asset)
      .reduce((sum, { amount }) => sum + amount, 0n);
  const available = async (account: string, asset: string) => {
    const amount = positions.find((one) => one.account === account && one.asset === asset)?.amount ?? 0n;
    return { amount, leaving: 0n, reserved: reserved(account, asset), available: amount - reserved(account, asset) };
  };
  const hold: Reservations["hold"] = (key, account, asset, amount) => {
    held.set(key, { key, account, asset, amount: (held.get(key)?.amount ?? 0n) + amount });
  };
  return {
    async reserve(key, account, asset, amount) {
      const free = (await available(account, asset)).available;
      if (free < amount) throw new Problem("position-insufficient", undefined, { evidence: { account, asset } });
      hold(key, account, asset, amount);
    },
    hold,
    release(key, amount) {
      const view = held.get(key);
      if (view === undefined) return;
      if (amount === undefined || amount >= view.amount) held.delete(key);
      else held.set(key, { ...view, amount: view.amount - amount });
    },
    available,
    async shortfall(account, asset) {
      const orders = [...held.values()].filter((view) => view.account === account && view.asset === asset);
      const bound = orders.filter(({ key }) => !key.startsWith("trade:")).reduce((sum, { amount }) => sum + amount, 0n);
      const { amount } = await available(account, asset);
      return bound > amount ? bound - amount : 0n;
    },
    list: (account) => [...held.values()].filter((view) => view.account === account),
    total: () => [...held.values()].reduce((sum, { amount }) => sum + amount, 0n),
  };
}

function createFakeDesk(reservations: Reservations): TradeDesk & { readonly trades: AgreedTrade[] } {
  const trades: AgreedTrade[] = [];
  return {
    trades,
    async write(trx, written) {
      if (written.length === 0) return;
      await trx
        .insertInto("trades")
        .values(
          written.map((trade) => ({
            id: trade.id,
            batch_code: trade.batch,
            mode: trade.mode,
            taker_hash: trade.takerHash,
            maker_hash: trade.makerHash,
            buyer: trade.buyer,
            seller: trade.seller,
            buyer_participant_id: trade.buyerParticipantId,
            seller_participant_id: trade.sellerParticipantId,
            tonnes: BigInt(trade.tonnes),
            price: BigInt(trade.price),
            aggressor: trade.aggressor,
            buyer_maximum_fee: trade.buyerMaximumFee,
            seller_maximum_fee: trade.sellerMaximumFee,
            matched_at: new Date(trade.matchedAt),
            status: "matched" as const,
          })),
        )
        .onConflict((conflict) => conflict.column("id").doNothing())
        .execute();
    },
    agreed(agreed) {
      trades.push(...agreed);
      for (const { id, seller, buyer, batch, tonnes, price } of agreed) {
        reservations.hold(`trade:${id}:units`, seller, batch, BigInt(tonnes));
        reservations.hold(`trade:${id}:cash`, buyer, "", BigInt(tonnes) * BigInt(price));
      }
    },
    onFate: () => () => undefined,
  };
}

/** Admits what `hash` of the signature names; nothing is verified. */
function createFakeSealedOrders(
  db: Db,
  reservations: Reservations,
  participants: ReadonlyMap<string, number>,
): SealedOrders {
  return {
    async admit({ order, signature }, _settlesBy, write) {
      const hash = signature;
      const known = await db.selectFrom("orders").select("hash").where("hash", "=", hash).executeTakeFirst();
      if (known !== undefined) throw new Problem("order-nonce-used");
      const { account, batch, side } = order;
      const amount = BigInt(order.tonnes) * (side === "sell" ? 1n : BigInt(order.limitPrice));
      await reservations.reserve(`order:${hash}`, account, side === "sell" ? batch : "", amount);
      try {
        await db.transaction().execute(async (trx) => {
          await insertOrder(trx, hash, order, participants.get(account) ?? 0);
          await write(trx, hash);
        });
      } catch (error) {
        reservations.release(`order:${hash}`);
        throw error;
      }
      return hash;
    },
    async conclude(hash, filledTonnes, reason) {
      reservations.release(`order:${hash}`);
      const found = await db.selectFrom("orders").select("tonnes").where("hash", "=", hash).executeTakeFirst();
      const isFilled = found?.tonnes === BigInt(filledTonnes);
      await db
        .updateTable("orders")
        .set({
          status: isFilled ? "filled" : "cancelled",
          filled_tonnes: BigInt(filledTonnes),
          reason: isFilled ? null : reason,
        })
        .where("hash", "=", hash)
        .execute();
    },
  };
}

async function insertOrder(
  trx: Transaction<Database>,
  hash: string,
  order: SignedOrderJson["order"],
  participantId: number,
): Promise<void> {
  await trx
    .insertInto("orders")
    .values({
      hash,
      number: null,
      account: order.account,
      participant_id: participantId,
      batch_code: order.batch,
      side: order.side,
      kind: "limit",
      tonnes: BigInt(order.tonnes),
      minimum_tonnes: 0n,
      limit_price: BigInt(order.limitPrice),
      maximum_fee_basis_points: Number(order.maximumFeeBasisPoints),
      nonce: BigInt(order.nonce),
      expires_at: BigInt(order.expiresAt),
      time_in_force: "gtd",
      post_only: false,
      self_trade: "cancel-incoming",
      mode: "auction",
      signature: hash,
      leaves_at: BigInt(order.expiresAt),
      selects: null,
      session: null,
      status: "open",
      filled_tonnes: 0n,
      reason: null,
      created_at: new Date(),
      updated_at: new Date(),
    })
    .execute();
}
