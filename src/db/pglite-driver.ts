import { parse, protocol, types, type messages } from "@electric-sql/pglite";
import type { CompiledQuery } from "kysely";
import {
  PGliteAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type Dialect,
  type Driver,
  type Kysely,
  type QueryResult,
  type TransactionSettings,
} from "kysely";
import { isCopyIn } from "./copy.js";
import type { PipeliningConnection } from "./pipeline.js";
import { readAnswer, readMessages, type Answer, type Column } from "./pglite-answer.js";
import { joined, type PGliteEngine } from "./pglite-engine.js";
import { bindMessage, copyDataMessage } from "./pglite-request.js";

/** By type number: from the text of a value to the value. */
export type Parsers = Readonly<Record<number, types.Parser>>;

const { close, copyDone, describe, execute, parse: read, query, sync } = protocol.serialize;

/** Statements kept ready. Each takes some memory of the engine; one whose text varies pushes the oldest out. */
const STATEMENTS_KEPT = 200;

/** The tags that say how many rows were changed, and not how many were read. */
const CHANGED = /^(?:INSERT \d+|UPDATE|DELETE|MERGE|COPY) (\d+)$/;

/** How long a plan is kept, in milliseconds. It suits the size that its tables had when it was made, and a new table grows fast. */
const PLANS_KEPT = 20_000;

/** What the engine knows about a statement that it has read and checked before. */
interface Prepared {
  readonly name: string;
  /** Type numbers of the parameters. */
  readonly types: readonly number[];
  readonly columns: readonly Column[];
}

/**
 * PGlite with prepared statements. PGlite's own `query` lets the engine read, check and plan a statement each time that it runs, and
 * inside a WebAssembly machine this takes longer than to run it.
 */
export class PreparingPGliteDialect implements Dialect {
  readonly #engine: PGliteEngine;
  readonly #parsers: Parsers;

  /** @param parsers In place of PGlite's own. */
  constructor(engine: PGliteEngine, parsers: Parsers = {}) {
    this.#engine = engine;
    this.#parsers = parsers;
  }

  createAdapter(): PGliteAdapter {
    return new QueueingPGliteAdapter();
  }

  createDriver(): Driver {
    return new PGliteDriver(this.#engine, this.#parsers);
  }

  createIntrospector(db: Kysely<unknown>): PostgresIntrospector {
    return new PostgresIntrospector(db);
  }

  createQueryCompiler(): PostgresQueryCompiler {
    return new PostgresQueryCompiler();
  }
}

/** Kysely would let one statement at a time through, to its very end; here the next is with the engine by then. */
class QueueingPGliteAdapter extends PGliteAdapter {
  override get supportsMultipleConnections(): boolean {
    return true;
  }
}

class PGliteDriver implements Driver {
  readonly #engine: PGliteEngine;
  readonly #session: Session;

  constructor(engine: PGliteEngine, parsers: Parsers) {
    this.#engine = engine;
    this.#session = new Session(engine, parsers);
  }

  async init(): Promise<void> {
    await this.#session.learnArrays();
  }

  async acquireConnection(): Promise<PGliteConnection> {
    return new PGliteConnection(this.#session);
  }

  async releaseConnection(): Promise<void> {
    // A connection is only who is speaking: it leaves nothing behind.
  }

  async beginTransaction(
    connection: PGliteConnection,
    { isolationLevel, accessMode }: TransactionSettings,
  ): Promise<void> {
    const level = isolationLevel === undefined ? "" : ` isolation level ${isolationLevel}`;
    await connection.begin(`begin${level} ${accessMode ?? ""}`);
  }

  async commitTransaction(connection: PGliteConnection): Promise<void> {
    await connection.commit();
  }

  async rollbackTransaction(connection: PGliteConnection): Promise<void> {
    await connection.rollback();
  }

  async destroy(): Promise<void> {
    await this.#session.takeTurn();
    try {
      if (!this.#engine.isClosed) await this.#engine.close();
    } finally {
      this.#session.passTurn();
    }
  }
}

class PGliteConnection implements PipeliningConnection {
  readonly takesStatementsAhead = true;
  readonly #session: Session;
  /** It has the turn from its beginning to its end. */
  #isInTransaction = false;
  /** Resolves when the transaction's last statement has been given to the engine; undefined once it has. */
  #giving: Promise<unknown> | undefined;

  constructor(session: Session) {
    this.#session = session;
  }

  async executeQuery<R>({ sql, parameters }: CompiledQuery): Promise<QueryResult<R>> {
    if (this.#isInTransaction) return this.#runNext(sql, parameters);
    await this.#session.takeTurn();
    return this.#session.run(sql, parameters, () => this.#session.passTurn());
  }

  async begin(statement: string): Promise<void> {
    await this.#session.takeTurn();
    this.#isInTransaction = true;
    this.#session.begin(statement);
  }

  /** Where the commit has failed there is nothing left to roll back, and the turn is another's. */
  async rollback(): Promise<void> {
    if (this.#isInTransaction) await this.#end("rollback");
  }

  /** @throws Error when a statement had failed before: the engine then rolls back, and only says so. */
  async commit(): Promise<void> {
    const answer = await this.#end("commit");
    if (answer !== null && answer.tag !== "COMMIT")
      throw new Error("The transaction was rolled back: one of its statements had failed");
  }

  // eslint-disable-next-line require-yield -- the interface asks for a generator
  async *streamQuery(): AsyncIterableIterator<never> {
    throw new Error("PGlite cannot stream");
  }

  /** After those that were asked for before: one that is not prepared yet would be overtaken. */
  async #runNext<R>(sql: string, parameters: readonly unknown[]): Promise<QueryResult<R>> {
    const before = this.#giving;
    const given = Promise.withResolvers<undefined>();
    this.#giving = given.promise;
    if (before !== undefined) await before;
    return this.#session.run(sql, parameters, () => {
      if (this.#giving === given.promise) this.#giving = undefined;
      given.resolve(undefined);
    });
  }

  #end(statement: string): Promise<Answer | null> {
    this.#isInTransaction = false;
    const answer = this.#session.end(statement);
    this.#session.passTurn();
    return answer;
  }
}

interface ArrayType {
  /** The type of the elements. */
  readonly oid: number;
  readonly typarray: number;
}

/**
 * PGlite is one session: a transaction, or a single statement, has it to itself, in the order of asking. The engine runs what it is given
 * one after another, so a turn is over when the last message is given, not when it is answered.
 */
class Session {
  readonly #engine: PGliteEngine;
  readonly #parsers: Record<number, types.Parser>;
  readonly #serializers: Record<number, types.Serializer> = { ...types.serializers };

  readonly #waiting: (() => void)[] = [];
  #isTaken = false;

  /** By text, the one used longest ago first. */
  readonly #statements = new Map<string, Prepared>();
  #prepared = 0;
  #plannedAt = performance.now();

  /** What goes to the engine with the next messages, and before them: each call of the engine costs more than these do. */
  readonly #statementsAhead: string[] = [];
  readonly #closesAhead: Uint8Array[] = [];

  constructor(engine: PGliteEngine, parsers: Parsers) {
    this.#engine = engine;
    this.#parsers = { ...types.parsers, ...parsers };
  }

  /** Arrays are read and written as their elements are; which type is whose array, only the engine knows. */
  async learnArrays(): Promise<void> {
    const { rows } = await this.run<ArrayType>("select oid, typarray from pg_type where typarray <> 0", []);
    for (const { oid, typarray } of rows) {
      this.#parsers[typarray] = (text): unknown => types.arrayParser(text, this.#parsers[oid] ?? String, typarray);
      this.#serializers[typarray] = (value) => types.arraySerializer(value, this.#serializers[oid], typarray);
    }
  }

  async takeTurn(): Promise<void> {
    if (this.#isTaken) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#isTaken = true;
    // Statements stay prepared, but each is planned anew when it runs next. Between transactions, so that none can have failed.
    if (performance.now() - this.#plannedAt < PLANS_KEPT) return;
    this.#plannedAt = performance.now();
    this.#statementsAhead.push("discard plans");
  }

  passTurn(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#isTaken = false;
    else next();
  }

  begin(statement: string): void {
    this.#statementsAhead.push(statement);
  }

  /** @returns The engine's answer; null when it never heard of the transaction. */
  async end(statement: string): Promise<Answer | null> {
    if (this.#statementsAhead.pop() !== undefined) return null;
    return readAnswer(await this.#exchange([query(statement)]), []);
  }

  /** @param onGiven Called when the engine has been given all of the statement, or will not be. */
  async run<R>(
    sql: string,
    parameters: readonly unknown[],
    onGiven: () => void = () => undefined,
  ): Promise<QueryResult<R>> {
    if (isCopyIn(sql)) return await this.#copyIn(sql, String(parameters[0]), onGiven);
    let prepared: Prepared | undefined;
    let answer: Promise<ArrayBuffer>;
    try {
      prepared = this.#statements.get(sql) ?? (await this.#prepare(sql));
      // Last in the map: used last.
      this.#statements.delete(sql);
      this.#statements.set(sql, prepared);

      const values = prepared.types.map((type, place) => this.#serialize(type, parameters[place]));
      answer = this.#exchange([bindMessage(prepared.name, values), execute(), sync()]);
    } finally {
      onGiven();
    }
    try {
      const { rows, tag } = readAnswer(await answer, prepared.columns);
      return { rows: rows as R[], numAffectedRows: BigInt(CHANGED.exec(tag)?.[1] ?? 0) };
    } catch (error) {
      // Whatever the reason, as a table that is no longer what it was: the next time it is prepared anew.
      if (this.#statements.get(sql) === prepared) this.#forget(sql, prepared);
      throw error;
    }
  }

  /** The engine reads the rows while it runs the statement, from what it was given with it. */
  async #copyIn(sql: string, rows: string, onGiven: () => void): Promise<QueryResult<never>> {
    const answer = this.#exchange([query(sql), copyDataMessage(rows), copyDone()]);
    onGiven();
    const { tag } = readAnswer(await answer, []);
    return { rows: [], numAffectedRows: BigInt(CHANGED.exec(tag)?.[1] ?? 0) };
  }

  async #prepare(text: string): Promise<Prepared> {
    const [oldest] = this.#statements;
    if (oldest !== undefined && this.#statements.size >= STATEMENTS_KEPT) this.#forget(...oldest);

    const name = `s${(this.#prepared += 1)}`;
    const messages = readMessages(await this.#exchange([read({ name, text }), describe({ type: "S", name }), sync()]));
    const fields = messages.find(isRowDescription)?.fields ?? [];
    const columns = fields.map(({ name, dataTypeID }) => ({ name, parse: this.#parsers[dataTypeID] }));
    return { name, types: parse.parseDescribeStatementResults(messages), columns };
  }

  #forget(sql: string, { name }: Prepared): void {
    this.#statements.delete(sql);
    this.#closesAhead.push(close({ type: "S", name }));
  }

  /** Gives the messages to the engine before it returns, so that nothing comes between them and what was decided from its state. */
  #exchange(requests: readonly Uint8Array[]): Promise<ArrayBuffer> {
    const ahead = this.#statementsAhead.splice(0).map((statement) => query(statement));
    return this.#engine.exchange(joined([...ahead, ...this.#closesAhead.splice(0), ...requests]));
  }

  #serialize(type: number, value: unknown): string | null {
    if (value === null || value === undefined) return null;
    const serialize = this.#serializers[type];
    return serialize === undefined ? (value as string | bigint).toString() : serialize(value);
  }
}

function isRowDescription(message: messages.BackendMessage): message is messages.RowDescriptionMessage {
  return message.name === "rowDescription";
}
