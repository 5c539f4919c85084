import { sql } from "kysely";

import type { Db } from "../db/connection.js";
import { jsonText } from "../db/json.js";
import { toInteger } from "../integers.js";
import type { Advance } from "../ledger/projector.js";
import type { MarketCommand } from "./commands.js";
import type { MarketEngine, OrderRecord } from "./engine.js";
import type { MarketFacts } from "./facts.js";
import { CASH, type Clock, type MarketRules, type RemovalReason } from "./ports.js";
import { isOfTrade, type HostReservations } from "./reservations.js";

export interface ReviewOptions {
  readonly db: Db;
  readonly facts: MarketFacts;
  readonly rules: MarketRules;
  readonly reservations: HostReservations;
  readonly clock: Clock;
  readonly engine: () => MarketEngine;
  readonly submit: (command: MarketCommand) => Promise<unknown>;
}

/** Holds open orders against what the chain says: what cannot settle any more leaves the book. */
export interface Review {
  /** Every open order: at the start, for what happened while nobody looked. */
  all(): Promise<void>;
  /** @param accounts Those that the block concerns; null: any. */
  after(advance: Advance, accounts: ReadonlySet<string> | null): Promise<void>;
  /** A settlement has ended: what it bound no longer hides that a position is too small. */
  afterFate(): Promise<void>;
}

/** Events after which a position may be smaller than its owner's orders need, other than by their trades. */
const SHRINKING = new Set(["UnitsWithdrawalRequested", "CashWithdrawalRequested", "PositionRecovered"]);

export function createReview(options: ReviewOptions): Review {
  const { db, facts, rules, reservations, clock, engine, submit } = options;
  /** Accounts whose positions shrank while trades of theirs were on their way: looked at again when those have ended. */
  const suspects = new Set<string>();

  async function reviewAccounts(accounts: readonly string[], isShrunk: boolean): Promise<void> {
    if (accounts.length === 0) return;
    await facts.load(accounts);
    const cancelled = await readCancelled(db, accounts);
    const gone: [OrderRecord, RemovalReason][] = [];
    for (const account of accounts) {
      for (const record of engine().openOf(account)) {
        const reason = reasonToGo(record, cancelled);
        if (reason !== undefined) gone.push([record, reason]);
      }
    }
    await cancel(gone);
    if (isShrunk) for (const account of accounts) suspects.add(account);
    await reviewSuspects();
  }

  function reasonToGo({ order }: OrderRecord, cancelled: ReadonlySet<string>): RemovalReason | undefined {
    const { account, batch, nonce } = order;
    const known = facts.account(account);
    if (known === undefined) return undefined; // A newer block is on its way to say more.
    if (nonce < known.firstValidNonce || cancelled.has(`${account} ${batch} ${nonce}`)) return "cancelled-on-chain";
    const kind = rules.instrument(batch)?.kind;
    if (kind === undefined) return undefined;
    const refusal = facts.refusalOf(account, batch, kind, clock.now());
    // A pause ends, and the orders are still there then.
    const isPaused = refusal?.code === "units-paused" || refusal?.code === "units-batch-paused";
    return refusal === undefined || isPaused ? undefined : "participant-suspended";
  }

  async function reviewSuspects(): Promise<void> {
    if (suspects.size === 0) return;
    await facts.load(suspects);
    for (const account of [...suspects]) {
      await cancel(uncovered(account).map((record) => [record, "funds-withdrawn"]));
      if (!reservations.list(account).some(({ key }) => isOfTrade(key))) suspects.delete(account);
    }
  }

  /** The youngest orders that the position does not cover. */
  function uncovered(account: string): OrderRecord[] {
    const found: OrderRecord[] = [];
    const own = [...engine().openOf(account)].toSorted((a, b) => b.number - a.number);
    const assets = Map.groupBy(own, ({ order }) => (order.side === "sell" ? order.batch : CASH));
    for (const [asset, records] of assets) {
      let missing = reservations.shortfallNow(account, asset);
      for (const record of records) {
        if (missing <= 0n) break;
        missing -= reservations.held(`order:${record.order.hash}`);
        found.push(record);
      }
    }
    return found;
  }

  async function cancel(records: readonly [OrderRecord, RemovalReason][]): Promise<void> {
    await Promise.all(records.map(([{ number }, reason]) => submit({ kind: "cancel", number, reason })));
  }

  return {
    all: () => reviewAccounts([...engine().accounts()], true),

    async after({ kind, events }, accounts) {
      const concerned = [...engine().accounts()].filter((account) => accounts === null || accounts.has(account));
      const isShrunk = kind === "rolled-back" || events.some(({ name }) => SHRINKING.has(name));
      // Settled trades are by far the most frequent events, and change nothing for orders.
      const isPlain = accounts !== null && !isShrunk && !events.some(({ name }) => name.startsWith("Order"));
      if (!isPlain) await reviewAccounts(concerned, isShrunk);
    },

    afterFate: reviewSuspects,
  };
}

/** `<account> <batch> <nonce>` of what the accounts cancelled on the chain. */
async function readCancelled(db: Db, accounts: readonly string[]): Promise<Set<string>> {
  const rows = await db
    .selectFrom("cancelled_orders")
    .select(["account", "batch_code", "nonce"])
    .where(sql<boolean>`account in (select jsonb_array_elements_text(${jsonText(accounts)}::text::jsonb))`)
    .execute();
  return new Set(rows.map(({ account, batch_code: batch, nonce }) => `${account} ${batch} ${toInteger(nonce)}`));
}
