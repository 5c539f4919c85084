import type { Db } from "./db/connection.js";
import type { Problem } from "./errors.js";
import { isInstitutionUnsettled } from "./institution.js";

/**
 * Refuses at once what the read model says the contract would refuse: unless something under way may change that before its turn comes.
 * The contract decides in any case.
 * @throws Problem
 */
export async function refuseUnlessUnsettled(db: Db, findRefusal: () => Promise<Problem | undefined>): Promise<void> {
  const first = await findRefusal();
  if (first === undefined || (await isInstitutionUnsettled(db))) return;
  // What was under way at the first look may have come to its end before the second.
  const refusal = await findRefusal();
  if (refusal !== undefined) throw refusal;
}
