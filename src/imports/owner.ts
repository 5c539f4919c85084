import type { Db } from "../db/connection.js";
import { Problem } from "../errors.js";

/** `Capabilities.DEVELOP_PROJECTS`. */
const DEVELOP_PROJECTS = 4;

/**
 * The account that an import's units go to: the one asked for, or the owner's first one, those that are managed here before the others.
 * @throws Problem `participants-unknown`, `registry-owner-not-capable`, `account-unknown`
 */
export async function importAccount(db: Db, ownerId: number, asked: string | undefined): Promise<string> {
  const owner = await db.selectFrom("participants").selectAll().where("id", "=", ownerId).executeTakeFirst();
  const evidence = { participantId: ownerId };
  if (owner === undefined)
    throw new Problem("participants-unknown", `There is no participant ${ownerId}.`, { evidence });
  if (owner.status !== "active" || (owner.capabilities & DEVELOP_PROJECTS) === 0) {
    throw new Problem("registry-owner-not-capable", `Participant ${ownerId} cannot own projects.`, {
      evidence: { ownerId },
    });
  }
  const accounts = await db
    .selectFrom("accounts")
    .leftJoin("keystores", "keystores.address", "accounts.address")
    .select(["accounts.address", "keystores.address as managed"])
    .where("accounts.participant_id", "=", ownerId)
    .where("accounts.status", "=", "active")
    .orderBy("accounts.added_block")
    .orderBy("accounts.address")
    .execute();
  const chosen =
    asked === undefined
      ? (accounts.find(({ managed }) => managed !== null) ?? accounts[0])
      : accounts.find(({ address }) => address === asked);
  if (chosen === undefined) {
    throw new Problem("account-unknown", `Participant ${ownerId} has no active account ${asked ?? ""}`.trim() + ".");
  }
  return chosen.address;
}
