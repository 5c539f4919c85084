import type { Signers } from "../chain/signers.js";
import type { Db } from "../db/connection.js";
import type { Logger } from "../logger.js";
import {
  missingRoles,
  readCheckpoint,
  roleHolders,
  type CheckpointRole,
  type StoredCheckpoint,
} from "./checkpoint-store.js";

export interface SigningOptions {
  readonly db: Db;
  readonly signers: Signers;
  readonly logger: Pick<Logger, "warn">;
}

/** The managed keys of the roles that are missing sign, one account for each role. */
export async function sign(options: SigningOptions, stored: StoredCheckpoint): Promise<StoredCheckpoint> {
  const missing = missingRoles(stored);
  if (missing.length === 0) return stored;
  const { db, signers, logger } = options;
  const chosen = choose(missing, await managedHolders(db), stored);
  let hasSigned = false;
  for (const { role, account } of chosen) {
    try {
      const signer = await signers.signerOf(account);
      await keepSignature(db, stored.number, {
        role,
        signer: account,
        signature: await signer.signDigest(stored.digest),
      });
      hasSigned = true;
    } catch (error) {
      logger.warn({ err: error, role, checkpoint: stored.number }, "A checkpoint could not be signed");
    }
  }
  return hasSigned ? await readCheckpoint(db, stored.number) : stored;
}

type Holder = { readonly role: CheckpointRole; readonly account: string };

/** One account for each missing role, none in two roles; of two roles the more that can be had. */
function choose(missing: readonly CheckpointRole[], managed: readonly Holder[], stored: StoredCheckpoint): Holder[] {
  const used = stored.signatures.filter(({ isHolder }) => isHolder).map(({ signer }) => signer);
  const [first, second] = missing.map((role) =>
    managed.filter((holder) => holder.role === role && !used.includes(holder.account)),
  );
  if (first === undefined) return [];
  if (second === undefined || second.length === 0) return first.slice(0, 1);
  for (const one of first) {
    const other = second.find(({ account }) => account !== one.account);
    if (other !== undefined) return [one, other];
  }
  return (first.length > 0 ? first : second).slice(0, 1);
}

/** Holders of the roles whose keys are kept here, the oldest key first. */
async function managedHolders(db: Db): Promise<Holder[]> {
  const holders = await roleHolders(db);
  if (holders.length === 0) return [];
  const keys = await db
    .selectFrom("keystores")
    .select("address")
    .where("address", "in", [...new Set(holders.map(({ account }) => account))])
    .orderBy("created_at")
    .orderBy("address")
    .execute();
  return keys.flatMap(({ address }) => holders.filter(({ account }) => account === address));
}

/** In place of what a former holder of the role signed. */
export async function keepSignature(
  db: Db,
  checkpoint: bigint,
  { role, signer, signature }: { readonly role: CheckpointRole; readonly signer: string; readonly signature: string },
): Promise<void> {
  await db
    .insertInto("checkpoint_signatures")
    .values({ checkpoint, role, signer, signature })
    .onConflict((conflict) => conflict.columns(["checkpoint", "role"]).doUpdateSet({ signer, signature }))
    .execute();
}
