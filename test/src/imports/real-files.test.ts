import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { parse } from "csv-parse/sync";

import { hasRegistryFiles, registryFile, startImportDesk, type ImportDesk } from "../../support/imports.js";

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
});
