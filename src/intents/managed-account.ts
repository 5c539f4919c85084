import type { Db } from "../db/connection.js";
import { Problem } from "../errors.js";
import type { Principal } from "../principal.js";

/**
 * The managed account that the principal acts with: the one asked for, that of its key, or the participant's only one.
 * @throws Problem `unauthorized`, `forbidden`, `signer-unavailable`, `validation-failed`
 */
export async function managedAccountOf(db: Db, principal: Principal, asked: string | null): Promise<string> {
  if (principal.kind === "anonymous") {
    throw new Problem(
      "unauthorized",
      "Send a signed intent, or the API key of the participant whose account is managed here.",
    );
  }
  const { participantId, account: bound } = principal;
  if (principal.scope !== "participant" || participantId === null) {
    throw new Problem("forbidden", "Only a participant's own key acts with its managed accounts.");
  }
  if (bound !== null && asked !== null && asked !== bound) {
    throw new Problem("forbidden", `The API key acts for the account ${bound} only.`);
  }

  const managed = await managedAccounts(db, participantId);
  const wanted = asked ?? bound;
  if (wanted !== null) {
    if (managed.includes(wanted)) return wanted;
    throw await refusalOf(db, participantId, wanted);
  }
  const [only, ...others] = managed;
  if (only === undefined)
    throw new Problem("signer-unavailable", "The service holds no key for an account of this participant.");
  if (others.length === 0) return only;
  const message = `name one of the managed accounts: ${managed.join(", ")}`;
  throw new Problem("validation-failed", `/body/account: ${message}`, { errors: [{ path: "/body/account", message }] });
}

async function managedAccounts(db: Db, participantId: number): Promise<string[]> {
  const rows = await db
    .selectFrom("accounts")
    .innerJoin("keystores", "keystores.address", "accounts.address")
    .select("accounts.address")
    .where("accounts.participant_id", "=", participantId)
    .where("accounts.status", "=", "active")
    .orderBy("accounts.added_block")
    .orderBy("accounts.address")
    .execute();
  return rows.map(({ address }) => address);
}

async function refusalOf(db: Db, participantId: number, address: string): Promise<Problem> {
  const row = await db.selectFrom("accounts").selectAll().where("address", "=", address).executeTakeFirst();
  if (row?.participant_id !== participantId)
    return new Problem("forbidden", "The account is not one of the key's participant.");
  if (row.status === "active") return new Problem("signer-unavailable");
  return new Problem("account-unknown", `The account is ${row.status}.`, { evidence: { account: address } });
}
