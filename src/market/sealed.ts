import { sql } from "kysely";

import type { Db } from "../db/connection.js";
import { Problem } from "../errors.js";
import { toInteger } from "../integers.js";
import type { MarketHost } from "./host.js";
import type { OrderIntake } from "./intake.js";
import { needOf } from "./money.js";
import { CASH, type Clock, type MarketRules, type MarketSide, type SealedOrders } from "./ports.js";
import { checkFee, checkSealedOrder, SETTLEMENT_SECONDS } from "./rules.js";

export interface SealedOrdersOptions {
  readonly db: Db;
  readonly host: MarketHost;
  readonly intake: OrderIntake;
  readonly rules: MarketRules;
  readonly clock: Clock;
}

export interface HostSealedOrders extends SealedOrders {
  /** Reserves again what sealed orders may need. */
  restore(): Promise<void>;
}

/** Orders that never enter a book: those of auctions. */
export function createSealedOrders({ db, host, intake, rules, clock }: SealedOrdersOptions): HostSealedOrders {
  const { facts, nonces, reservations } = host;

  return {
    async admit({ order, signature }, settlesBy, write) {
      await host.ready();
      const { account, batch, side } = order;
      const instrument = rules.instrument(batch);
      if (instrument === undefined) throw new Problem("instrument-unknown", undefined, { evidence: { batch } });
      const numbers = checkSealedOrder(order, instrument.tick, settlesBy);
      const hash = intake.hashOf(order);
      const pair = { account, batch };
      await Promise.all([facts.load([account]), nonces.load([pair])]);
      await intake.checkSignature(order, hash, signature);
      await facts.load([account]);

      const refusal = facts.refusalOf(account, batch, instrument.kind, clock.now());
      if (refusal !== undefined) throw refusal;
      const known = facts.account(account);
      const floor = known?.firstValidNonce ?? 0;
      if (numbers.nonce < floor || nonces.isUsed(pair, numbers.nonce)) {
        const next = nonces.next(pair, floor, false).toString();
        throw new Problem("order-nonce-used", undefined, { evidence: { account, batch, nonce: order.nonce, next } });
      }
      checkFee(order, numbers.maximumFee, facts.feeAt((settlesBy - SETTLEMENT_SECONDS) * 1_000));
      const key = `order:${hash}`;
      const shortage = reservations.tryReserve(
        key,
        account,
        assetOf(side, batch),
        needOf({ side, ...numbers }, numbers.tonnes),
      );
      if (shortage !== undefined) throw shortage;
      nonces.claim(pair, numbers.nonce);
      try {
        await db.transaction().execute(async (trx) => {
          await trx
            .insertInto("orders")
            .values({
              hash,
              number: null,
              account,
              participant_id: known?.participantId ?? 0,
              batch_code: batch,
              side,
              kind: "limit",
              tonnes: BigInt(numbers.tonnes),
              minimum_tonnes: BigInt(numbers.minimumTonnes),
              limit_price: BigInt(numbers.price),
              maximum_fee_basis_points: numbers.maximumFee,
              nonce: BigInt(numbers.nonce),
              expires_at: BigInt(numbers.expiresAt),
              time_in_force: "gtd",
              post_only: false,
              self_trade: "cancel-incoming",
              mode: "auction",
              signature,
              leaves_at: BigInt(numbers.expiresAt),
              selects: null,
              session: null,
              status: "open",
              filled_tonnes: 0n,
              reason: null,
              created_at: new Date(clock.now()),
              updated_at: new Date(clock.now()),
            })
            .execute();
          await write(trx, hash);
        });
      } catch (error) {
        reservations.release(key);
        nonces.free(pair, numbers.nonce);
        throw error;
      }
      nonces.use(pair, numbers.nonce);
      return hash;
    },

    async conclude(hash, filledTonnes, reason) {
      const filled = BigInt(filledTonnes);
      await db
        .updateTable("orders")
        .set({
          filled_tonnes: filled,
          status: sql`case when tonnes = ${filled}::int8 then 'filled' else 'cancelled' end`,
          reason: sql`case when tonnes = ${filled}::int8 then null else ${reason}::text end`,
          updated_at: new Date(clock.now()),
        })
        .where("hash", "=", hash)
        .where("mode", "=", "auction")
        .where("status", "=", "open")
        .execute();
      reservations.release(`order:${hash}`);
    },

    async restore() {
      const rows = await db
        .selectFrom("orders")
        .select(["hash", "account", "batch_code", "side", "tonnes", "limit_price", "maximum_fee_basis_points"])
        .where("mode", "=", "auction")
        .where("status", "=", "open")
        .execute();
      for (const { hash, account, batch_code: batch, side, ...row } of rows) {
        const numbers = { side, price: toInteger(row.limit_price), maximumFee: row.maximum_fee_basis_points };
        reservations.hold(`order:${hash}`, account, assetOf(side, batch), needOf(numbers, toInteger(row.tonnes)));
      }
    },
  };
}

function assetOf(side: MarketSide, batch: string): string {
  return side === "sell" ? batch : CASH;
}
