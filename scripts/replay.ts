/** Matches again everything that was ever ordered. See `--help`. */
import { parseArgs } from "node:util";

import { ConfigError, EXIT_CONFIG, loadConfig } from "../src/config.js";
import { openDatabase } from "../src/db/connection.js";
import { migrateDatabase } from "../src/db/migrate.js";
import { isFaithful, replayLog, type ReplayReport } from "../src/market/replay.js";
import { ProcessLockedError } from "../src/process-lock.js";

const HELP = `Puts the markets' whole input log through a fresh matching core, and compares every trade byte by byte, and every
order, with what is stored. Changes nothing. The service must be stopped when the database is PGlite.

  npm run replay

Settings come from the environment, as for the service: DATA_DIR, DATABASE_URL.
Ends with code 0 when everything is the same, with 2 when it is not.`;

const EXIT_DIFFERENT = 2;

async function main(): Promise<number> {
  const { values } = parseArgs({ options: { help: { type: "boolean" } } });
  if (values.help === true) {
    console.log(HELP);
    return 0;
  }
  const { config, secrets } = loadConfig(process.env);
  const database = await openDatabase({ url: secrets.databaseUrl, dataDir: config.dataDir });
  try {
    await migrateDatabase(database.db);
    const report = await replayLog(database.db);
    tell(report);
    return isFaithful(report) ? 0 : EXIT_DIFFERENT;
  } finally {
    await database.close();
  }
}

function tell(report: ReplayReport): void {
  console.log(
    `Commands: ${report.commands}${report.unwritten === 0 ? "" : `, and ${report.unwritten} whose effects the next start writes`}`,
  );
  console.log(`Orders:   ${report.orders}`);
  console.log(`Trades:   ${report.trades}, stored: ${report.storedTrades}`);
  console.log(`SHA-256:  ${report.digest}, stored: ${report.storedDigest}`);
  if (report.difference !== null) {
    console.log(`They part at trade ${report.difference.line}:`);
    console.log(`  replayed: ${report.difference.replayed ?? "none"}`);
    console.log(`  stored:   ${report.difference.stored ?? "none"}`);
  }
  for (const hash of report.orderDifferences) console.log(`Another end of order ${hash}`);
  console.log(isFaithful(report) ? "The same, to the byte." : "Different.");
}

main().then(
  (code) => (process.exitCode = code),
  (error: unknown) => {
    const isExpected = error instanceof ConfigError || error instanceof ProcessLockedError;
    console.error(isExpected ? error.message : error);
    process.exitCode = error instanceof ConfigError ? EXIT_CONFIG : 1;
  },
);
