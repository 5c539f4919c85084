import { cancellationOf } from "../chain/access-calls.js";
import type { LedgerAddresses } from "../chain/events.js";
import type { Db } from "../db/connection.js";
import { Problem } from "../errors.js";
import type { Asker, Institution } from "../institution.js";
import { findScheduledCall } from "../ledger/read/chain.js";

export interface ScheduledOperationsDeps {
  readonly db: Db;
  readonly institution: Pick<Institution, "act">;
  readonly addresses: Pick<LedgerAddresses, "AccessManager">;
}

/** Acts that wait for the delay of their role in the access manager. */
export interface ScheduledOperations {
  /**
   * Takes an announcement back. The contract decides whether it still stands, and who may.
   * @param id As the access manager calls it. @returns the operation's id. @throws Problem `not-found`
   */
  cancel(id: string, asker: Asker): Promise<string>;
}

export function createScheduledOperations({
  db,
  institution,
  addresses,
}: ScheduledOperationsDeps): ScheduledOperations {
  return {
    async cancel(id, asker) {
      const scheduled = await findScheduledCall(db, id);
      if (scheduled === null) throw new Problem("not-found", `Nothing was ever scheduled as ${id}.`);
      const call = cancellationOf(addresses, scheduled);
      return institution.act(asker, {
        kind: "scheduled-operation.cancel",
        call,
        request: { scheduledOperationId: id },
      });
    },
  };
}
