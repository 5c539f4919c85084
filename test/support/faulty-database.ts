import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import type { KyselyPlugin, RootOperationNode } from "kysely";
import { sql } from "kysely";

import { openDatabase, type OpenDatabase } from "../../src/db/connection.js";
import { jsonText } from "../../src/db/json.js";
import { migrateDatabase } from "../../src/db/migrate.js";
import { makePostgresDatabase, testDatabase } from "./database.js";

export interface FaultyDatabase {
  readonly database: OpenDatabase;
  goDown(): Promise<void>;
  comeBack(): Promise<void>;
  /** Ends and drops what `database.close` leaves. */
  close(): Promise<void>;
}

export interface FaultyPGlite extends FaultyDatabase {
  /** These statements are lost on the way to the server. */
  losesStatements(which: Statement | undefined): void;
  /** Transactions with such a statement are committed, and their user is told that the connection was lost. */
  losesCommits(which: Statement | undefined): void;
}

/** PGlite, whose connection is lost as a server's would be. */
export async function faultyPGlite(): Promise<FaultyPGlite> {
  const inner = await testDatabase();
  let isDown = false;
  let lost: Statement | undefined;
  let unconfirmed: Statement | undefined;
  let isCommitLost = false;
  const plugin: KyselyPlugin = {
    transformQuery({ node }) {
      if (isDown) throw Object.assign(new Error("connect ECONNREFUSED 127.0.0.1:5432"), { code: "ECONNREFUSED" });
      if (lost?.(textOf(node))) throw connectionLost();
      if (unconfirmed?.(textOf(node))) isCommitLost = true;
      return node;
    },
    transformResult: async ({ result }) => result,
  };
  const db = inner.db.withPlugin(plugin);
  const transaction = db.transaction.bind(db);
  db.transaction = () => {
    const builder = transaction();
    const execute = builder.execute.bind(builder);
    builder.execute = async (work) => {
      const result = await execute(work);
      if (isCommitLost) {
        isCommitLost = false;
        throw connectionLost();
      }
      return result;
    };
    return builder;
  };
  return {
    database: {
      ...inner,
      db,
      async ping() {
        await sql`select 1`.execute(db);
      },
    },
    losesStatements: (which) => void (lost = which),
    losesCommits: (which) => void (unconfirmed = which),
    goDown: async () => void (isDown = true),
    comeBack: async () => void (isDown = false),
    close: async () => undefined,
  };
}

function connectionLost(): Error {
  return new Error("Connection terminated unexpectedly");
}

type Statement = (text: string) => boolean;

/** Kind, table and raw text of a statement: enough to recognise it. */
function textOf(node: RootOperationNode): string {
  return `${node.kind} ${jsonText(node)}`;
}

/** A PostgreSQL server behind a network that can be cut. */
export async function faultyPostgres(url: string): Promise<FaultyDatabase> {
  const made = await makePostgresDatabase(url);
  const target = new URL(made.url);
  const open = new Set<Socket>();
  const proxy = createServer((client) => {
    const server = connect(Number(target.port), target.hostname);
    for (const socket of [client, server]) {
      open.add(socket);
      socket.on("close", () => open.delete(socket)).on("error", () => undefined);
    }
    client.on("close", () => server.destroy()).pipe(server);
    server.on("close", () => client.destroy()).pipe(client);
  });
  const listen = (port: number): Promise<void> => new Promise((resolve) => proxy.listen(port, "127.0.0.1", resolve));
  const cut = async (): Promise<void> => {
    const closed = new Promise((resolve) => proxy.close(resolve));
    for (const socket of open) socket.destroy();
    await closed;
  };

  await listen(0);
  const { port } = proxy.address() as AddressInfo;
  const through = new URL(made.url);
  through.host = `127.0.0.1:${port}`;
  const database = await openDatabase({ url: through.toString() });
  await migrateDatabase(database.db);
  return {
    database,
    goDown: cut,
    comeBack: () => listen(port),
    async close() {
      await cut();
      await made.drop();
    },
  };
}
