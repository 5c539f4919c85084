import type { Db } from "../db/connection.js";
import { clearReadModel, refold } from "./store.js";

/**
 * Drops the derived tables and derives them again from the events and headers that are stored. All or nothing; the position stays.
 * What the firms and the service put in (operations, keys, documents) is not touched.
 */
export async function rebuildFromEvents(db: Db): Promise<void> {
  await db.transaction().execute(refold);
}

/** Drops all that came from the chain, so that a projector reads everything again from the deployment on (`Projector.catchUp`). */
export async function forgetChain(db: Db): Promise<void> {
  await db.transaction().execute(clearReadModel);
}
