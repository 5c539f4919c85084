import type { EventName, LedgerEvent, LedgerEventOf } from "../chain/event-types.js";
import type { Session } from "../db/connection.js";
import { Rollups } from "./fold-rollups.js";
import { inTurn } from "./in-turn.js";
import { RowCache, type Key, type Row, type TableName, type Versions } from "./row-cache.js";
import { RowLog } from "./row-log.js";
import type { RowMemory } from "./row-memory.js";
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
  cancelled_orders: ["account", "batch_code", "nonce"],
  order_floors: ["account"],
  closed_deals: ["hash"],
  unit_movements: ["account", "batch_code", "block_number", "log_index"],
  holding_keys: ["account", "batch_code"],
  serial_moves: ["batch_code", "length_class", "start_serial", "block_number", "log_index"],
  rollups: ["subject", "dimension", "key", "month"],
  batch_versions: ["code", "block_number"],
  participant_versions: ["id", "block_number"],
  account_versions: ["address", "block_number"],
  project_versions: ["code", "block_number"],
  position_versions: ["account", "batch_code", "block_number"],
} as const satisfies Partial<Record<TableName, readonly string[]>>;

/** Tables that remember what the rows of another were after each block. */
const VERSIONS = {
  batches: "batch_versions",
  participants: "participant_versions",
  accounts: "account_versions",
  projects: "project_versions",
  exchange_positions: "position_versions",
} as const satisfies Partial<Record<TableName, TableName>>;

/** Those that rows are only added to. */
const ADDED_TABLES = ["unit_movements", "holding_keys", "serial_moves"] as const;
/** Those whose rows are put once, in the transaction that they tell of; what follows in it may still change them. */
const APPENDED_TABLES: readonly string[] = [
  "transfers",
  "retirements",
  "cancellations",
  "intents",
  "foreign_blocks",
  "cash_movements",
  "exchange_movements",
  "settled_trades",
];

type AddedTable = (typeof ADDED_TABLES)[number];
type VersionTable = (typeof VERSIONS)[keyof typeof VERSIONS];
type CachedTable = Exclude<keyof typeof FOLDED_TABLES, "serial_blocks" | "rollups" | AddedTable | VersionTable>;

/** What folding a range of events reads and changes. Nothing is written before `flush`. */
export class FoldState {
  readonly rows: { readonly [T in CachedTable]: RowCache<T> };
  readonly serials: SerialCache;
  readonly rollups: Rollups;
  readonly unitMovements: RowLog<"unit_movements">;
  readonly holdingKeys: RowLog<"holding_keys">;
  readonly serialMoves: RowLog<"serial_moves">;
  readonly #timestamps: ReadonlyMap<bigint, bigint>;
  readonly #clock = { blockNumber: -1n };
  #transaction = new TransactionMemory("");

  constructor(session: Session, timestamps: ReadonlyMap<bigint, bigint>, memory?: RowMemory) {
    this.rows = cachesOf(session, this.#clock, memory);
    this.serials = new SerialCache(session);
    this.rollups = new Rollups(session);
    this.unitMovements = new RowLog(session, "unit_movements");
    this.holdingKeys = new RowLog(session, "holding_keys", { isFirstKept: true });
    this.serialMoves = new RowLog(session, "serial_moves");
    this.#timestamps = timestamps;
  }

  /** To be called before the events of a block: what changes from now on changes in this block. */
  beginBlock(blockNumber: bigint): void {
    this.#clock.blockNumber = blockNumber;
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
    const { serials, unitMovements, holdingKeys, serialMoves, rollups } = this;
    const caches = [...Object.values(this.rows).filter((cache) => cache.hasChanges), serials];
    await inTurn([...caches, unitMovements, holdingKeys, serialMoves, rollups].map((part) => () => part.flush()));
  }
}

/** Links between events of one transaction, which only their order tells. */
export class TransactionMemory {
  readonly txHash: string;
  /** Keys of the movements of the last transfer of money: what it was for is said by the event after it. */
  lastCashMovements: readonly Key<"cash_movements">[] = [];
  #intent: LedgerEventOf<"IntentExecuted"> | null = null;
  readonly #transferIds = new Map<string, string>();
  readonly #burns = new Map<string, Row<"unit_movements">>();

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

  /** The record that says what a burn was for comes after it. */
  rememberBurn(movement: Row<"unit_movements">): void {
    this.#burns.set(`${movement.batch_code} ${movement.account}`, movement);
  }

  lastBurn(batch: string, account: string): Row<"unit_movements"> | undefined {
    return this.#burns.get(`${batch} ${account}`);
  }

  lastTransfer(batch: string, from: string, to: string): string | undefined {
    return this.#transferIds.get(`${batch} ${from} ${to}`);
  }
}

/** How events of some names change the state. */
export type Folds<N extends EventName> = {
  readonly [K in N]: (state: FoldState, event: LedgerEventOf<K>) => Promise<void> | void;
};

function cachesOf(session: Session, clock: Versions["clock"], memory: RowMemory | undefined): FoldState["rows"] {
  const others: readonly string[] = ["serial_blocks", "rollups", ...ADDED_TABLES, ...Object.values(VERSIONS)];
  const tables = Object.entries(FOLDED_TABLES).filter(([table]) => !others.includes(table));
  const caches = tables.map(([table, key]) => {
    const versions = (VERSIONS as Partial<Record<string, VersionTable>>)[table];
    const isAppended = APPENDED_TABLES.includes(table);
    const options = {
      versions: versions === undefined ? undefined : { table: versions, clock },
      isAppended,
      // What is only added is not asked for again.
      ...(memory === undefined || isAppended ? {} : { known: memory.of(table as CachedTable) }),
    };
    return [table, new RowCache(session, table as CachedTable, key as never, options)];
  });
  return Object.fromEntries(caches) as FoldState["rows"];
}
