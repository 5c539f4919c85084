/** A read model filled from nothing. Arguments: the URL of a node, a manifest, a directory. Answers one line of JSON. */
import { createConnection } from "../../src/chain/connection.js";
import { eventSources, fileManifestStore, firstBlockOf } from "../../src/chain/manifest.js";
import { createChainSource } from "../../src/chain/source.js";
import { openDatabase } from "../../src/db/connection.js";
import { migrateDatabase } from "../../src/db/migrate.js";
import { createProjector } from "../../src/ledger/projector.js";
import { createLogger } from "../../src/logger.js";

/** What a worker tells. Memory is what was resident at most, in MiB. */
export interface CatchUp {
  readonly seconds: number;
  readonly events: number;
  readonly transfers: number;
  readonly retirements: number;
  /** Up to a quarter of the blocks, and after that. */
  readonly memory: { readonly early: number; readonly late: number };
}

const MIB = 1_048_576;
const TIMEOUT_MS = 30_000;
const LOOK_MS = 50;

async function main([url = "", manifestPath = "", dataDir = ""]: readonly string[]): Promise<CatchUp> {
  const manifest = await fileManifestStore(manifestPath).read();
  if (manifest === undefined) throw new Error(`There is no manifest at ${manifestPath}.`);
  const connection = createConnection({ urls: [url], timeoutMs: TIMEOUT_MS });
  const { db, close } = await openDatabase({ dataDir });
  await migrateDatabase(db);
  const head = Number(await connection.blockNumber());
  const projector = createProjector({
    db,
    source: createChainSource(connection),
    contracts: eventSources(manifest),
    deployedAtBlock: BigInt(firstBlockOf(manifest)),
    logger: createLogger("error"),
  });
  const memory = { early: 0, late: 0 };
  const look = setInterval(() => {
    const when = Number(projector.position()?.blockNumber ?? 0n) * 4 < head ? "early" : "late";
    memory[when] = Math.max(memory[when], process.memoryUsage.rss() / MIB);
  }, LOOK_MS);
  const began = performance.now();
  await projector.catchUp();
  const seconds = (performance.now() - began) / 1_000;
  clearInterval(look);
  const count = async (table: "events" | "transfers" | "retirements"): Promise<number> => {
    const { n } = await db.selectFrom(table).select(db.fn.countAll<bigint>().as("n")).executeTakeFirstOrThrow();
    return Number(n);
  };
  const answer = {
    events: await count("events"),
    transfers: await count("transfers"),
    retirements: await count("retirements"),
  };
  connection.close();
  await close();
  return { seconds, ...answer, memory };
}

console.log(JSON.stringify(await main(process.argv.slice(2))));
