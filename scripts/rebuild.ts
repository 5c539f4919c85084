/** Derives the read model again. See `--help`. */
import { parseArgs } from "node:util";

import { createConnection } from "../src/chain/connection.js";
import { eventSources, fileManifestStore, firstBlockOf, ManifestError } from "../src/chain/manifest.js";
import { createChainSource } from "../src/chain/source.js";
import { type Config, ConfigError, EXIT_CONFIG, loadConfig } from "../src/config.js";
import { type Db, openDatabase } from "../src/db/connection.js";
import { migrateDatabase } from "../src/db/migrate.js";
import { createProjector } from "../src/ledger/projector.js";
import { forgetChain, rebuildFromEvents } from "../src/ledger/rebuild.js";
import { stateHash } from "../src/ledger/state-hash.js";
import { createLogger } from "../src/logger.js";
import { ProcessLockedError } from "../src/process-lock.js";

const HELP = `Derives the read model again and says whether it came out the same. The service must be stopped.
What firms and operators put in (operations, keys, documents) is not touched.

  npm run rebuild                  from the events that the database holds
  npm run rebuild -- --from-chain  from the chain, block by block; needs a node at RPC_URL
  npm run rebuild -- --hash        changes nothing, prints the state hash only

Settings come from the environment, as for the service: DATA_DIR, DATABASE_URL, RPC_URL, MANIFEST.
Ends with code 0 when the state hash is the same before and after, with 2 when it is not: then what
was there before was wrong, or (with --from-chain) the chain has grown meanwhile.`;

const EXIT_DIFFERENT = 2;
const RPC_TIMEOUT_MS = 30_000;

async function main(): Promise<number> {
  const options = { "from-chain": { type: "boolean" }, hash: { type: "boolean" }, help: { type: "boolean" } } as const;
  const { values } = parseArgs({ options });
  if (values.help === true) {
    console.log(HELP);
    return 0;
  }
  const { config, secrets } = loadConfig(process.env);
  const database = await openDatabase({ url: secrets.databaseUrl, dataDir: config.dataDir });
  try {
    await migrateDatabase(database.db);
    const before = await stateHash(database.db);
    console.log(`State hash: ${before}`);
    if (values.hash === true) return 0;
    if (values["from-chain"] === true) await rebuildFromChain(database.db, config);
    else await rebuildFromEvents(database.db);
    const after = await stateHash(database.db);
    console.log(after === before ? "Rebuilt: the same, to the byte." : `Rebuilt: different. State hash: ${after}`);
    return after === before ? 0 : EXIT_DIFFERENT;
  } finally {
    await database.close();
  }
}

async function rebuildFromChain(db: Db, config: Config): Promise<void> {
  if (config.rpcUrls.length === 0)
    throw new ConfigError(["RPC_URL must name a node: the embedded one runs only inside the service"]);
  const manifest = await fileManifestStore(config.manifestPath).read();
  if (manifest === undefined) throw new ManifestError(`There is no deployment manifest at ${config.manifestPath}.`);
  const connection = createConnection({ urls: config.rpcUrls, timeoutMs: RPC_TIMEOUT_MS });
  try {
    // Asked before anything is dropped: with the node down, the old read model stays.
    await connection.blockNumber();
    const projector = createProjector({
      db,
      source: createChainSource(connection),
      contracts: eventSources(manifest),
      deployedAtBlock: BigInt(firstBlockOf(manifest)),
      logger: createLogger(config.logLevel),
    });
    await forgetChain(db);
    const position = await projector.catchUp();
    console.log(`Read the chain up to block ${position?.blockNumber ?? "none"}.`);
  } finally {
    connection.close();
  }
}

main().then(
  (code) => (process.exitCode = code),
  (error: unknown) => {
    const isExpected =
      error instanceof ConfigError || error instanceof ManifestError || error instanceof ProcessLockedError;
    console.error(isExpected ? error.message : error);
    process.exitCode = error instanceof ConfigError ? EXIT_CONFIG : 1;
  },
);
