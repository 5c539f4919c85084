import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { createClient, type Client } from "../../src/client/client.js";
import { ApiUnreachable } from "../../src/client/problem.js";
import type { RoleName } from "../../src/client/types.js";
import { verraFile, type VerraRow } from "../support/export-files.js";
import { freePorts, runStart, type RunningStart } from "../support/running-start.js";

const READY = /^Ready /m;
/** When the service is killed: so many milliseconds after the import was seen in this phase. */
const MOMENTS = [
  { phase: "projects", after: 40 },
  { phase: "statements", after: 130 },
  { phase: "approvals", after: 70 },
  { phase: "endings", after: 10 },
] as const;
const PROJECTS = 24;
const BLOCKS = 4;
const LONG = 300_000;

/** Of each project two blocks are kept, one is retired and one cancelled. */
function fileOf(firstProject: number): string {
  const rows = Array.from({ length: PROJECTS * BLOCKS }, (_, index): VerraRow => {
    const project = firstProject + Math.floor(index / BLOCKS);
    const block = index % BLOCKS;
    const common = { project: String(project), series: String(project), start: 1 + block * 100, tonnes: 10 + block };
    if (block < 2) return { ...common, year: 2020 + block };
    return { ...common, year: 2021, retired: "2022-05-06", reason: block === 2 ? "Other" : "Cancellation" };
  });
  return verraFile(rows);
}

describe("an import into a service that is killed", () => {
  const dataDir = mkdtempSync(join(tmpdir(), "carbon-ledger-import-crash-"));
  let current: RunningStart | undefined;
  let ports: number[];
  let url: string;

  const start = async (): Promise<void> => {
    const [port = 0, nodePort = 0] = ports;
    url = `http://127.0.0.1:${port}`;
    current = runStart({ dataDir, port, nodePort, args: ["--no-pilot"] });
    await current.seen(READY);
  };

  beforeAll(async () => {
    ports = await freePorts(2);
    await start();
  }, LONG);
  afterAll(async () => {
    await current?.kill("SIGKILL");
    rmSync(dataDir, { recursive: true, force: true });
  });

  const admin = (): Client =>
    createClient({ baseUrl: url, apiKey: readFileSync(join(dataDir, "admin-key"), "utf8").trim() });

  async function officeOf(role: RoleName, index = 0): Promise<Client> {
    const account = (await admin().chain.get()).roles[role]?.[index] ?? "";
    const { key } = await admin().apiKeys.create({ scope: "role", role, account, label: `${role} ${index}` });
    return createClient({ baseUrl: url, apiKey: key });
  }

  async function admitOwner(registrar: Client) {
    const admitted = await registrar.participants.admit({
      taxCode: "9155555555",
      capabilities: ["trade-credits", "develop-projects"],
      kycExpiresAt: "2099-01-01T00:00:00.000Z",
      document: { name: "Importer" },
      managed: true,
    });
    await registrar.operations.settle(admitted, 60);
    const [{ id: participantId } = { id: 0 }] = (await registrar.participants.list()).items;
    const { key } = await admin().apiKeys.create({ scope: "participant", participantId, label: "owner" });
    return { id: participantId, client: createClient({ baseUrl: url, apiKey: key }) };
  }

  /** All who act, as they are for good: keys outlive the service. */
  async function desk() {
    const registrar = await officeOf("registrar");
    const owner = await admitOwner(registrar);
    return { registrar, owner, consenting: [await officeOf("registrar", 1), await officeOf("verifier"), owner.client] };
  }

  type Desk = Awaited<ReturnType<typeof desk>>;

  /** What a person does who starts the command line again until it says that the file is in the ledger. */
  async function insist(desk: Desk, text: string): Promise<string> {
    for (;;) {
      try {
        return await drive(desk, text);
      } catch (error) {
        if (!(error instanceof ApiUnreachable)) throw error;
        await sleep(100);
      }
    }
  }

  async function drive({ registrar, owner, consenting }: Desk, text: string): Promise<string> {
    const { id } = await registrar.imports.create(new Blob([text]), { registry: "verra", owner: owner.id });
    for (;;) {
      const { status, problem } = await registrar.imports.get(id);
      if (status === "final") return id;
      if (status === "refused" && problem?.code === "import-interrupted")
        return drive({ registrar, owner, consenting }, text);
      if (status === "refused" || status === "failed") throw new Error(JSON.stringify(problem));
      if (status === "waiting")
        for (const client of consenting) await client.imports.consent(id).catch(() => undefined);
      await sleep(50);
    }
  }

  /** Resolves when the import has come to the phase, or is over. @returns its status */
  async function reached({ registrar }: Desk, text: string, phase: string): Promise<string> {
    const sha256 = createHash("sha256").update(text).digest("hex");
    const id = createHash("sha256").update(`verra ${sha256}`).digest("hex");
    for (;;) {
      const now = await registrar.imports.get(id).catch(() => null);
      if (now?.status === "final" || now?.phase === phase) return now.status;
      await sleep(10);
    }
  }

  /** All that came of an import, without what tells its file from another. */
  async function stateOf({ registrar }: Desk, id: string, firstProject: number) {
    const rows: unknown[] = [];
    for await (const row of registrar.imports.allRows(id)) {
      const { number, status, project, tonnes, ends } = row;
      const place = Number(project?.slice(4)) - firstProject;
      const { issuedTonnes, heldTonnes, retiredTonnes, cancelledTonnes } = await registrar.batches.get(row.batch ?? "");
      rows.push({ number, status, place, tonnes, ends, issuedTonnes, heldTonnes, retiredTonnes, cancelledTonnes });
    }
    const { items } = await registrar.imports.totals(id, "project");
    return { rows, totals: items.map(({ key: _key, ...sums }) => sums) };
  }

  /** How many operations of each kind there are, and how they ended. */
  async function countOperations(): Promise<Record<string, number>> {
    const counts: Record<string, number> = {};
    for await (const { kind, status } of admin().operations.all())
      counts[`${kind} ${status}`] = (counts[`${kind} ${status}`] ?? 0) + 1;
    return counts;
  }

  it(
    "ends as if nothing had happened, and does nothing twice",
    async () => {
      const all = await desk();
      const before = await countOperations();
      const undisturbed = await stateOf(all, await drive(all, fileOf(1_000)), 1_000);
      const once = await countOperations();
      expect(undisturbed.rows).toHaveLength(PROJECTS * BLOCKS);

      const text = fileOf(2_000);
      const driving = insist(all, text);
      const found: string[] = [];
      for (const { phase, after } of MOMENTS) {
        found.push(await reached(all, text, phase));
        await sleep(after);
        await current?.kill("SIGKILL");
        await start();
      }
      const disturbed = await stateOf(all, await driving, 2_000);
      const twice = await countOperations();

      expect(found).toEqual(MOMENTS.map(() => "running"));
      expect(disturbed).toEqual(undisturbed);
      for (const [kind, count] of Object.entries(once)) {
        expect(twice[kind], kind).toBe(count + count - (before[kind] ?? 0));
      }
      expect(Object.keys(twice).toSorted()).toEqual(Object.keys(once).toSorted());
    },
    LONG,
  );
});
