import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { parse } from "csv-parse/sync";

import { runCli } from "../../../src/cli/run.js";
import {
  hasRegistryFiles,
  REGISTRY_FILES,
  registryFile,
  startImportDesk,
  type ImportDesk,
} from "../../support/imports.js";

/** Sums of a column by another, as a spreadsheet would have them. */
function sumsOf(file: string, key: string, quantity: string): Record<string, string> {
  const records = parse(registryFile(file), { columns: true, bom: true }) as unknown as Record<string, string>[];
  const sums = new Map<string, bigint>();
  for (const row of records) {
    const tonnes = BigInt((row[quantity] ?? "").replaceAll(",", ""));
    sums.set(row[key] ?? "", (sums.get(row[key] ?? "") ?? 0n) + tonnes);
  }
  return Object.fromEntries([...sums].map(([name, sum]) => [name, sum.toString()]));
}

describe.skipIf(!hasRegistryFiles)("the registries' own exports", () => {
  let desk: ImportDesk;
  beforeAll(async () => void (desk = await startImportDesk()));
  afterAll(() => desk.close());

  it("given Verra's transactions, totals by project should be the file's, and a second import change nothing", async () => {
    const file = registryFile("verra/transactions.csv");
    const done = await desk.run("verra", file);
    expect(done).toMatchObject({ status: "final", rows: "200", refusedRows: "0", knownRows: "0", problem: null });

    const totals = await desk.get("/v1/history/issuances/totals?groupBy=project");
    const byProject = Object.fromEntries(
      totals.body.items.map(({ key, tonnes }: { key: string; tonnes: string }) => [key.replace("VCS-", ""), tonnes]),
    );
    expect(byProject).toEqual(sumsOf("verra/transactions.csv", "ID", "Quantity Issued"));

    const head = await desk.ledger.ethers.provider.getBlockNumber();
    const again = await desk.upload("verra", file);
    expect([again.status, again.body.status, again.body.id]).toEqual([200, "final", done.id]);
    const altered = await desk.run("verra", Buffer.concat([file, Buffer.from("\n")]));
    expect(altered).toMatchObject({ status: "final", knownRows: "200", rows: "200" });
    expect(await desk.ledger.ethers.provider.getBlockNumber()).toBe(head);
  });

  /** `carbon import`, with everybody's consent. */
  async function carbon(...args: readonly string[]) {
    let text = "";
    const output = { write: (piece: string) => void (text += piece) };
    const { officers, owner } = desk;
    const bearer = ({ authorization }: { authorization: string }): string => authorization.replace("Bearer ", "");
    const consents = [officers.second, officers.verifier, owner.key].map(bearer).join(",");
    const env = { CARBON_URL: desk.url, CARBON_KEY: bearer(officers.registrar), CARBON_CONSENT_KEYS: consents };
    const code = await runCli([...args, "--owner", String(owner.id)], { env, stdout: output, stderr: output });
    return { code, text };
  }

  it("given Gold Standard's issuances, projects and retirements, the command line should import them", async () => {
    const issuances = `${REGISTRY_FILES}/gold-standard/issuances.csv`;
    const dry = await carbon("import", "gold-standard", issuances, "--dry-run");
    expect(dry).toMatchObject({ code: 0, text: expect.stringContaining("checked, 100 rows") });
    const real = await carbon("import", "gold-standard", issuances);
    expect(real, real.text).toMatchObject({ code: 0, text: expect.stringContaining("final, 100 rows") });
    const again = await carbon("import", "gold-standard", issuances);
    expect(again.text).toContain("nothing was changed");

    const retirements = await carbon("import", "gold-standard", `${REGISTRY_FILES}/gold-standard/retirements.csv`);
    expect(retirements, retirements.text).toMatchObject({ code: 0, text: expect.stringContaining("final, 100 rows") });
    const projects = await carbon("import", "gold-standard", `${REGISTRY_FILES}/gold-standard/projects.csv`);
    expect(projects, projects.text).toMatchObject({ code: 0, text: expect.stringContaining("final, 50 rows") });

    const sums = sumsOf("gold-standard/issuances.csv", "GSID", "Quantity");
    for (const [id, tonnes] of Object.entries(sums).slice(0, 10)) {
      const totals = await desk.get(`/v1/history/issuances/totals?groupBy=project&project=GS-${id}`);
      expect(BigInt(totals.body.items[0].tonnes)).toBeGreaterThanOrEqual(BigInt(tonnes));
    }
  });
});
