import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { startEmbeddedNode } from "../../src/chain/embedded-node/start.js";
import { freePort, rpc } from "./network.js";
import { done, officeOf, startServiceProcess, type ServiceProcess } from "./service.js";
import type { Row } from "./table.js";
import { copyChain, transactionsOf } from "./twin.js";

const FILE = join(import.meta.dirname, "../../../shared/data/registries/vrod_v3_vcs_issuances.csv");
const SMALL = 675;
/** In turns with the node's own, so that whatever else the machine does falls on both. */
const TURNS = 2;
/** Transactions in a JSON-RPC batch of the node. */
const LIST = 50;
/** What the whole file adds up to, by its publisher. */
const WHOLE = { rows: 6_750, tonnes: 872_864_548n, projects: 1_472 };

interface Measured {
  readonly rows: number;
  readonly tonnes: bigint;
  readonly projects: number;
  readonly seconds: number;
  readonly peakKilobytes: number;
  /** Transactions that the import made, and the seconds that the node alone takes for them. */
  readonly transactions: number;
  readonly nodeSeconds: number;
}

/**
 * A list of issuances, imported into a fresh ledger through the API until all is final, against the same transactions, signed, fed to a twin
 * of the chain in a process of its own. No rows where the list is not there.
 * @param limit The most rows of the file; all when left out.
 */
export async function importRows(limit = WHOLE.rows): Promise<Row[]> {
  if (!existsSync(FILE)) return [];
  const small = await measure(Math.min(SMALL, limit));
  const turns: Measured[] = [];
  for (let turn = 0; turn < TURNS; turn++) turns.push(await measure(limit));
  const [whole] = turns;
  if (whole === undefined) throw new RangeError("There is at least one turn");
  const sum = (of: (turn: Measured) => number): number => turns.reduce((total, turn) => total + of(turn), 0);
  const [seconds, nodeSeconds] = [sum((turn) => turn.seconds), sum((turn) => turn.nodeSeconds)];
  const share = nodeSeconds / seconds;
  const growth = whole.peakKilobytes / small.peakKilobytes;
  const count = (number: number | bigint): string => number.toLocaleString("en");
  const isWhole = limit === WHOLE.rows;
  const isRight = !isWhole || (whole.tonnes === WHOLE.tonnes && whole.projects === WHOLE.projects);
  return [
    {
      measure: `import of ${count(whole.rows)} issuances, rows per second, against the node fed the same ${count(whole.transactions)} transactions, signed`,
      ours: `${Math.round((whole.rows * TURNS) / seconds)}/s`,
      limit: "≥ 0.8",
      holds: share >= 0.8,
      ratio: share.toFixed(2),
      other: `${Math.round((whole.rows * TURNS) / nodeSeconds)}/s`,
    },
    {
      measure: "what the ledger has issued after it: tonnes, over projects",
      ours: `${count(whole.tonnes)} t, ${count(whole.projects)}`,
      limit: "equal",
      holds: isRight,
      ratio: "",
      other: isWhole ? `${count(WHOLE.tonnes)} t, ${count(WHOLE.projects)}` : "",
    },
    {
      measure: `peak memory of the service, ${count(whole.rows)} rows against ${count(small.rows)}`,
      ours: `${Math.round(whole.peakKilobytes / 1_024)} MiB`,
      limit: "≤ 1.2",
      holds: growth <= 1.2,
      ratio: growth.toFixed(2),
      other: `${Math.round(small.peakKilobytes / 1_024)} MiB`,
    },
  ];
}

async function measure(limit: number): Promise<Measured> {
  const dataDir = await mkdtemp(join(tmpdir(), "carbon-ledger-bench-import-"));
  const twinDir = await mkdtemp(join(tmpdir(), "carbon-ledger-bench-import-twin-"));
  try {
    const service = await startServiceProcess(dataDir, await freePort(), await freePort());
    let ours: Omit<Measured, "transactions" | "nodeSeconds">;
    let before: number;
    try {
      const owner = await admitOwner(service);
      await copyChain(dataDir, twinDir);
      before = (await transactionsOf(dataDir)).length;
      ours = await importFile(service, owner, await firstRows(limit));
    } finally {
      await service.stop();
    }
    const raw = (await transactionsOf(dataDir)).slice(before);
    return { ...ours, transactions: raw.length, nodeSeconds: await feed(twinDir, raw) };
  } finally {
    await rm(dataDir, { recursive: true, force: true });
    await rm(twinDir, { recursive: true, force: true });
  }
}

/** No cell of this list has a line break but those of the header. */
async function firstRows(limit: number): Promise<Blob> {
  const lines = (await readFile(FILE, "utf8")).split("\n");
  return new Blob([lines.slice(0, limit + 1).join("\n")]);
}

async function admitOwner(service: ServiceProcess): Promise<number> {
  const registrar = await officeOf(service, "registrar");
  const admitted = await done(
    registrar,
    registrar.participants.admit({
      taxCode: "9199999999",
      capabilities: ["trade-credits", "develop-projects"],
      kycExpiresAt: "2099-01-01T00:00:00.000Z",
      document: { name: "Importer" },
      managed: true,
    }),
  );
  return Number(admitted.result?.["participantId"]);
}

async function importFile(service: ServiceProcess, owner: number, file: Blob) {
  const registrar = await officeOf(service, "registrar");
  const began = performance.now();
  const { id } = await registrar.imports.create(file, { registry: "vrod", owner });
  for await (const now of registrar.imports.follow(id)) if (now.status === "refused") throw new Error("Refused");
  await (await officeOf(service, "registrar", 1)).imports.consent(id);
  await (await officeOf(service, "verifier")).imports.consent(id);
  let rows = 0;
  for (let status = ""; status !== "final";) {
    for await (const now of registrar.imports.follow(id)) [rows, status] = [Number(now.rows), now.status];
    if (status === "failed" || status === "refused") throw new Error(`The import is ${status}.`);
  }
  const seconds = (performance.now() - began) / 1_000;
  const { items } = await registrar.imports.totals(id, "project");
  const tonnes = items.reduce((sum, { issuedTonnes }) => sum + BigInt(issuedTonnes), 0n);
  return { rows, seconds, tonnes, projects: items.length, peakKilobytes: await peakOf(service.pid) };
}

/** The most memory that the process ever had. */
async function peakOf(pid = 0): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8").catch(() => "");
  return Number(/^VmHWM:\s+(\d+)/m.exec(status)?.[1] ?? Number.NaN);
}

/** @returns seconds */
async function feed(dataDir: string, raw: readonly string[]): Promise<number> {
  const node = await startEmbeddedNode({ dataDir, port: 0 });
  try {
    const began = performance.now();
    for (let start = 0; start < raw.length; start += LIST) {
      const list = raw.slice(start, start + LIST);
      await rpc(
        node.url,
        list.map((one) => ({ method: "eth_sendRawTransaction", params: [one] })),
      );
    }
    return (performance.now() - began) / 1_000;
  } finally {
    await node.stop();
  }
}
