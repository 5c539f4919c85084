import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { id, ZeroHash } from "ethers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { encodeCode } from "../../../src/chain/codes.js";
import type { RetirementOrder } from "../../../src/chain/intents.js";
import { registerReport } from "../../../src/cli/report.js";
import { runCli } from "../../../src/cli/run.js";
import { ARTICLE_6_ORDER, article6Tables } from "../../../src/reports/article-6-schema.js";
import { CAD_TRUST_ORDER, cadTrustTables } from "../../../src/reports/cad-trust-schema.js";
import { startTestService, type TestService } from "../../support/service.js";

type Row = Readonly<Record<string, unknown>>;
interface Finding {
  readonly table: string;
  readonly key: string;
  readonly field: string;
}
interface Summary {
  readonly counts: Record<string, number>;
  readonly findings: Finding[];
  readonly findingCount: number;
  readonly fromBlock: string;
  readonly toBlock: string;
}

const SOLAR = {
  name: "Hong Phong 4",
  programme: "VCS",
  programmeName: "Verra Verified Carbon Standard",
  registryId: "1975",
  methodology: "ACM0002",
  methodologyTitle: "ACM0002 Grid-connected electricity",
  projectType: "Solar - Centralized",
  country: "VN",
  link: "https://registry.verra.org/app/projectDetail/VCS/1975",
  unitType: "Reduction - technical",
  validationBody: "Verifit",
};
const BIOGAS = { ...SOLAR, name: "Biogas", programme: "GS", registryId: "1083", projectType: "Biodigesters" };
const FOREIGN = { programme: encodeCode("VCS"), series: encodeCode("13488"), start: 505_972_385n, end: 505_973_109n };

let stage: TestService;
let lines: { table: string; record: Row }[];
let summary: Summary;

beforeAll(async () => {
  stage = await startTestService();
  await play();
  await stage.synced();
  ({ lines, summary } = await report("/v1/reports/cad-trust"));
});
afterAll(() => stage.close());

function firm(n: number) {
  const signer = stage.ledger.firms[n];
  if (signer === undefined) throw new RangeError(`no firm ${n}`);
  return signer;
}

const order = (batchId: bigint, tonnes: bigint, changes: Partial<RetirementOrder> = {}): RetirementOrder => ({
  batchId,
  tonnes,
  blocks: [],
  beneficiary: "Cảng Đà Nẵng",
  beneficiaryId: "0400101972",
  beneficiaryCommitment: ZeroHash,
  purpose: 0,
  reason: "2025 footprint",
  details: "",
  consumptionCountry: "0x564e",
  consumptionPeriodStart: 20_089,
  consumptionPeriodEnd: 20_453,
  ...changes,
});

/** Documents by the hashes that the test ledger puts on the chain. */
async function document(hash: string, body: object): Promise<void> {
  const canonical = JSON.stringify(body);
  await stage.db.insertInto("documents").values({ hash, kind: "test", body: canonical, canonical }).execute();
}

/** Two projects, an import, a buffer, authorisations of each kind of first transfer, and every fate. */
async function play(): Promise<void> {
  const { registry, units, retirements, parts } = stage.ledger;
  const owners = ["0100000001", "0100000002", "0100000003", "0100000004"];
  for (const [n, taxCode] of owners.entries()) {
    await stage.ledger.admit(taxCode, firm(n));
    await document(id(taxCode), { name: `Firm ${n}`, country: "VN" });
  }
  await registry.connect(parts.admin).setBufferAccount(firm(3));
  await stage.ledger.registerProject("VCS-1975", 1, 1_000);
  await document(id("VCS-1975"), SOLAR);
  await stage.ledger.registerProject("GS-1083", 2);
  await document(id("GS-1083"), BIOGAS);
  const issue = (project: string, code: string, vintage: number, tonnes: number, extra = {}) =>
    stage.ledger.issueBatch({
      project,
      code,
      vintage,
      tonnes,
      recipient: firm(project === "GS-1083" ? 1 : 0),
      ...extra,
    });
  // The later year first: the helper names no earlier statement.
  const second = await issue("VCS-1975", "VN-1975-2024", 2024, 5_000);
  const first = await issue("VCS-1975", "VN-1975-2023", 2023, 10_000);
  const third = await issue("GS-1083", "VN-1083-2024", 2024, 800);
  await issue("VCS-1975", "VN-IMPORT", 2022, 725, { foreignBlock: FOREIGN });
  await registry.authoriseBatch(first, 2, 1, id("letter 1"));
  await registry.authoriseBatch(second, 7, 2, id("letter 2"));
  await registry.authoriseBatch(third, 1, 3, id("letter 3"));

  await units.connect(firm(0)).transfer(firm(0), firm(1), first, 500, [{ start: 2_001, end: 2_500 }]);
  await units.connect(firm(0)).transfer(firm(0), firm(2), first, 500, [{ start: 3_001, end: 3_500 }]);
  const retire = (n: number, ...given: Parameters<typeof order>) =>
    retirements.connect(firm(n)).retire(firm(n), order(...given));
  await retire(1, first, 100n, { details: "Tòa nhà số 1" });
  await retire(2, first, 40n, {
    blocks: [{ start: 3_101n, end: 3_140n }],
    beneficiary: "",
    beneficiaryId: "",
    beneficiaryCommitment: id("x"),
  });
  await retire(0, second, 7n, { reason: "" });
  await retire(1, third, 30n);
  await retirements
    .connect(firm(2))
    .cancel(firm(2), { batchId: first, tonnes: 5, blocks: [], reason: 2, details: "moved" });
}

async function report(path: string, key?: { authorization: string }) {
  const { text, status, headers } = await stage.get(path, key);
  expect([status, headers.get("content-type")]).toEqual([200, "application/x-ndjson; charset=utf-8"]);
  const all = text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as { table: string; record: Row });
  const last = all.pop();
  expect(last?.table).toBe("summary");
  return { lines: all, summary: last?.record as unknown as Summary };
}

const of = (table: string, rows = lines): Row[] =>
  rows.filter((line) => line.table === table).map(({ record }) => record);
const sum = (rows: readonly Row[], member: string): bigint =>
  rows.reduce((total, row) => total + BigInt(row[member] as number), 0n);

/** How often each serial of a batch is told, by the ids `BATCH-first-last` of some rows. */
function told(blocks: readonly { readonly start: bigint; readonly end: bigint }[]): boolean {
  const sorted = blocks.toSorted((a, b) => (a.start < b.start ? -1 : 1));
  return sorted.every(({ start }, n) => start === (sorted[n - 1]?.end ?? 0n) + 1n);
}

describe("the CAD Trust report", () => {
  it("should have nothing to complain about where every fact is known", () => {
    expect(summary.findings).toEqual([]);
    expect(summary.fromBlock).toBe(summary.toBlock);
  });

  it("should write records that fit the tables, in the order of insertion, and count them", () => {
    for (const { table, record } of lines) {
      const result = cadTrustTables[table as "unit"].safeParse(record);
      expect(result.error?.issues, JSON.stringify(record)).toBeUndefined();
    }
    const places = lines.map(({ table }) => CAD_TRUST_ORDER.indexOf(table as "unit"));
    expect(places).toEqual(places.toSorted((a, b) => a - b));
    for (const table of CAD_TRUST_ORDER) expect(summary.counts[table], table).toBe(of(table).length);
    for (const table of CAD_TRUST_ORDER.filter((name) => !["estimation", "rating", "co_benefit"].includes(name)))
      expect(of(table).length, table).toBeGreaterThan(0);
  });

  it("should refer to parents that were written before their children, but for stakeholders", () => {
    const known = new Set<unknown>();
    for (const { table, record } of lines) {
      const [own, ...others] = Object.entries(record).filter(([name]) => /^cadTrust\w+Id$/.test(name));
      const parents = table === "stakeholder" ? [] : others;
      for (const [name, value] of parents) expect(known.has(value), `${table} ${name}`).toBe(true);
      expect(known.has(own?.[1]), `${table} twice`).toBe(false);
      known.add(own?.[1]);
    }
    const projects = new Set(of("project").map((record) => record["cadTrustProjectId"]));
    for (const record of of("stakeholder")) expect(projects).toContain(record["cadTrustProjectId"]);
  });

  it("should count as many tonnes by status, project and vintage as the ledger has", async () => {
    const batches = await stage.db.selectFrom("batches").selectAll().execute();
    for (const batch of batches) {
      const issuance = of("issuance").find((record) => record["issuanceId"] === batch.code);
      const units = of("unit").filter((record) => record["cadTrustIssuanceId"] === issuance?.["cadTrustIssuanceId"]);
      const tonnes = (...statuses: string[]) =>
        sum(
          units.filter((record) => statuses.includes(String(record["unitStatus"]))),
          "unitCount",
        );
      expect(tonnes("Held", "Buffer"), batch.code).toBe(batch.held_tonnes);
      expect(tonnes("Buffer"), batch.code).toBe(batch.buffer_tonnes);
      expect(tonnes("Retired"), batch.code).toBe(batch.retired_tonnes);
      expect(tonnes("Cancelled"), batch.code).toBe(batch.cancelled_tonnes);
      for (const record of units) expect(record["unitVintageYear"]).toBe(batch.vintage);
    }
    expect(of("issuance")).toHaveLength(batches.length);
  });

  it("should have each serial once, and not tell who holds what", () => {
    for (const code of ["VN-1975-2023", "VN-1975-2024", "VN-1083-2024"]) {
      const units = of("unit").filter((record) => String(record["unitSerialId"]).startsWith(`${code}-`));
      const blocks = units.map((record) => ({
        start: BigInt(String(record["unitStartBlock"])),
        end: BigInt(String(record["unitEndBlock"])),
      }));
      expect(told(blocks), code).toBe(true);
    }
    const statuses = of("unit")
      .filter((record) => String(record["unitSerialId"]).startsWith("VN-1975-2023-"))
      .map((record) => record["unitStatus"]);
    for (const [n, status] of statuses.entries()) if (status === "Held") expect(statuses[n + 1]).not.toBe("Held");
    expect(JSON.stringify(of("unit"))).not.toContain("unitCurrentOwner");
  });

  it("should give an import the serials of its origin, and the way to ours", () => {
    const [unit] = of("unit").filter((record) => String(record["unitSerialId"]).includes("13488"));
    expect(unit).toMatchObject({ unitStartBlock: "505972385", unitVintageYear: 2022 });
    const imported = of("unit").filter((record) => String(record["unitSerialId"]).startsWith("VCS-13488-"));
    expect(imported.at(-1)?.["unitEndBlock"]).toBe("505973109");
    expect(sum(imported, "unitCount")).toBe(725n);
    expect(unit?.["unitLink"]).toMatch(/\/v1\/serials\/VN-IMPORT:1$/);
  });

  it("should say for whom units were retired, and leave out people who are a commitment", () => {
    const retired = of("unit").filter((record) => record["unitStatus"] === "Retired");
    expect(retired.find((record) => record["unitCount"] === 100)).toMatchObject({
      unitRetirementBeneficiary: "Cảng Đà Nẵng",
      unitRetirementBeneficiaryId: "0400101972",
      unitRetirementDetail: "Tòa nhà số 1",
      unitStatusReason: "Retired, purpose voluntary: 2025 footprint",
    });
    expect(retired.find((record) => record["unitCount"] === 40)).not.toHaveProperty("unitRetirementBeneficiary");
    expect(retired.find((record) => record["unitCount"] === 7)?.["unitStatusReason"]).toBe(
      "Retired, purpose voluntary",
    );
  });

  it("should label every unit of an authorised batch, and no other", () => {
    expect(of("label").map((record) => record["labelName"])).toEqual([
      "Article 6 authorisation: NDC",
      "Article 6 authorisation: IMP",
      "Article 6 authorisation: NDC and OIMP",
    ]);
    const labelled = new Set(of("unit_label").map((record) => record["cadTrustUnitId"]));
    for (const unit of of("unit")) {
      const isDomestic = !String(unit["unitSerialId"]).startsWith("VCS-");
      expect(labelled.has(unit["cadTrustUnitId"])).toBe(isDomestic);
    }
  });

  it("should be the same, ids and all, when nothing changed", async () => {
    expect(await report("/v1/reports/cad-trust")).toEqual({ lines, summary });
  });
});

describe("the Article 6 report", () => {
  let rows: typeof lines;
  let found: Summary;
  let regulator: { authorization: string };

  beforeAll(async () => {
    regulator = await stage.keyOf({ scope: "regulator", label: "regulator" });
    const path = "/v1/reports/article-6?party=VN&cooperativeApproach=VN-CA-1";
    ({ lines: rows, summary: found } = await report(path, regulator));
  });

  it("should be for those who see all", async () => {
    const path = "/v1/reports/article-6";
    expect((await stage.get(path)).status).toBe(401);
    expect((await stage.get(path, (await stage.firm()).key)).status).toBe(403);
    const auditor = await stage.keyOf({ scope: "auditor", label: "auditor" });
    expect((await stage.get(path, auditor)).status).toBe(200);
  });

  it("should write records that fit the tables, in the order of insertion", () => {
    expect(found.findings).toEqual([]);
    for (const { table, record } of rows)
      expect(article6Tables[table as "aef_t3_actions"].safeParse(record).error?.issues, table).toBeUndefined();
    const places = rows.map(({ table }) => ARTICLE_6_ORDER.indexOf(table as "aef_t3_actions"));
    expect(places).toEqual(places.toSorted((a, b) => a - b));
    for (const table of ARTICLE_6_ORDER) expect(of(table, rows).length, table).toBeGreaterThan(0);
  });

  it("should tell of each authorised batch once, and cover each of its tonnes once", () => {
    const authorisations = of("aef_t2_authorizations", rows);
    expect(authorisations.map((record) => record["aefT2AuthorizationsId"])).toEqual([
      "VN-1083-2024",
      "VN-1975-2023",
      "VN-1975-2024",
    ]);
    for (const authorisation of authorisations) {
      const code = authorisation["aefT2AuthorizationsId"];
      const ends = of("aef_t3_actions", rows).filter(
        (record) => record["aefT3ActionsAuthorizationId"] === code && record["aefT3ActionsType"] !== "First Transfer",
      );
      const held = of("aef_t4_holdings", rows).filter((record) => record["aefT4HoldingsAuthorizationId"] === code);
      const blocks = [
        ...ends.map((record) => [record["aefT3ActionsUnitFirstId"], record["aefT3ActionsUnitLastId"]]),
        ...held.map((record) => [record["aefT4HoldingsUnitFirstId"], record["aefT4HoldingsUnitLastId"]]),
      ].map(([start, end]) => ({ start: BigInt(String(start)), end: BigInt(String(end)) }));
      expect(told(blocks), String(code)).toBe(true);
      const total = sum(ends, "aefT3ActionsQuantityTCo2") + sum(held, "aefT4HoldingsQuantityTCo2");
      expect(total).toBe(BigInt(authorisation["aefT2AuthorizationsQuantity"] as number));
    }
  });

  it("should place the first transfer where the authorisation puts it", () => {
    const firsts = of("aef_t3_actions", rows).filter((record) => record["aefT3ActionsType"] === "First Transfer");
    const tonnes = Object.fromEntries(
      firsts.map((record) => [record["aefT3ActionsAuthorizationId"], record["aefT3ActionsQuantityTCo2"]]),
    );
    expect(tonnes).toEqual({ "VN-1975-2023": 10_000, "VN-1975-2024": 5_000, "VN-1083-2024": 30 });
  });

  it("given a year before the first batch, it should tell of no action, and of nothing that was held", async () => {
    const other = await report("/v1/reports/article-6?year=1999", regulator);
    expect(of("aef_t3_actions", other.lines)).toEqual([]);
    expect(of("aef_t4_holdings", other.lines)).toEqual([]);
  });

  it("should number submissions of the same year", async () => {
    const [first, second] = await Promise.all(
      ["", "&version=2"].map(async (version) => {
        const again = await report(`/v1/reports/article-6?year=2025${version}`, regulator);
        return of("aef_t1_submission", again.lines)[0];
      }),
    );
    expect([first?.["aefT1SubmissionVersion"], second?.["aefT1SubmissionVersion"]]).toEqual([1, 2]);
    expect(first?.["cadTrustAefT1SubmissionId"]).not.toBe(second?.["cadTrustAefT1SubmissionId"]);
  });

  it.each([
    "party=ZZ",
    "party=VNM",
    "year=26",
    "year=1899",
    "version=0",
    "cooperativeApproach=",
    "cooperativeApproach=%00",
    "x=1",
  ])("given %s, it should refuse", async (query) => {
    const answer = await stage.get(`/v1/reports/article-6?${query}`, regulator);
    expect([answer.status, answer.body.code]).toEqual([400, "validation-failed"]);
  });
});

describe("carbon report", () => {
  it("should write one array per table, and end with 0", async () => {
    const out = await mkdtemp(join(tmpdir(), "report-"));
    const said: string[] = [];
    const into = { write: (text: string) => said.push(text) };
    const surroundings = { env: { CARBON_URL: stage.url }, stdout: into, stderr: into };
    try {
      expect(await runCli(["report", "cad-trust", "--out", out, "--json"], surroundings, [registerReport])).toBe(0);
      expect(JSON.parse(said.join(""))).toMatchObject({ out, findingCount: 0, counts: summary.counts });
      for (const table of CAD_TRUST_ORDER)
        expect(JSON.parse(await readFile(join(out, `${table}.json`), "utf8")), table).toEqual(of(table));
      expect(await runCli(["report", "article-6", "--out", out], surroundings, [registerReport])).toBe(3);
      expect(said.join("")).toContain("unauthorized");
    } finally {
      await rm(out, { recursive: true });
    }
  });
});

describe("facts that are missing", () => {
  it("should be findings, and no crash, and make carbon end with 1", async () => {
    await stage.ledger.registerProject("BARE", 3);
    await document(id("BARE"), {
      name: "  ",
      validationBody: 7,
      projectType: "Alchemy",
      unitType: "Gold",
      country: "XX",
    });
    await stage.ledger.issueBatch({ project: "BARE", code: "VN-BARE", tonnes: 10, recipient: firm(2) });
    await stage.synced();
    const bare = await report("/v1/reports/cad-trust");
    const told = bare.summary.findings.map(({ table, field }) => `${table}.${field}`);
    expect(new Set(told)).toEqual(
      new Set([
        "project.projectType",
        "project.projectRegistryName",
        "project.projectName",
        "validation.validationBody",
        "verification.verificationBody",
        "location.locationCountry",
        "issuance.cadTrustProjectMethodologyId",
        "unit.unitType",
      ]),
    );
    for (const { key, table } of bare.summary.findings) if (table !== "verification") expect(key).toContain("BARE");
    expect(bare.summary.counts["unit"]).toBe((summary.counts["unit"] ?? 0) + 1);

    const out = await mkdtemp(join(tmpdir(), "report-"));
    const into = { write: () => undefined };
    const surroundings = { env: { CARBON_URL: stage.url }, stdout: into, stderr: into };
    expect(await runCli(["report", "cad-trust", "--out", out], surroundings, [registerReport])).toBe(1);
    await rm(out, { recursive: true });
  });
});

describe("the Article 6 report of an earlier year", () => {
  it("should have what was held at its end, whatever became of it since", async () => {
    const regulator = await stage.keyOf({ scope: "regulator", label: "a later regulator" });
    const { provider } = stage.ledger.ethers;
    const block = await provider.getBlock("latest");
    const year = new Date(block!.timestamp * 1_000).getUTCFullYear();
    const read = async (query: string) => {
      const { lines: rows, summary: told } = await report(`/v1/reports/article-6${query}`, regulator);
      expect(told.findings).toEqual([]);
      const held = of("aef_t4_holdings", rows);
      return { held, tonnes: sum(held, "aefT4HoldingsQuantityTCo2"), actions: of("aef_t3_actions", rows) };
    };
    const before = await read("");
    await provider.send("evm_setNextBlockTimestamp", [Date.UTC(year + 1, 0, 1) / 1_000]);
    const batch = BigInt(encodeCode("VN-1975-2023"));
    const retirements = stage.ledger.retirements.connect(firm(0));
    await retirements.retire(firm(0), order(batch, 250n));
    await retirements.cancel(firm(0), { batchId: batch, tonnes: 5n, blocks: [], reason: 1, details: "" });
    await stage.synced();
    const [then, later, now] = [await read(`?year=${year}`), await read(`?year=${year + 1}`), await read("")];
    expect(then.held).toEqual(
      before.held.map((record) => ({ ...record, cadTrustAefT1SubmissionId: expect.anything() })),
    );
    expect(before.tonnes - later.tonnes).toBe(255n);
    expect(later.tonnes).toBe(now.tonnes);
    expect(later.actions.map((record) => record["aefT3ActionsType"])).toEqual(["Use", "Cancellation"]);
    expect(now.actions.length).toBe(before.actions.length + 2);
  });
});
