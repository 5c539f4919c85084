import type { ConnectionProvider, DatabaseConnection } from "kysely";

import type { Db, Session } from "./connection.js";

/** A connection that takes the next statement before it has answered the one before, and runs them in the order of asking. */
export interface PipeliningConnection extends DatabaseConnection {
  readonly takesStatementsAhead: true;
}

/**
 * Runs statements of a transaction without a wait between them: a busy process comes back to a statement's answer late, and the database,
 * which holds the transaction's locks meanwhile, has nothing to do. They run in the order in which they are begun; inside `work` the
 * transaction itself is not to be used.
 * @returns what `work` returns, after everything that it began has ended
 * @throws the error of the first statement that failed: those after it only say that the transaction is lost
 */
export async function pipelined<T>(transaction: Db, work: (session: Session) => Promise<T>): Promise<T> {
  const executor = transaction.getExecutor();
  return executor.provideConnection(async (connection) => {
    const begun: Promise<unknown>[] = [];
    let isOver = false;
    const provideConnection: ConnectionProvider["provideConnection"] = (consumer) => {
      if (isOver) return Promise.reject(new Error("The pipeline is over"));
      const before = takesAhead(connection) ? undefined : begun.at(-1);
      const run =
        before === undefined ? consumer(connection) : before.then(noop, noop).then(() => consumer(connection));
      begun.push(run);
      run.catch(noop);
      return run;
    };
    const inner = executor.withConnectionProvider({ provideConnection });
    const [outcome] = await Promise.allSettled([work({ getExecutor: () => inner })]);
    // What goes on after a failure must not reach the connection, which is another's soon.
    isOver = true;
    const failure = (await Promise.allSettled(begun)).find(({ status }) => status === "rejected") ?? outcome;
    if (failure.status === "rejected") throw failure.reason;
    if (outcome.status === "rejected") throw outcome.reason;
    return outcome.value;
  });
}

/** A transaction that is nothing but a pipeline. */
export async function inPipeline<T>(db: Db, work: (session: Session) => Promise<T>): Promise<T> {
  return db.transaction().execute((transaction) => pipelined(transaction, work));
}

function takesAhead(connection: DatabaseConnection): connection is PipeliningConnection {
  return "takesStatementsAhead" in connection;
}

function noop(): void {
  // Whoever began it hears of its end.
}
