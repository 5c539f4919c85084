import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { runCli } from "../../src/cli/run.js";
import { goldFile, verraFile, type VerraRow } from "../support/export-files.js";
import { startImportDesk, type ImportDesk } from "../support/imports.js";

let desk: ImportDesk;
beforeAll(async () => void (desk = await startImportDesk()), 120_000);
afterAll(() => desk.close());

const good: readonly VerraRow[] = [
  { start: 1_001, tonnes: 725 },
  {
    start: 2_001,
    tonnes: 1_500,
    retired: "2022-05-06",
    beneficiary: "Invented Airways",
    reason: "Environmental Benefit",
  },
  { start: 9_001, tonnes: 10, retired: "2022-05-06", reason: "Cancellation" },
  { start: 5_001, tonnes: 300, series: "7002", year: 2021 },
];

async function refusalOf(registry: string, file: string | Uint8Array, fields: Record<string, string> = {}) {
  const { body, status } = await desk.upload(registry, file, { dryRun: "true", ...fields });
  expect(status).toBe(201);
  const rested = await desk.rested(body.id);
  expect(rested.status).toBe("refused");
  const rows = await desk.get(`/v1/imports/${body.id}/rows?refused=true`, desk.officers.registrar);
  const [row] = rows.body.items;
  return { problem: rested.problem, line: row?.line, code: row?.refusal?.code };
}

describe("POST /v1/imports", () => {
  it("should check, wait for consents, issue, retire and cancel, tell of each row, and do nothing a second time", async () => {
    const file = verraFile(good);
    const dry = await desk.upload("verra", file, { dryRun: "true" });
    expect([dry.status, dry.headers.get("location")]).toEqual([201, `/v1/imports/${dry.body.id}`]);
    expect(await desk.rested(dry.body.id)).toMatchObject({
      status: "checked",
      rows: "4",
      layout: "verra-transactions",
    });
    expect((await desk.consent(dry.body.id, desk.officers.verifier)).body.code).toBe("import-not-waiting");

    await desk.upload("verra", file);
    const waiting = await desk.rested(dry.body.id);
    expect(waiting).toMatchObject({
      status: "waiting",
      consents: { given: [], missing: ["registrar", "verifier", "owner"] },
    });
    expect((await desk.consent(waiting.id, desk.officers.registrar)).body.code).toBe("registry-same-registrar");
    for (const key of [desk.owner.key, desk.officers.second, desk.officers.verifier]) {
      expect((await desk.consent(waiting.id, key)).status).toBe(200);
    }
    const done = await desk.rested(waiting.id, ["final", "failed", "refused"]);
    expect(done).toMatchObject({ status: "final", problem: null });

    const { body: totals } = await desk.get(`/v1/imports/${done.id}/totals?by=vintage`, desk.owner.key);
    expect(totals.items).toEqual([
      {
        key: "2020",
        rows: "3",
        fileTonnes: "2235",
        issuedTonnes: "2235",
        retiredTonnes: "1500",
        cancelledTonnes: "10",
      },
      { key: "2021", rows: "1", fileTonnes: "300", issuedTonnes: "300", retiredTonnes: "0", cancelledTonnes: "0" },
    ]);
    const batch = await desk.get("/v1/batches/VCS-7001-2001");
    const block = { programme: "VCS", series: "7001", start: "2001", end: "3500" };
    expect(batch.body).toMatchObject({ projectCode: "VCS-901", vintage: 2020, foreignBlock: block });
    const retirements = await desk.get("/v1/retirements?batch=VCS-7001-2001");
    expect(retirements.body.items[0]).toMatchObject({ beneficiary: "Invented Airways", tonnes: "1500" });

    const rows = await desk.get(`/v1/imports/${done.id}/rows`, desk.officers.registrar);
    expect(rows.body.items.map(({ line, status }: { line: string; status: string }) => `${line} ${status}`)).toEqual([
      ...["2 final", "3 final", "4 final", "5 final"],
    ]);
    const operation = await desk.get(`/v1/operations/${rows.body.items[1].endingId}`, desk.officers.registrar);
    expect(operation.body).toMatchObject({ kind: "retirement", status: "final" });
    const report = await desk.get(`/v1/imports/${done.id}/report`, desk.officers.registrar);
    expect(report.text.split("\r\n")[2]).toMatch(
      /^3,final,VCS-901,2020,1500,VCS,7001,2001,3500,VCS-7001-2001,retired,/,
    );

    const again = await desk.upload("verra", file);
    expect([again.status, again.body.status]).toEqual([200, "final"]);
  });

  it("given a later export with more, it should do what is new only", async () => {
    const more = verraFile([
      { ...good[0]!, retired: "2023-01-01", beneficiary: "B" },
      ...good.slice(1),
      { start: 4_001, tonnes: 5 },
    ]);
    expect(await desk.run("verra", more)).toMatchObject({ status: "final", rows: "5", knownRows: "3" });
    const { body } = await desk.get("/v1/batches/VCS-7001-1001");
    expect(body).toMatchObject({ issuedTonnes: "725", retiredTonnes: "725" });
  });

  it.each<[string, string, readonly VerraRow[], string]>([
    [
      "a repeated block",
      "repeated",
      [
        { start: 60, tonnes: 5 },
        { start: 60, tonnes: 5 },
      ],
      "3",
    ],
    [
      "overlapping blocks",
      "overlap",
      [
        { start: 64, tonnes: 9 },
        { start: 60, tonnes: 5 },
      ],
      "2",
    ],
    ["a block that the ledger has in part", "overlap", [{ start: 1_700, tonnes: 100 }], "2"],
    [
      "a retirement beyond what was issued",
      "beyond-issued",
      [{ start: 1_700, tonnes: 100, retired: "2023-01-01" }],
      "2",
    ],
    ["a length that is not the quantity", "length-mismatch", [{ start: 60, tonnes: 5, quantity: "6" }], "2"],
    ["more than was verified", "beyond-verified", [{ start: 60, tonnes: 5, total: 4, year: 2015 }], "2"],
    [
      "more than the ledger's statement has left",
      "beyond-verified",
      [{ start: 60, tonnes: 999_999, series: "7005" }],
      "2",
    ],
    ["a day that cannot be", "date-invalid", [{ start: 60, tonnes: 5, retired: "2023-02-29" }], "2"],
  ])("given %s, it should refuse the file with line and reason", async (_name, code, rows, line) => {
    const refusal = await refusalOf("verra", verraFile(rows));
    expect(refusal).toMatchObject({ code, line, problem: { code: "import-refused" } });
    expect(refusal.problem.detail).toContain(`export.csv, line ${line}: `);
  });

  it("given PER units, it should refuse; given a retirement within an issued block, retire just that", async () => {
    expect(await refusalOf("gold-standard", goldFile([{ start: 1, tonnes: 5, product: "PER" }]))).toMatchObject({
      code: "planned-units",
    });
    expect((await desk.run("gold-standard", goldFile([{ start: 1, tonnes: 100 }]))).status).toBe("final");
    const retired = goldFile([{ start: 11, tonnes: 20, status: "Retired", retired: "2025-06-01" }]);
    expect((await desk.run("gold-standard", retired)).status).toBe("final");
    const { body } = await desk.get("/v1/retirements?batch=GS-31001-1");
    expect(body.items[0].serialBlocks).toEqual([{ start: "11", end: "30" }]);
    const beyond = goldFile([{ start: 90, tonnes: 20, status: "Retired", retired: "2025-06-01" }]);
    expect(await refusalOf("gold-standard", beyond)).toMatchObject({ code: "beyond-issued" });
    const twice = goldFile([{ start: 30, tonnes: 2, status: "Retired", retired: "2025-06-01" }]);
    expect(await refusalOf("gold-standard", twice)).toMatchObject({ code: "not-held" });
  });

  it("given another layout, no CSV, or no rows, it should refuse the file", async () => {
    const refusals = [
      await refusalOf("verra", "A,B\n1,2\n"),
      await refusalOf("verra", verraFile([{ start: 1, tonnes: 1 }]).replace("An invented", '"An invented')),
      await refusalOf("verra", verraFile([])),
      await refusalOf("verra", ""),
    ];
    expect(refusals.map(({ problem }) => problem.code)).toEqual([
      ...["import-layout-unknown", "import-file-invalid", "import-file-invalid", "import-file-invalid"],
    ]);
  });

  it("should read Windows-1252 when the file is that, and refuse what is neither, or not what was declared", async () => {
    const latin = Buffer.from(
      verraFile([{ start: 70, tonnes: 5, name: "Bosque de la Pe\xf1a", project: "902", series: "8" }]),
      "latin1",
    );
    const { body } = await desk.upload("verra", latin, { dryRun: "true" });
    expect(await desk.rested(body.id)).toMatchObject({ status: "checked", encoding: "windows-1252" });
    const declared = await refusalOf("verra", latin, { encoding: "utf-8" });
    expect(declared.problem).toMatchObject({
      code: "import-encoding-invalid",
      detail: expect.stringContaining("Line 2"),
    });
    const wide = await refusalOf("verra", Buffer.from(verraFile(good), "utf16le"));
    expect(wide.problem.code).toBe("import-encoding-invalid");
  });

  it("given the same file at once, it should import it once", async () => {
    const file = verraFile([{ start: 1, tonnes: 7, project: "903", series: "7100" }]);
    const answers = await Promise.all([desk.upload("verra", file), desk.upload("verra", file)]);
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 201]);
    expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1);
  });

  it("given 4,000 rows with the error in the last, it should refuse all, and send nothing", async () => {
    const rows = Array.from({ length: 4_000 }, (_, index) => ({
      start: 1 + index * 10,
      tonnes: 10,
      series: "7200",
      project: "904",
    }));
    const refusal = await refusalOf(
      "verra",
      verraFile([...rows, { start: 1, tonnes: 3, series: "7200", project: "904" }]),
    );
    expect(refusal).toMatchObject({ code: "overlap" });
    expect((await desk.get("/v1/projects/VCS-904")).status).toBe(404);
  });

  it("should refuse forms that are none, foreign owners, and keys without the role", async () => {
    const json = await desk.post("/v1/imports", { registry: "verra" }, desk.officers.registrar);
    expect(json.body.code).toBe("unsupported-media-type");
    const empty = await desk.send("/v1/imports", {
      method: "POST",
      body: new FormData(),
      headers: { ...desk.officers.registrar },
    });
    expect(empty.body.code).toBe("upload-invalid");
    const file = verraFile(good);
    expect((await desk.upload("verra", file, { owner: "999" })).body.code).toBe("participants-unknown");
    expect((await desk.upload("other", file)).body.code).toBe("validation-failed");
    expect((await desk.upload("verra", file, {}, desk.owner.key)).body.code).toBe("forbidden");
    const stranger = await desk.managedFirm();
    const [first] = (await desk.get("/v1/imports", desk.owner.key)).body.items;
    expect((await desk.get(`/v1/imports/${first.id}`, stranger.key)).status).toBe(404);
  });
});

describe("carbon import", () => {
  it("should tell of refused rows, consent with the keys that it has, and say when nothing is left to do", async () => {
    const directory = mkdtempSync(join(tmpdir(), "carbon-import-"));
    const carbon = async (text: string, ...more: readonly string[]) => {
      const path = join(directory, "export.csv");
      writeFileSync(path, text);
      let said = "";
      const output = { write: (piece: string) => void (said += piece) };
      const bearer = ({ authorization }: { authorization: string }): string => authorization.replace("Bearer ", "");
      const consents = [desk.officers.second, desk.officers.verifier].map(bearer).join(",");
      const key = bearer(desk.officers.registrar);
      const env = { CARBON_URL: desk.url, CARBON_KEY: key, CARBON_CONSENT_KEYS: consents };
      const args = ["import", "verra", path, "--owner", String(desk.owner.id), ...more];
      return { code: await runCli(args, { env, stdout: output, stderr: output }), said };
    };
    try {
      const rows = [{ start: 1, tonnes: 12, series: "7300", project: "905" }];
      const bad = await carbon(verraFile([...rows, ...rows]));
      expect(bad).toMatchObject({ code: 1, said: expect.stringContaining("line 3: The block 1 to 12") });
      const report = join(directory, "rows.csv");
      const dry = await carbon(verraFile(rows), "--dry-run", "--report", report);
      expect(dry).toMatchObject({ code: 0, said: expect.stringContaining("checked, 1 rows") });
      const real = await carbon(verraFile(rows));
      expect(real).toMatchObject({ code: 0, said: expect.stringContaining("the file has 12 t, the ledger 12 t") });
      expect((await carbon(verraFile(rows))).said).toContain("nothing was changed");
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  });
});
