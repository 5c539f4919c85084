import type { Db } from "../db/connection.js";
import type { Departures } from "../intents/service.js";
import type { Logger } from "../logger.js";
import type { Reservations } from "../market/ports.js";
import type { Operations } from "../operations/service.js";
import { isOpenOperation } from "../db/open-operations.js";

export interface DeparturesOptions {
  readonly db: Db;
  readonly operations: Pick<Operations, "wait">;
  readonly reservations: Pick<Reservations, "reserve" | "hold" | "release">;
  /** Resolves once all that is promised is known again after a start. @throws Problem `market-unavailable` */
  readonly ready: () => Promise<void>;
  readonly logger: Pick<Logger, "warn">;
}

export interface HostedDepartures extends Departures {
  /** Keeps back what was accepted before the last stop: before the markets open. */
  restore(): Promise<void>;
  stop(): void;
}

const PATIENCE_SECONDS = 60;
const RETRY_MS = 1_000;

/**
 * What somebody asked to withdraw, from the acceptance until the chain knows: then it is leaving, or the request was refused. So nothing
 * is sold meanwhile that is on its way out.
 */
export function createDepartures({ db, operations, reservations, ready, logger }: DeparturesOptions): HostedDepartures {
  const stopping = new AbortController();
  const followed = new Set<string>();

  async function untilEnded(id: string): Promise<void> {
    while (!stopping.signal.aborted) {
      try {
        const operation = await operations.wait(id, PATIENCE_SECONDS, stopping.signal);
        if (operation === undefined || operation.status === "final" || operation.status === "rejected") return;
      } catch (error) {
        logger.warn(
          { err: error, operation: id },
          "The fate of a withdrawal could not be read; it will be tried again",
        );
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS).unref());
      }
    }
  }

  function follow(id: string): void {
    if (followed.has(id)) return;
    followed.add(id);
    void untilEnded(id).then(() => {
      followed.delete(id);
      reservations.release(keyOf(id));
    });
  }

  return {
    async begin(id, account, asset, amount) {
      if (followed.has(id)) return;
      await ready();
      await reservations.reserve(keyOf(id), account, asset, amount);
    },

    follow,

    abandon(id) {
      if (!followed.has(id)) reservations.release(keyOf(id));
    },

    async restore() {
      const rows = await db
        .selectFrom("operations")
        .select(["id", "account", "request"])
        .where("kind", "=", "exchange-withdrawal")
        .where(isOpenOperation)
        .execute();
      for (const { id, account, request } of rows) {
        const { batch, amount } = request;
        if (account === null || typeof amount !== "string") continue;
        reservations.hold(keyOf(id), account, typeof batch === "string" ? batch : "", BigInt(amount));
        follow(id);
      }
    },

    stop: () => stopping.abort(),
  };
}

function keyOf(operationId: string): string {
  return `withdrawal:${operationId}`;
}
