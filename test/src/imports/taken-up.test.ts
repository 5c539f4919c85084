import { id as hashOf } from "ethers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { verraFile, type VerraRow } from "../../support/export-files.js";
import { startImportDesk, type ImportDesk } from "../../support/imports.js";

/** Enough for several loads of transactions in each phase. */
const PROJECTS = 40;
const BLOCKS = 4;

let desk: ImportDesk;
beforeAll(async () => {
  desk = await startImportDesk();
}, 120_000);
afterAll(() => desk.close());

function fileOf(firstProject: number): string {
  const rows = Array.from({ length: PROJECTS * BLOCKS }, (_, index): VerraRow => {
    const project = String(firstProject + Math.floor(index / BLOCKS));
    return { project, series: project, start: 1 + (index % BLOCKS) * 100, tonnes: 10 };
  });
  return verraFile(rows);
}

/** Uploads, lets all consent, and resolves once the import is in this phase. */
async function begin(text: string, phase: string): Promise<string> {
  const { id } = (await desk.upload("verra", text)).body;
  await desk.rested(id, ["waiting"]);
  await desk.consent(id, desk.officers.second);
  await desk.consent(id, desk.officers.verifier);
  for (;;) {
    const { body } = await desk.get(`/v1/imports/${id}`, desk.officers.registrar);
    if (body.phase === phase) return id;
    if (body.status !== "running" && body.status !== "waiting") throw new Error(body.status);
  }
}

/** Tonnes of the file, and what the ledger has of them. */
async function sums(id: string) {
  const { items } = (await desk.get(`/v1/imports/${id}/totals?by=vintage`, desk.officers.registrar)).body;
  return items.map(({ fileTonnes, issuedTonnes }: Record<string, string>) => [fileTonnes, issuedTonnes]);
}

/** How many acts of a kind the chain has executed for an import. */
async function finalActs(id: string, kind: string): Promise<number> {
  const operations = await desk.db
    .selectFrom("operations")
    .select("request")
    .where("kind", "=", kind)
    .where("status", "=", "final")
    .execute();
  return operations.filter(({ request }) => request["importId"] === id).length;
}

const WHOLE = String(PROJECTS * BLOCKS * 10);

describe("an import that could not go on", () => {
  it("given acts that the contracts refuse, should tell the row, and finish when the same file comes again", async () => {
    const { participants, parts } = desk.ledger;
    const compliance = participants.connect(parts.compliance1);
    const text = fileOf(5_000);
    const id = await begin(text, "proposals");
    await compliance.suspend(desk.owner.id, hashOf("why"));

    const failed = await desk.rested(id, ["failed", "final"]);
    expect(failed).toMatchObject({ status: "failed", problem: { code: "import-failed" } });
    const { operationId } = failed.problem.evidence;
    const { body: operation } = await desk.get(`/v1/operations/${operationId}`, desk.officers.registrar);
    expect(operation).toMatchObject({ status: "rejected", problem: { code: "registry-recipient-invalid" } });
    const { body: page } = await desk.get(`/v1/imports/${id}/rows?limit=200`, desk.officers.registrar);
    const told = page.items.filter(({ status }: { status: string }) => status === "failed");
    expect(told.length).toBeGreaterThan(0);
    for (const row of told) expect(row.problem).not.toBeNull();

    await compliance.reinstate(desk.owner.id);
    await desk.synced();
    await desk.upload("verra", text);
    const ended = await desk.rested(id, ["failed", "final", "refused"]);
    expect(ended).toMatchObject({ status: "final", problem: null });
    expect(await sums(id)).toEqual([[WHOLE, WHOLE]]);
    expect(await finalActs(id, "issuance.propose")).toBe(PROJECTS * BLOCKS);
    expect(await finalActs(id, "issuance.approve")).toBe(PROJECTS * BLOCKS);
    expect(await finalActs(id, "statement.record")).toBe(PROJECTS);
  }, 120_000);

  it("given a chain that is away for a while, should wait for it, and lose nothing", async () => {
    const id = await begin(fileOf(6_000), "proposals");
    desk.connection.faults.isDown = true;
    await new Promise((resolve) => setTimeout(resolve, 600));
    const { body: waiting } = await desk.get(`/v1/imports/${id}`, desk.officers.registrar);
    expect(waiting).toMatchObject({ status: "running", phase: "proposals" });

    desk.connection.faults.isDown = false;
    expect(await desk.rested(id, ["failed", "final"])).toMatchObject({ status: "final" });
    expect(await sums(id)).toEqual([[WHOLE, WHOLE]]);
    expect(await finalActs(id, "issuance.propose")).toBe(PROJECTS * BLOCKS);
  }, 120_000);
});
