import type { KnownRows, TableName } from "./row-cache.js";

/** Rows that are remembered from one step to the next, of all tables together; then it begins anew. */
const MOST_ROWS = 20_000;

/**
 * The rows that the last steps of the read model read or wrote, as they are in the database: the next step often asks for the same. They hold
 * as long as nobody else has moved the read model, which its position tells.
 */
export class RowMemory {
  readonly #tables = new Map<TableName, KnownRows<TableName>>();
  /** Hash of the block that the rows are of. */
  #at: string | null = null;

  /** To be called before a step. @param blockHash of the block that the read model is at; null when it is empty */
  begin(blockHash: string | null): void {
    if (blockHash !== this.#at) this.forget();
  }

  /** What is known of a table; whoever changes rows changes it here. */
  of<T extends TableName>(table: T): KnownRows<T> {
    let known = this.#tables.get(table);
    if (known === undefined) {
      known = { rows: new Map(), absent: new Set() };
      this.#tables.set(table, known);
    }
    return known as KnownRows<T>;
  }

  /** To be called when all changes are committed, with the block that the read model is at now. */
  keep(blockHash: string): void {
    let count = 0;
    for (const { rows } of this.#tables.values()) count += rows.size;
    if (count > MOST_ROWS) this.#tables.clear();
    this.#at = blockHash;
  }

  /** To be called when changes may not be in the database. */
  forget(): void {
    this.#tables.clear();
    this.#at = null;
  }
}
