import { once } from "node:events";
import { readFileSync } from "node:fs";

import { createService } from "../../src/app.js";
import { createConnection } from "../../src/chain/connection.js";
import { developmentWallets } from "../../src/chain/development.js";
import type { DeploymentManifest } from "../../src/chain/manifest.js";
import { createSigners, localSigner } from "../../src/chain/signers.js";
import { openDatabase } from "../../src/db/connection.js";
import { migrateDatabase } from "../../src/db/migrate.js";
import { listen } from "../../src/http/server.js";
import { createLogger } from "../../src/logger.js";

/**
 * The whole service as a process to be killed, on a chain that outlives it. At its first start it makes the API keys that the test asks
 * for; it names its address, and each key, on its standard output. It touches nothing before it is told to go, on its standard input.
 */
const [dataDir, rpcUrl, manifestFile, participants] = process.argv.slice(2);
if (dataDir === undefined || rpcUrl === undefined || manifestFile === undefined)
  throw new Error("usage: market-process <data directory> <node> <manifest> [<participant>,<participant>…]");

// Loading the program takes longer than the rest: it is done before the process that is to be followed has ended.
await once(process.stdin, "data");
process.stdin.unref();
const logger = createLogger("error");
const database = await openDatabase({ dataDir });
await migrateDatabase(database.db);
const connection = createConnection({ urls: [rpcUrl], timeoutMs: 10_000, logger });
const { operator } = developmentWallets(connection.provider);
const signers = createSigners({ db: database.db, password: "correct horse", scryptN: 2 });
const manifest = JSON.parse(readFileSync(manifestFile, "utf8")) as DeploymentManifest;
const service = createService({
  database,
  connection,
  manifest,
  signers,
  relayer: localSigner(operator.privateKey),
  service: localSigner(`0x${"5e".repeat(32)}`),
  logger,
  outbox: { pollMs: 20, retryMs: 20, maxRetryMs: 200 },
});
service.start();

if (participants !== undefined) {
  await service.projector.waitForBlock(await connection.blockNumber(), 30_000);
  const role = "exchange-operator";
  const account = await signers.createManagedAccount({ role }, operator.privateKey);
  const made = [await service.apiKeys.create({ scope: "role", role, account, label: role })];
  for (const id of participants.split(",")) {
    made.push(await service.apiKeys.create({ scope: "participant", participantId: Number(id), label: id }));
  }
  for (const { key } of made) process.stdout.write(`key ${key}\n`);
}
const server = await listen(service.app, { host: "127.0.0.1", port: 0 });
process.stdout.write(`ready ${server.url}\n`);

process.once("SIGTERM", () => {
  void server
    .close(1_000)
    .then(() => service.stop())
    .then(() => database.close())
    .then(() => process.exit(0));
});
