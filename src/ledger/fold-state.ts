import type { EventName, LedgerEvent, LedgerEventOf } from "../chain/event-types.js";
import type { Db } from "../db/connection.js";
import { RowCache, type Key, type TableName } from "./row-cache.js";
import { SerialCache } from "./serial-cache.js";

/** Tables that events are folded into, with their primary keys. */
export const FOLDED_TABLES = {
  participants: ["id"],
  accounts: ["address"],
  projects: ["code"],
  statements: ["id"],
  issuances: ["id"],
  batches: ["code"],
  foreign_blocks: ["programme", "series", "start_serial"],
  serial_blocks: ["batch_code", "start_serial"],
  holdings: ["account", "batch_code"],
  transfers: ["id"],
  retirements: ["id"],
  cancellations: ["id"],
  intents: ["hash"],
  revoked_nonces: ["account", "nonce"],
  role_grants: ["role", "account"],
  ledger_state: ["name"],
  cash_balances: ["account"],
  cash_movements: ["account", "block_number", "log_index"],
  cash_deposits: ["reference"],
  redemptions: ["id"],
  instruments: ["batch_code"],
  exchange_positions: ["account", "batch_code"],
  exchange_movements: ["account", "batch_code", "block_number", "log_index"],
  settled_trades: ["id"],
  order_fills: ["order_hash"],
  cancelled_orders: ["account", "batch_code", "nonce"],
  order_floors: ["account"],
  closed_deals: ["hash"],
} as const satisfies Partial<Record<TableName, readonly string[]>>;

type CachedTable = Exclude<keyof typeof FOLDED_TABLES, "serial_blocks">;

/** What folding a range of events reads and changes. Nothing is written before `flush`. */
export class FoldState {
  readonly rows: { readonly [T in CachedTable]: RowCache<T> };
  readonly serials: SerialCache;
  readonly #timestamps: ReadonlyMap<bigint, bigint>;
  #transaction = new TransactionMemory("");

  constructor(db: Db, timestamps: ReadonlyMap<bigint, bigint>) {
    this.rows = cachesOf(db);
    this.serials = new SerialCache(db);
    this.#timestamps = timestamps;
  }

  /** Unix time of a block of the range. */
  timestampOf(blockNumber: bigint): bigint {
    const timestamp = this.#timestamps.get(blockNumber);
    if (timestamp === undefined) throw new RangeError(`block ${blockNumber} is outside the range`);
    return timestamp;
  }

  /** What earlier events of the same transaction said. */
  transaction(event: LedgerEvent): TransactionMemory {
    if (this.#transaction.txHash !== event.txHash) this.#transaction = new TransactionMemory(event.txHash);
    return this.#transaction;
  }

  async flush(): Promise<void> {
    for (const cache of Object.values(this.rows)) await cache.flush();
    await this.serials.flush();
  }
}

/** Links between events of one transaction, which only their order tells. */
export class TransactionMemory {
  readonly txHash: string;
  /** Keys of the movements of the last transfer of money: what it was for is said by the event after it. */
  lastCashMovements: readonly Key<"cash_movements">[] = [];
  #intent: LedgerEventOf<"IntentExecuted"> | null = null;
  readonly #transferIds = new Map<string, string>();

  constructor(txHash: string) {
    this.txHash = txHash;
  }

  announceIntent(event: LedgerEventOf<"IntentExecuted">): void {
    this.#intent = event;
  }

  /** Hash of the intent that an act of this kind, by this account, carries out: the contract announces it before the act. */
  takeIntent(kind: LedgerEventOf<"IntentExecuted">["args"]["kind"], account: string): string | null {
    const intent = this.#intent;
    if (intent === null || intent.args.kind !== kind || intent.args.account !== account) return null;
    this.#intent = null;
    return intent.args.intentHash;
  }

  rememberTransfer(batch: string, from: string, to: string, id: string): void {
    this.#transferIds.set(`${batch} ${from} ${to}`, id);
  }

  lastTransfer(batch: string, from: string, to: string): string | undefined {
    return this.#transferIds.get(`${batch} ${from} ${to}`);
  }
}

/** How events of some names change the state. */
export type Folds<N extends EventName> = {
  readonly [K in N]: (state: FoldState, event: LedgerEventOf<K>) => Promise<void> | void;
};

function cachesOf(db: Db): FoldState["rows"] {
  const { serial_blocks: _, ...tables } = FOLDED_TABLES;
  const caches = Object.entries(tables).map(([table, key]) => [
    table,
    new RowCache(db, table as CachedTable, key as never),
  ]);
  return Object.fromEntries(caches) as FoldState["rows"];
}
