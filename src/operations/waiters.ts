import type { Db } from "../db/connection.js";

/** Wakes those who wait for operations. */
export interface Waiters {
  /**
   * Resolves when the operation is said to have ended, when `milliseconds` are over, or when `signal` aborts. Register before looking at
   * the operation, or its end may slip through between.
   */
  wait(id: string, milliseconds: number, signal?: AbortSignal): Promise<void>;
  /** These operations have ended. */
  notify(ids: readonly string[]): void;
}

/** How often, in milliseconds, one query asks for all who wait: another process may have sent what they wait for. */
const ASK_EVERY = 1_000;

export function createWaiters(db: Db): Waiters {
  const waiting = new Map<string, Set<() => void>>();
  let timer: NodeJS.Timeout | undefined;

  function notify(ids: readonly string[]): void {
    for (const id of ids) for (const finish of [...(waiting.get(id) ?? [])]) finish();
  }

  async function ask(): Promise<void> {
    try {
      const ended = await db
        .selectFrom("operations")
        .select("id")
        .where("id", "in", [...waiting.keys()])
        .where("status", "in", ["final", "rejected"])
        .unionAll(
          db
            .selectFrom("trades")
            .select("id")
            .where("id", "in", [...waiting.keys()])
            .where("status", "<>", "matched"),
        )
        .execute();
      notify(ended.map((row) => row.id));
    } catch {
      // The database is away: whoever waits goes on waiting, and reads the fate when the time is over.
    }
    timer = waiting.size === 0 ? undefined : setTimeout(() => void ask(), ASK_EVERY).unref();
  }

  return {
    notify,
    wait: (id, milliseconds, signal) =>
      new Promise((resolve) => {
        if (signal?.aborted === true) {
          resolve();
          return;
        }
        const finish = (): void => {
          clearTimeout(timeout);
          signal?.removeEventListener("abort", finish);
          const others = waiting.get(id);
          others?.delete(finish);
          if (others?.size === 0) waiting.delete(id);
          resolve();
        };
        const timeout = setTimeout(finish, milliseconds);
        signal?.addEventListener("abort", finish);
        waiting.set(id, (waiting.get(id) ?? new Set()).add(finish));
        timer ??= setTimeout(() => void ask(), ASK_EVERY).unref();
      }),
  };
}
