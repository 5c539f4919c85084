import { describe, expect, it } from "vitest";

import { dayNumber } from "../../../src/chain/codes.js";
import { goldSerial, verraSerial } from "../../../src/imports/foreign-serials.js";
import { LAYOUTS, layoutOf, normalised, type Cells } from "../../../src/imports/layouts.js";
import { pathTo } from "../../../src/imports/project-layouts.js";
import { cut, dayOf, quantityOf } from "../../../src/imports/values.js";

const VERRA_ROW: Readonly<Record<string, string>> = {
  "issuance date": "2021-04-03",
  "vintage start": "2020-01-01",
  "vintage end": "2020-11-19",
  id: "2498",
  name: "A wood",
  "total vintage quantity": "155,435",
  "quantity issued": "725",
  "serial number": "13488-505972385-505973109-VCS-VCU-576-VER-PY-14-2498-01012020-19112020-0",
};
const GOLD_ROW: Readonly<Record<string, string>> = {
  vintage: "2024",
  "credit status": "Retired",
  quantity: "19",
  gsid: "11236",
  "project name": "Stoves",
  "product type": "VER",
  "issuance date": "2026-02-13T12:35:58.842275",
  "monitoring period start": "2024-01-01",
  "monitoring period end": "2024-12-08",
  "serial number": "GS1-1-UG-GS11236-16-2024-30307-1-19",
  "retirement date": "2026-03-01",
  "using entity": "Firm",
};

function read(layout: string, row: Readonly<Record<string, string>>) {
  const cells: Cells = (column) => row[column] ?? "";
  return LAYOUTS.find(({ name }) => name === layout)?.read(cells);
}
const verra = (changes: Record<string, string> = {}) => read("verra-transactions", { ...VERRA_ROW, ...changes });
const gold = (changes: Record<string, string> = {}) => read("gold-standard-retirements", { ...GOLD_ROW, ...changes });
const refusal = (code: string) => expect.objectContaining({ code }) as Error;

describe("layoutOf", () => {
  it("should know a header by its columns, whatever their order, line breaks and others beside them", () => {
    const header = [
      "Credits\nIssued",
      " Project ID ",
      "VCS + \r\nID",
      "Vintage Year ",
      "Issuance Date",
      "Project Name",
      "X",
    ];
    expect(layoutOf("vrod", header.map(normalised))).toMatchObject({ name: "vrod-issuances" });
  });

  it("given a foreign header, it should name what the nearest layout lacks", () => {
    expect(layoutOf("verra", ["id", "name", "status"])).toMatchObject({ nearest: "verra-projects" });
  });
});

describe("a row of Verra", () => {
  it("should be read with its block, period and quantities with commas", () => {
    expect(verra()).toMatchObject({
      project: "VCS-2498",
      vintage: 2020,
      tonnes: 725n,
      verified: 155_435n,
      periodStart: dayNumber("2020-01-01"),
      periodEnd: dayNumber("2020-11-19"),
      block: { programme: "VCS", series: "13488", start: 505_972_385n, end: 505_973_109n },
      ends: null,
    });
  });

  it.each([
    ["length-mismatch", { "quantity issued": "726" }],
    ["quantity-invalid", { "quantity issued": "7,25" }],
    ["quantity-invalid", { "quantity issued": "725.5" }],
    ["quantity-invalid", { "quantity issued": "0" }],
    ["serial-invalid", { "serial number": "13488-5O5972385-505973109-VCS-VCU-576-VER-PY-14-2498-01012020-19112020-0" }],
    ["serial-invalid", { "serial number": "13488-505973109-505972385-VCS-VCU-576-VER-PY-14-2498-01012020-19112020-0" }],
    ["serial-invalid", { "serial number": "13488-505972385-505973109-VCS-VCU-576-VER-PY-14-01012020-19112020-0" }],
    ["serial-invalid", { id: "2499" }],
    ["serial-invalid", { "vintage end": "2020-11-20" }],
    ["date-invalid", { "issuance date": "2021-02-30" }],
    ["date-invalid", { "issuance date": "03/04/2021" }],
    ["date-invalid", { "issuance date": "2199-01-01" }],
    ["date-invalid", { "retirement/cancellation date": "2021-04-02" }],
  ])("%s: it should refuse %o", (code, changes) => {
    expect(() => verra(changes)).toThrow(refusal(code));
  });

  it("given a cancellation, it should not call it a retirement", () => {
    const date = { "retirement/cancellation date": "2022-01-01" };
    expect(verra(date)).toMatchObject({ ends: "retired" });
    expect(verra({ ...date, "retirement reason": "Cancellation: goodwill" })).toMatchObject({ ends: "cancelled" });
  });
});

describe("a row of Gold Standard", () => {
  it("should be read", () => {
    expect(gold()).toMatchObject({
      project: "GS-11236",
      tonnes: 19n,
      block: { programme: "GS", series: "30307", start: 1n, end: 19n },
      ends: "retired",
      beneficiary: "Firm",
    });
    expect(gold({ "credit status": "Canceled" })).toMatchObject({ ends: "cancelled" });
  });

  it.each([
    ["planned-units", { "product type": "PER" }],
    ["status-unknown", { "credit status": "Perhaps" }],
    ["vintage-outside-period", { vintage: "2023", "serial number": "GS1-1-UG-GS11236-16-2023-30307-1-19" }],
    ["serial-invalid", { vintage: "2023" }],
    ["date-invalid", { "monitoring period end": "2023-12-31" }],
  ])("%s: it should refuse %o", (code, changes) => {
    expect(() => gold(changes)).toThrow(refusal(code));
  });
});

describe("serial numbers", () => {
  it("should be read in the old form of Verra, without VCS, and in the range of the CDM", () => {
    expect(verraSerial("240-7863589-7889021-VCU-003-APX-IN-1-101-01042006-18032007-0")).toMatchObject({
      series: "240",
      start: 7_863_589n,
      end: 7_889_021n,
      project: "101",
    });
    expect(goldSerial("RW-5-1463953-2-2-0-7014 - RW-5-1467609-2-2-0-7014")).toMatchObject({
      programme: "CDM",
      series: "RW-5-2-2-0-7014",
      start: 1_463_953n,
      end: 1_467_609n,
    });
  });
});

describe("values", () => {
  it("should be exact", () => {
    expect([quantityOf("155,435", "Q"), quantityOf("1", "Q")]).toEqual([155_435n, 1n]);
    expect(dayOf("2024-02-29", "D")).toBe(dayNumber("2024-02-29"));
    expect(cut("ợ".repeat(100), 200)).toHaveLength(66);
    expect(Buffer.byteLength(cut("ợ".repeat(100), 200))).toBeLessThanOrEqual(200);
  });
});

describe("pathTo", () => {
  it("should lead a project to where it is to be, and never back", () => {
    expect(pathTo(null, "registered")).toEqual(["listed", "validated", "registered"]);
    expect(pathTo("validated", "registered")).toEqual(["registered"]);
    expect(pathTo("registered", "listed")).toEqual([]);
    expect(pathTo("withdrawn", "registered")).toBeNull();
  });
});
