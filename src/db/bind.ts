import type { Db } from "./connection.js";

/** What a database belongs to. */
export interface LedgerIdentity {
  readonly chainId: bigint;
  /** Hash of block 0, lower-case hexadecimal. */
  readonly genesisHash: string;
  /** Address of the `Registry` contract: one chain may carry several ledgers. */
  readonly registry?: string | undefined;
}

/** The database was filled from another chain, or another ledger on the same chain. */
export class ForeignDatabaseError extends Error {
  constructor(what: string, stored: string, found: string) {
    super(
      `The database belongs to another ledger: its ${what} is ${stored}, the chain's is ${found}. ` +
        "Point DATABASE_URL or DATA_DIR elsewhere, connect to the right chain, or begin again with --fresh.",
    );
    this.name = "ForeignDatabaseError";
  }
}

/**
 * Ties an empty database to a ledger, or checks that it is tied to this one.
 * @throws ForeignDatabaseError
 */
export async function bindDatabase(db: Db, identity: LedgerIdentity): Promise<void> {
  const facts: [string, string][] = [
    ["chain id", identity.chainId.toString()],
    ["genesis hash", identity.genesisHash.toLowerCase()],
  ];
  if (identity.registry !== undefined) facts.push(["registry", identity.registry.toLowerCase()]);

  await db.transaction().execute(async (trx) => {
    for (const [key, value] of facts) {
      await trx
        .insertInto("meta")
        .values({ key, value })
        .onConflict((conflict) => conflict.doNothing())
        .execute();
    }
    const rows = await trx.selectFrom("meta").selectAll().execute();
    const stored = new Map(rows.map((row) => [row.key, row.value]));
    for (const [key, value] of facts) {
      if (stored.get(key) !== value) throw new ForeignDatabaseError(key, stored.get(key) ?? "missing", value);
    }
  });
}
