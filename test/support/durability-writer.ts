import { sql } from "kysely";
import { openDatabase } from "../../src/db/connection.js";

/**
 * A process to be killed: commits rows as fast as it can and names each on its standard output once the commit is acknowledged.
 * Small rows in one transaction each; now and then a large one, so that the kill also meets page splits and new log segments.
 */
const [dataDir] = process.argv.slice(2);
if (dataDir === undefined) throw new Error("usage: durability-writer <data directory>");

const { db } = await openDatabase({ dataDir });
await sql`create table if not exists written (n int8 primary key, filling text not null)`.execute(db);
const { rows } = await sql<{ next: bigint }>`select coalesce(max(n), 0) + 1 as next from written`.execute(db);
let n = rows[0]?.next ?? 1n;
process.stdout.write("open\n");
for (;;) {
  const filling = "x".repeat(n % 50n === 0n ? 200_000 : 100);
  const value = n;
  await db.transaction().execute(async (trx) => {
    await sql`insert into written (n, filling) values (${value}, ${filling})`.execute(trx);
  });
  process.stdout.write(`${n}\n`);
  n++;
}
