import { sql, type Selectable } from "kysely";

import type { Session } from "../db/connection.js";
import { copyRows } from "../db/copy.js";
import { jsonText } from "../db/json.js";
import type { ReadModelTables } from "../db/read-model-tables.js";

export type TableName = keyof ReadModelTables;
export type Row<T extends TableName> = Selectable<ReadModelTables[T]>;
type Column<T extends TableName> = keyof Row<T> & string;
export type Key<T extends TableName> = Partial<Row<T>>;

/** Rows written by one statement. One JSON parameter carries them, so the limit is memory, not the number of parameters. */
const ROWS_PER_STATEMENT = 2_000;

/** In no text of the database: PostgreSQL has no such character. */
const SEPARATOR = "\u0000";

/** What is known of a table's rows. */
export interface KnownRows<T extends TableName> {
  /** By key; null: there is none. */
  readonly rows: Map<string, Row<T> | null>;
  /** Keys of which the table has no row: those are added, which costs less than to insert or replace. */
  readonly absent: Set<string>;
}

export interface RowCacheOptions<T extends TableName> {
  /** What is known already, and kept up to date. */
  readonly known?: KnownRows<T>;
  /** Where to remember what the rows were, if anywhere. */
  readonly versions?: Versions | undefined;
  /** A row that is put is a new one, so that nothing needs to be read to know it. */
  readonly isAppended?: boolean;
}

/** Where the rows of a table are kept as they were after each block that changed them. */
export interface Versions {
  readonly table: TableName;
  /** The block that is being folded. */
  readonly clock: { readonly blockNumber: bigint };
}

/**
 * The rows of one table that a range of blocks touches: read once, changed in memory, written back with a few statements at the end.
 * What makes the projector fast in bulk: a block of a hundred transfers costs as many statements as a block of one.
 */
export class RowCache<T extends TableName> {
  readonly #session: Session;
  readonly #table: T;
  readonly #keyColumns: readonly Column<T>[];
  readonly #rows: Map<string, Row<T> | null>;
  readonly #absent: Set<string>;
  readonly #dirty = new Set<string>();
  readonly #versions: Versions | undefined;
  readonly #isAppended: boolean;
  /** By block and key: the last change of a block is the one that counts. */
  readonly #changes = new Map<string, object>();

  constructor(session: Session, table: T, keyColumns: readonly Column<T>[], options: RowCacheOptions<T> = {}) {
    const { rows, absent } = options.known ?? { rows: new Map<string, Row<T> | null>(), absent: new Set<string>() };
    this.#rows = rows;
    this.#absent = absent;
    this.#session = session;
    this.#table = table;
    this.#keyColumns = keyColumns;
    this.#versions = options.versions;
    this.#isAppended = options.isAppended ?? false;
  }

  /** Reads the rows of these keys, those not known yet, in one statement. */
  async prefetch(keys: readonly Key<T>[]): Promise<void> {
    const unknown = new Map<string, Key<T>>();
    for (const key of keys) {
      const id = this.#id(key);
      if (!this.#rows.has(id)) unknown.set(id, key);
    }
    if (unknown.size === 0) return;
    for (const id of unknown.keys()) {
      this.#rows.set(id, null);
      this.#absent.add(id);
    }
    for (const row of await this.#select([...unknown.values()])) {
      const id = this.#id(row);
      this.#rows.set(id, row);
      this.#absent.delete(id);
    }
  }

  /** The row of a key, as it stands after all changes so far. */
  async get(key: Key<T>): Promise<Row<T> | undefined> {
    const id = this.#id(key);
    if (!this.#rows.has(id)) await this.prefetch([key]);
    return this.#rows.get(id) ?? undefined;
  }

  /** Inserts or replaces a row. */
  put(row: Row<T>): void {
    const id = this.#id(row);
    if (this.#isAppended && !this.#rows.has(id)) this.#absent.add(id);
    this.#rows.set(id, row);
    this.#dirty.add(id);
    this.#remember(id, row, false);
  }

  /** Changes some columns of a row that must be there. */
  async change(key: Key<T>, change: Partial<Row<T>> | ((row: Row<T>) => Partial<Row<T>>)): Promise<Row<T>> {
    const row = await this.get(key);
    if (row === undefined)
      throw new FoldError(
        `${this.#table} has no row ${this.#keyColumns.map((column) => String(key[column])).join(" ")}`,
      );
    const changed = { ...row, ...(typeof change === "function" ? change(row) : change) };
    this.put(changed);
    return changed;
  }

  remove(key: Key<T>): void {
    const id = this.#id(key);
    const known = this.#rows.get(id);
    if (known !== null && known !== undefined) this.#remember(id, known, true);
    this.#rows.set(id, null);
    this.#dirty.add(id);
  }

  get hasChanges(): boolean {
    return this.#dirty.size > 0;
  }

  /** Writes all changes. */
  async flush(): Promise<void> {
    const added: Row<T>[] = [];
    const changed: Row<T>[] = [];
    const removed: string[] = [];
    for (const id of this.#dirty) {
      const row = this.#rows.get(id) ?? null;
      const isNew = this.#absent.has(id);
      if (row !== null) (isNew ? added : changed).push(row);
      else if (!isNew) removed.push(id);
      if (row === null) this.#absent.add(id);
      else this.#absent.delete(id);
    }
    this.#dirty.clear();
    const writes: Promise<void>[] = [];
    if (removed.length > 0) writes.push(this.#delete(removed.map((id) => this.#keyOf(id))));
    writes.push(copyRows(this.#session, this.#table, added));
    for (let i = 0; i < changed.length; i += ROWS_PER_STATEMENT) {
      writes.push(this.#upsert(changed.slice(i, i + ROWS_PER_STATEMENT)));
    }
    writes.push(this.#writeVersions());
    await Promise.all(writes);
  }

  #remember(id: string, row: Row<T>, gone: boolean): void {
    if (this.#versions === undefined) return;
    const { blockNumber } = this.#versions.clock;
    this.#changes.set(`${blockNumber} ${id}`, { ...row, block_number: blockNumber, gone });
  }

  async #writeVersions(): Promise<void> {
    if (this.#versions === undefined) return;
    const changes = [...this.#changes.values()];
    this.#changes.clear();
    await copyRows(this.#session, this.#versions.table, changes);
  }

  async #select(keys: readonly Key<T>[]): Promise<Row<T>[]> {
    const columns = this.#columnList();
    const result = await sql<Row<T>>`select * from ${sql.table(this.#table)} where (${columns}) in
      (select ${columns} from json_populate_recordset(null::${sql.table(this.#table)}, ${jsonText(keys)}::json))`.execute(
      this.#session,
    );
    return result.rows;
  }

  async #delete(keys: readonly Key<T>[]): Promise<void> {
    const columns = this.#columnList();
    await sql`delete from ${sql.table(this.#table)} where (${columns}) in
      (select ${columns} from json_populate_recordset(null::${sql.table(this.#table)}, ${jsonText(keys)}::json))`.execute(
      this.#session,
    );
  }

  async #upsert(rows: readonly Row<T>[]): Promise<void> {
    const first = rows[0];
    if (first === undefined) return;
    const others = Object.keys(first).filter((column) => !(this.#keyColumns as readonly string[]).includes(column));
    const assignments = sql.join(others.map((column) => sql`${sql.ref(column)} = ${sql.ref(`excluded.${column}`)}`));
    await sql`insert into ${sql.table(this.#table)}
      select * from json_populate_recordset(null::${sql.table(this.#table)}, ${jsonText(rows)}::json)
      on conflict (${this.#columnList()}) do update set ${assignments}`.execute(this.#session);
  }

  #columnList() {
    return sql.join(this.#keyColumns.map((column) => sql.ref(column)));
  }

  #id(key: Key<T>): string {
    let id = "";
    for (const column of this.#keyColumns) id += `${String(key[column])}${SEPARATOR}`;
    return id;
  }

  #keyOf(id: string): Key<T> {
    const values = id.split(SEPARATOR);
    return Object.fromEntries(this.#keyColumns.map((column, i) => [column, values[i]])) as Key<T>;
  }
}

/** An event that does not fit what came before it: the read model, or this program, is wrong. A person must act. */
export class FoldError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "FoldError";
  }
}
