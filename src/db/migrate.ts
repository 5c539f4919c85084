import { Migrator } from "kysely/migration";
import type { Db } from "./connection.js";
import { migrations } from "./migrations/index.js";

/**
 * Brings the tables up to date; several processes may call it at once (PostgreSQL: an advisory lock lets one work).
 * @returns The names of the migrations that ran.
 */
export async function migrateDatabase(db: Db): Promise<string[]> {
  const migrator = new Migrator({ db, provider: { getMigrations: () => Promise.resolve(migrations) } });
  const { error, results } = await migrator.migrateToLatest();
  if (error !== undefined) {
    const failed = results?.find((result) => result.status === "Error")?.migrationName ?? "the plan of migrations";
    throw new Error(`The database could not be brought up to date: ${failed} failed.`, { cause: error });
  }
  return (results ?? []).map((result) => result.migrationName);
}
