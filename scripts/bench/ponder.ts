import { execFile, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

import { addressesOf, firstBlockOf, type DeploymentManifest } from "../../src/chain/manifest.js";
import { freePort } from "./network.js";

/** The indexer that ours is held against, and what it needs beside it. */
export const PONDER = "ponder@1.0.0";
const BESIDE = ["viem@2.21.3", "hono@4.6.20", "typescript@5.6.3"];
const INSTALL_MS = 300_000;
const INDEX_MS = 600_000;
const LOOK_MS = 20;

/** Ponder reads up to so many blocks below the head before it says that it is ready. */
export const BELOW_HEAD = 30;

const run = promisify(execFile);

/** Installs it from the registry into a directory of its own: it is no dependency of the project. */
export async function installPonder(directory: string): Promise<void> {
  await writeFile(join(directory, "package.json"), JSON.stringify({ name: "bench", private: true, type: "module" }));
  const options = ["--save-exact", "--no-audit", "--no-fund", "--loglevel=error"];
  await run("npm", ["install", ...options, PONDER, ...BESIDE], { cwd: directory, timeout: INSTALL_MS });
}

/** An indexer of the ledger's movements: transfers, retirements and balances, in PGlite. */
export async function writeIndexer(directory: string, url: string, manifest: DeploymentManifest): Promise<void> {
  const { Units, Retirements } = addressesOf(manifest);
  const contract = async (name: string, address: string): Promise<string> => {
    const file = new URL(`../../artifacts/contracts/${name}.sol/${name}.json`, import.meta.url);
    const { abi } = JSON.parse(await readFile(file, "utf8")) as { abi: { type: string }[] };
    const events = abi.filter(({ type }) => type === "event");
    return `{ abi: ${JSON.stringify(events)}, network: "ledger", address: "${address}", startBlock: ${firstBlockOf(manifest)} }`;
  };
  const files: Readonly<Record<string, string>> = {
    "ponder.config.ts": `import { createConfig } from "ponder";
import { http } from "viem";
export default createConfig({
  database: { kind: "pglite" },
  networks: { ledger: { chainId: ${manifest.chainId}, transport: http("${url}"), maxRequestsPerSecond: 10000 } },
  contracts: { Units: ${await contract("Units", Units)}, Retirements: ${await contract("Retirements", Retirements)} },
});
`,
    "ponder.schema.ts": `import { onchainTable, primaryKey } from "ponder";
export const transfers = onchainTable("transfers", (t) => ({
  id: t.text().primaryKey(), batch: t.bigint().notNull(), from: t.hex().notNull(), to: t.hex().notNull(), tonnes: t.bigint().notNull(),
  blocks: t.json().notNull(), txHash: t.hex().notNull(), timestamp: t.bigint().notNull(),
}));
export const retirements = onchainTable("retirements", (t) => ({
  id: t.bigint().primaryKey(), batch: t.bigint().notNull(), account: t.hex().notNull(), tonnes: t.bigint().notNull(),
  participantId: t.integer().notNull(), beneficiary: t.text().notNull(), beneficiaryId: t.text().notNull(), reason: t.text().notNull(),
  blocks: t.json().notNull(), retiredAt: t.bigint().notNull(), txHash: t.hex().notNull(),
}));
export const balances = onchainTable("balances", (t) => ({
  account: t.hex().notNull(), batch: t.bigint().notNull(), tonnes: t.bigint().notNull(),
}), (table) => ({ pk: primaryKey({ columns: [table.account, table.batch] }) }));
`,
    "src/index.ts": `import { ponder } from "ponder:registry";
import { balances, retirements, transfers } from "ponder:schema";
const NOBODY = "0x0000000000000000000000000000000000000000";
const text = (blocks) => blocks.map(({ start, end }) => ({ start: String(start), end: String(end) }));
ponder.on("Units:BlocksMoved", async ({ event, context }) => {
  const { batchId: batch, from, to, blocks } = event.args;
  const tonnes = blocks.reduce((sum, { start, end }) => sum + end - start + 1n, 0n);
  if (from !== NOBODY) await context.db.update(balances, { account: from, batch }).set((row) => ({ tonnes: row.tonnes - tonnes }));
  if (to !== NOBODY) await context.db.insert(balances).values({ account: to, batch, tonnes })
    .onConflictDoUpdate((row) => ({ tonnes: row.tonnes + tonnes }));
  if (from === NOBODY || to === NOBODY) return;
  await context.db.insert(transfers).values({ id: event.block.number + "-" + event.log.logIndex, batch, from, to, tonnes,
    blocks: text(blocks), txHash: event.transaction.hash, timestamp: event.block.timestamp });
});
ponder.on("Retirements:Retired", async ({ event, context }) => {
  const { retirementId: id, account, batchId: batch, participantId, retiredAt, order } = event.args;
  const { tonnes, beneficiary, beneficiaryId, reason, blocks } = order;
  await context.db.insert(retirements).values({ id, batch, account, tonnes, participantId, beneficiary, beneficiaryId, reason,
    blocks: text(blocks), retiredAt, txHash: event.transaction.hash });
});
`,
    "src/api/index.ts": `import { db } from "ponder:api";
import schema from "ponder:schema";
import { Hono } from "hono";
import { count } from "ponder";
const app = new Hono();
app.get("/counts", async (c) => c.json({
  transfers: (await db.select({ n: count() }).from(schema.transfers))[0].n,
  retirements: (await db.select({ n: count() }).from(schema.retirements))[0].n,
}));
export default app;
`,
  };
  await mkdir(join(directory, "src", "api"), { recursive: true });
  for (const [name, content] of Object.entries(files)) await writeFile(join(directory, name), content);
}

export interface PonderRun {
  /** Date.now() when it had indexed everything. */
  readonly readyAt: number;
  readonly transfers: number;
  readonly retirements: number;
}

/** Runs the indexer from nothing until it has caught up. */
export async function indexWithPonder(directory: string): Promise<PonderRun> {
  await rm(join(directory, ".ponder"), { recursive: true, force: true });
  const port = await freePort();
  const options = [
    "start",
    "--schema",
    "bench",
    "--port",
    String(port),
    "--hostname",
    "127.0.0.1",
    "--log-level",
    "warn",
  ];
  const child = spawn(
    process.execPath,
    [join(directory, "node_modules", "ponder", "dist", "esm", "bin", "ponder.js"), ...options],
    {
      cwd: directory,
      env: { ...process.env, PONDER_TELEMETRY_DISABLED: "true" },
      stdio: ["ignore", "pipe", "pipe"],
    },
  );
  const said: string[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (piece: Buffer) => said.push(piece.toString()));
  const exited = once(child, "exit");
  try {
    const url = `http://127.0.0.1:${port}`;
    await untilReady(url, child, said);
    const readyAt = Date.now();
    const counts = (await (await fetch(`${url}/counts`)).json()) as { transfers: number; retirements: number };
    return { readyAt, ...counts };
  } finally {
    child.kill("SIGKILL");
    await exited;
  }
}

async function untilReady(url: string, child: ChildProcess, said: readonly string[]): Promise<void> {
  const deadline = Date.now() + INDEX_MS;
  for (;;) {
    const status = await fetch(`${url}/ready`).then(
      (answer) => answer.status,
      () => 0,
    );
    if (status === 200) return;
    if (child.exitCode !== null || Date.now() > deadline)
      throw new Error(`Ponder did not get ready: ${said.join("").slice(-2_000)}`);
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}
