import { parse } from "csv-parse/sync";
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

import type { MarketAct, MarketActOf } from "../../scripts/pilot/exchange-scenario.js";
import { loadScenario, type Act, type Organisation, type ScenarioBatch } from "../../scripts/pilot/scenario.js";

/** The data files are not part of the project. Where they are, the facts in the scenario are held against them. */
const folder = process.env["SHARED_DATA"] ?? fileURLToPath(new URL("../../../shared/data", import.meta.url));
const hasData = existsSync(`${folder}/vietnam`);
if (!hasData)
  console.info(`No data files at ${folder} (set SHARED_DATA): the scenario's facts are checked for form only.`);

const scenario = loadScenario();

describe("the pilot scenario", () => {
  it("has at least 10 organisations and 8 projects, each once", () => {
    expect(scenario.organisations.length).toBeGreaterThanOrEqual(10);
    expect(scenario.projects.length).toBeGreaterThanOrEqual(8);
    expectUnique(scenario.organisations.map((one) => one.id));
    expectUnique(scenario.organisations.map((one) => one.taxCode));
    expectUnique(scenario.projects.map((one) => one.code));
    expectUnique(scenario.batches.map((one) => one.code));
    expectUnique(scenario.acts.map((one) => one.step));
  });

  it("names a listed source, with its licence, for every fact", () => {
    const sources = new Set(scenario.sources.map((one) => one.id));

    for (const record of [...scenario.organisations, ...scenario.projects, ...scenario.batches]) {
      expect(sources).toContain(record.source);
    }
    for (const source of scenario.sources) expect(source.licence).not.toBe("");
  });

  it("marks every tax code that it made up, and only those", () => {
    for (const one of scenario.organisations) expect(one.taxCode.startsWith("999")).toBe(one.taxCodeIsSynthetic);
  });

  it("ties batches to projects, and projects to organisations that may develop them", () => {
    for (const project of scenario.projects) {
      const owner = scenario.organisations.find((one) => one.id === project.owner);
      expect(owner?.capabilities).toContain("develop-projects");
      expect(project.code).toBe(`VN-${project.programme}-${project.registryId}`);
    }
    for (const batch of scenario.batches) {
      expect(scenario.projects.map((one) => one.code)).toContain(batch.project);
      expect(batch.code).toBe(`${batch.project}-${batch.vintage}-01`);
      expect(batch.periodStart < batch.periodEnd).toBe(true);
      expect(batch.periodStart.slice(0, 4)).toBe(String(batch.vintage));
    }
  });

  it("says that the validation bodies are made up", () => {
    expect(scenario.notice).toContain("validation body");
    for (const project of scenario.projects) expect(project.sourceNote).toContain("validationBody is made up");
  });

  it("shows every kind of act", () => {
    const kinds = new Set(scenario.acts.map((one) => one.kind));

    expect(kinds.size).toBe(7);
    expect(purposes()).toEqual(new Set(["voluntary", "compliance", "corsia", "other"]));
    expect(scenario.acts.some((one) => "blocks" in one && one.blocks !== undefined)).toBe(true);
    expect(new Set(scenario.organisations.map((one) => one.custody))).toEqual(new Set(["self", "managed"]));
  });

  it("never moves more than the mover has, and retires of each batch what the source shows as retired", () => {
    const { held, retired } = play();

    for (const tonnes of held.values()) expect(tonnes).toBeGreaterThanOrEqual(0n);
    for (const batch of scenario.batches) {
      expect(retired.get(batch.code) ?? 0n, batch.code).toBe(BigInt(batch.retiredTonnesInSource));
    }
  });

  it("retires for CORSIA only what is of an early vintage or authorised for it", () => {
    for (const act of scenario.acts) {
      if (act.kind !== "retirement" || act.purpose !== "corsia") continue;
      const authorised = scenario.acts.some(
        (one) => one.kind === "authorisation" && one.batch === act.batch && one.authorisations.includes("IMP"),
      );
      expect(authorised || batchOf(act.batch).vintage < 2021).toBe(true);
    }
  });
});

describe("the day on the exchange of the pilot scenario", () => {
  const { instruments, money, deliveries, acts } = scenario.market;
  const markets = new Map(instruments.map((one) => [one.batch, one]));

  it("names organisations and batches that exist, each step once", () => {
    const organisations = scenario.organisations.map(({ id }) => id);
    for (const one of [...money, ...deliveries]) expect(organisations).toContain(one.organisation);
    for (const act of acts) for (const id of partiesOf(act)) expect(organisations, act.step).toContain(id);
    for (const { batch } of instruments) batchOf(batch);
    for (const act of acts) if ("batch" in act) expect(markets.has(act.batch), act.step).toBe(true);
    expectUnique(instruments.map(({ batch }) => batch));
    expectUnique(money.map(({ organisation }) => organisation));
    expectUnique(deliveries.map(({ organisation, batch }) => `${organisation} ${batch}`));
    expectUnique([...scenario.acts, ...acts].map(({ step }) => step));
  });

  it("leaves trading to those who may, and are not suspended", () => {
    const suspended = scenario.acts.flatMap((act) => (act.kind === "suspension" ? [act.organisation] : []));
    const traders = new Set([...money, ...deliveries].map(({ organisation }) => organisation));
    for (const act of acts) for (const id of partiesOf(act)) traders.add(id);
    for (const id of traders) {
      expect(organisationOf(id).capabilities, id).toContain("trade-credits");
      expect(suspended).not.toContain(id);
    }
  });

  it("delivers what the deliverer holds by then", () => {
    const { held } = play();
    for (const { organisation, batch, tonnes } of deliveries)
      expect(held.get(`${organisation} ${batch}`), `${organisation} ${batch}`).toBeGreaterThanOrEqual(BigInt(tonnes));
  });

  it("refers to orders that were placed before", () => {
    const placed = new Map<string, MarketAct>();
    for (const act of acts) {
      if (act.kind === "selection") {
        const firmOrder = placed.get(act.selects) as MarketActOf<"firm-order"> | undefined;
        expect(firmOrder?.kind, act.step).toBe("firm-order");
        expect(firmOrder?.organisation).not.toBe(act.organisation);
        expect(BigInt(firmOrder?.tonnes ?? 0)).toBeGreaterThanOrEqual(BigInt(act.tonnes));
      }
      if (act.kind === "order-cancellation") expect(placed.get(act.order)?.kind, act.step).toBe("order");
      placed.set(act.step, act);
    }
  });

  it("has prices on the tick and within the band, and two sides to each deal", () => {
    for (const act of acts) {
      if (!("batch" in act)) continue;
      const { tick, referencePrice, bandBasisPoints } = markets.get(act.batch)!;
      for (const price of pricesOf(act)) {
        expect(BigInt(price) % BigInt(tick), `${act.step}: ${price}`).toBe(0n);
        const away = BigInt(price) - BigInt(referencePrice);
        expect(BigInt(bandBasisPoints) * BigInt(referencePrice), `${act.step}: ${price}`).toBeGreaterThanOrEqual(
          (away < 0n ? -away : away) * 10_000n,
        );
      }
      if ("buyer" in act) expect(act.buyer).not.toBe(act.seller);
    }
  });

  it("can be played: only own keys go to the contract, and the service sells by auction for whom it signs", () => {
    for (const act of acts) {
      if (act.kind === "failed-settlement") expect(organisationOf(act.seller).custody).toBe("self");
      if (act.kind === "auction") expect(organisationOf(act.seller).custody).toBe("managed");
    }
    const kinds = new Set(acts.map(({ kind }) => kind));
    expect(kinds.size).toBe(7);
  });
});

describe.runIf(hasData)("the facts of the pilot scenario, held against the data files", () => {
  it("has the emitters of Decision 699 with their names, tax codes and allocations", () => {
    const rows = new Map(readCsv("qd699_allocations.csv").map((row) => [row["id"], row]));

    for (const one of scenario.organisations.filter((organisation) => organisation.source === "qd699")) {
      const row = rows.get(one.facilityId);
      expect(row?.["name"]).toBe(one.name);
      expect(withLeadingZeros(row?.["tax_id"] ?? "")).toBe(one.taxCode);
      expect(row?.["sector"]).toBe(one.sector);
      expect(row?.["allocation_2025"]).toBe(one.allocatedTonnes2025);
      expect(row?.["allocation_2026"]).toBe(one.allocatedTonnes2026);
    }
  });

  it("has the projects of the offsets database with their names, developers, methodologies and totals", () => {
    const rows = offsets();

    for (const project of scenario.projects) {
      const row = rows.get(project.programme + project.registryId);
      const owner = scenario.organisations.find((one) => one.id === project.owner);
      expect(row?.["Project Name"]).toBe(project.name);
      expect(row?.["Project Developer"]).toBe(owner?.name);
      expect(row?.["Methodology / Protocol"]).toBe(project.methodologyTitle);
      expect(row?.["Methodology / Protocol"]).toContain(project.methodology.split("; ")[0]);
      expect(row?.["Total Credits Issued"]).toBe(project.issuedTonnesInSource);
      expect(row?.["Total Credits Retired"]).toBe(project.retiredTonnesInSource);
      expect(row?.["Registry Documents"]).toBe(project.link);
      expect(project.unitType).toBe(`${row?.["Reduction / Removal"]} - technical`);
    }
  });

  it("has the tonnes issued and remaining per vintage", () => {
    const rows = offsets();

    for (const batch of scenario.batches) {
      const row = rows.get(batch.project.replace(/^VN|-/g, ""));
      const issued = BigInt(row?.[`${batch.vintage} #1`] ?? "0");
      const remaining = BigInt(row?.[`${batch.vintage} #3`] ?? "0");
      expect(issued, batch.code).toBe(BigInt(batch.tonnes));
      expect(issued - remaining, batch.code).toBe(BigInt(batch.retiredTonnesInSource));
    }
  });
});

function play(): { held: Map<string, bigint>; retired: Map<string, bigint> } {
  const held = new Map<string, bigint>();
  const retired = new Map<string, bigint>();
  const add = (map: Map<string, bigint>, key: string, tonnes: bigint): void => {
    map.set(key, (map.get(key) ?? 0n) + tonnes);
  };
  for (const batch of scenario.batches) add(held, `${ownerOf(batch)} ${batch.code}`, BigInt(batch.tonnes));
  for (const act of scenario.acts) {
    if (act.kind !== "transfer" && act.kind !== "retirement" && act.kind !== "cancellation") continue;
    expectBlocksAddUp(act);
    add(held, `${act.account} ${act.batch}`, -BigInt(act.tonnes));
    expect(held.get(`${act.account} ${act.batch}`), act.step).toBeGreaterThanOrEqual(0n);
    if (act.kind === "transfer") add(held, `${act.to} ${act.batch}`, BigInt(act.tonnes));
    if (act.kind === "retirement") add(retired, act.batch, BigInt(act.tonnes));
  }
  return { held, retired };
}

function expectBlocksAddUp(act: Extract<Act, { tonnes: string }>): void {
  if (act.blocks === undefined) return;
  const sum = act.blocks.reduce((total, block) => total + BigInt(block.end) - BigInt(block.start) + 1n, 0n);
  expect(sum, act.step).toBe(BigInt(act.tonnes));
}

function expectUnique(values: readonly string[]): void {
  expect(values).toEqual([...new Set(values)]);
}

function partiesOf(act: MarketAct): string[] {
  if (act.kind === "auction") return [act.seller, ...act.bids.map(({ organisation }) => organisation)];
  if ("buyer" in act) return [act.seller, act.buyer];
  return "organisation" in act ? [act.organisation] : [];
}

function pricesOf(act: MarketAct): string[] {
  if (act.kind === "auction") return [act.reservePrice, ...act.bids.map(({ price }) => price)];
  return "price" in act ? [act.price] : [];
}

function organisationOf(id: string): Organisation {
  const organisation = scenario.organisations.find((one) => one.id === id);
  if (organisation === undefined) throw new Error(`No organisation ${id}`);
  return organisation;
}

function purposes(): Set<string> {
  return new Set(scenario.acts.flatMap((one) => (one.kind === "retirement" ? [one.purpose] : [])));
}

function batchOf(code: string): ScenarioBatch {
  const batch = scenario.batches.find((one) => one.code === code);
  if (batch === undefined) throw new Error(`No batch ${code}`);
  return batch;
}

function ownerOf(batch: ScenarioBatch): string {
  return scenario.projects.find((one) => one.code === batch.project)?.owner ?? "";
}

function withLeadingZeros(taxCode: string): string {
  const [main = "", branch] = taxCode.split("-");
  return [main.padStart(10, "0"), ...(branch === undefined ? [] : [branch])].join("-");
}

function readCsv(name: string): Record<string, string>[] {
  return parse(readFileSync(`${folder}/vietnam/${name}`), { bom: true, columns: true });
}

/** By project id. The header repeats each year: `#1` issued, `#2` retired in the year, `#3` remaining, each but `#2` by vintage. */
function offsets(): Map<string | undefined, Record<string, string>> {
  const seen = new Map<string, number>();
  const columns = (header: string[]): string[] =>
    header.map((cell) => {
      const name = cell.replace(/\s+/g, " ").trim();
      const year = /^(\d{4})(\.\d)?$/.exec(name)?.[1];
      if (year === undefined) return name;
      seen.set(year, (seen.get(year) ?? 0) + 1);
      return `${year} #${seen.get(year)}`;
    });
  const rows: Record<string, string>[] = parse(readFileSync(`${folder}/vietnam/vrod_v2025-12_vietnam.csv`), {
    bom: true,
    columns,
  });
  return new Map(rows.map((row) => [row["Project ID"], row]));
}
