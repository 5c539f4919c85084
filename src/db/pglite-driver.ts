import { parse, protocol, type messages, type PGlite } from "@electric-sql/pglite";
import type { CompiledQuery } from "kysely";
import {
  PGliteDialect,
  type DatabaseConnection,
  type Driver,
  type QueryResult,
  type TransactionSettings,
} from "kysely";

type Message = messages.BackendMessage;

/** Statements kept ready. Each takes some memory of the engine; one whose text varies pushes the oldest out. */
const STATEMENTS_KEPT = 200;

/** How long a plan is kept, in milliseconds. It suits the size that its tables had when it was made, and a new table grows fast. */
const PLANS_KEPT = 20_000;

/** What the engine knows about a statement that it has read and checked before. */
interface Prepared {
  readonly name: string;
  /** Type numbers of the parameters. */
  readonly types: readonly number[];
  /** The row description, which the engine tells only once. */
  readonly description: readonly Message[];
}

/**
 * PGlite with prepared statements. PGlite's own `query` lets the engine read, check and plan a statement each time that it runs, and
 * inside a WebAssembly machine this takes longer than to run it.
 */
export class PreparingPGliteDialect extends PGliteDialect {
  readonly #pglite: PGlite;

  constructor(pglite: PGlite) {
    super({ pglite });
    this.#pglite = pglite;
  }

  override createDriver(): Driver {
    return new PGliteDriver(this.#pglite);
  }
}

/** PGlite is one session: a transaction, or a single statement, has it to itself, in the order of asking. */
class PGliteDriver implements Driver {
  readonly #pglite: PGlite;
  readonly #connection: PGliteConnection;
  readonly #waiting: (() => void)[] = [];
  #isTaken = false;

  constructor(pglite: PGlite) {
    this.#pglite = pglite;
    this.#connection = new PGliteConnection(pglite);
  }

  async init(): Promise<void> {
    await this.#pglite.waitReady;
  }

  async acquireConnection(): Promise<DatabaseConnection> {
    if (this.#isTaken) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#isTaken = true;
    return this.#connection;
  }

  async releaseConnection(): Promise<void> {
    const next = this.#waiting.shift();
    if (next === undefined) this.#isTaken = false;
    else next();
  }

  async beginTransaction(_: DatabaseConnection, { isolationLevel, accessMode }: TransactionSettings): Promise<void> {
    const level = isolationLevel === undefined ? "" : ` isolation level ${isolationLevel}`;
    this.#connection.begin(`begin${level} ${accessMode ?? ""}`);
  }

  async commitTransaction(): Promise<void> {
    await this.#connection.commit();
  }

  async rollbackTransaction(): Promise<void> {
    await this.#connection.rollback();
  }

  async destroy(): Promise<void> {
    await this.acquireConnection();
    if (!this.#pglite.closed) await this.#pglite.close();
    await this.releaseConnection();
  }
}

class PGliteConnection implements DatabaseConnection {
  readonly #pglite: PGlite;
  /** By text, the one used longest ago first. */
  readonly #statements = new Map<string, Prepared>();
  #prepared = 0;
  #plannedAt = performance.now();
  /** Opens the transaction, together with its first statement: each call of the engine costs more than to begin. */
  #opening: string | null = null;

  constructor(pglite: PGlite) {
    this.#pglite = pglite;
  }

  async executeQuery<R>({ sql, parameters }: CompiledQuery): Promise<QueryResult<R>> {
    const { rows, affectedRows } = parse.parseResults(await this.#run(sql, parameters), this.#pglite.parsers)[0] ?? {};
    return {
      rows: (rows ?? []) as R[],
      ...(affectedRows === undefined ? {} : { numAffectedRows: BigInt(affectedRows) }),
    };
  }

  begin(statement: string): void {
    this.#opening = statement;
  }

  async rollback(): Promise<void> {
    if (this.#opening === null) await this.#run("rollback", []);
    this.#opening = null;
  }

  /** @throws Error when a statement had failed before: the engine then rolls back, and only says so. */
  async commit(): Promise<void> {
    if (this.#opening !== null) {
      this.#opening = null;
      return;
    }
    const tag = (await this.#run("commit", [])).find(isCommandComplete);
    if (tag?.text !== "COMMIT") throw new Error("The transaction was rolled back: one of its statements had failed");
  }

  // eslint-disable-next-line require-yield -- the interface asks for a generator
  async *streamQuery(): AsyncIterableIterator<never> {
    throw new Error("PGlite cannot stream");
  }

  async #run(sql: string, parameters: readonly unknown[]): Promise<Message[]> {
    if (this.#pglite.closed) throw new Error("PGlite is closed");
    await this.#refreshPlans();
    const prepared = this.#statements.get(sql) ?? (await this.#prepare(sql));
    // Last in the map: used last.
    this.#statements.delete(sql);
    this.#statements.set(sql, prepared);

    const values = prepared.types.map((type, place) => this.#serialize(type, parameters[place]));
    const { bind, execute, sync } = protocol.serialize;
    try {
      const answer = await this.#exchange([bind({ statement: prepared.name, values }), execute(), sync()]);
      return [...prepared.description, ...answer];
    } catch (error) {
      // Whatever the reason, as a table that is no longer what it was: the next time it is prepared anew.
      await this.#forget(sql);
      throw error;
    }
  }

  async #prepare(text: string): Promise<Prepared> {
    const [oldest] = this.#statements.keys();
    if (oldest !== undefined && this.#statements.size >= STATEMENTS_KEPT) await this.#forget(oldest);

    const name = `s${(this.#prepared += 1)}`;
    const { describe, sync, parse: read } = protocol.serialize;
    const answer = await this.#exchange([read({ name, text }), describe({ type: "S", name }), sync()]);
    const description = answer.filter((message) => message.name === "rowDescription");
    return { name, types: parse.parseDescribeStatementResults(answer), description };
  }

  /** Statements stay prepared, but each is planned anew when it runs next. Between transactions, so that none can have failed. */
  async #refreshPlans(): Promise<void> {
    if (performance.now() - this.#plannedAt < PLANS_KEPT || this.#pglite.isInTransaction()) return;
    this.#plannedAt = performance.now();
    await this.#exchange([protocol.serialize.query("discard plans")]);
  }

  async #forget(sql: string): Promise<void> {
    const prepared = this.#statements.get(sql);
    if (prepared === undefined) return;
    this.#statements.delete(sql);
    await this.#exchange([protocol.serialize.close({ type: "S", name: prepared.name }), protocol.serialize.sync()]);
  }

  /** One call of the engine for all messages. @throws the first error among the answers, an `Error` with the SQLSTATE as `code` */
  async #exchange(requests: readonly Uint8Array[]): Promise<Message[]> {
    const opening = this.#opening === null ? [] : [protocol.serialize.query(this.#opening)];
    this.#opening = null;
    const all = await this.#pglite.execProtocolStream(Buffer.concat([...opening, ...requests]), { syncToFs: false });
    // The engine is ready once after the opening, and once after the rest.
    const answers = opening.length === 0 ? all : all.slice(all.findIndex(isReadyForQuery) + 1);
    // A write is on the disk before anybody hears of it, whatever file system PGlite is on.
    if (!this.#pglite.isInTransaction()) await this.#pglite.syncToFs();
    return answers;
  }

  #serialize(type: number, value: unknown): string | null {
    if (value === null || value === undefined) return null;
    const serialize = this.#pglite.serializers[type];
    return serialize === undefined ? (value as string | bigint).toString() : serialize(value);
  }
}

function isReadyForQuery(message: Message): boolean {
  return message.name === "readyForQuery";
}

function isCommandComplete(message: Message): message is messages.CommandCompleteMessage {
  return message.name === "commandComplete";
}
