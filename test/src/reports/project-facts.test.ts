import { describe, expect, it } from "vitest";
import { loadScenario, type ScenarioProject } from "../../../scripts/pilot/scenario.js";
import type { JsonObject } from "../../../src/db/inbox-tables.js";
import { authorisationName } from "../../../src/reports/authorisation-words.js";
import { CAD_COUNTRIES } from "../../../src/reports/countries.js";
import { AEF_PURPOSES } from "../../../src/reports/picklists.js";
import { countryName, factsOf, wasValidated } from "../../../src/reports/project-facts.js";
import { originalSerials } from "../../../src/reports/serials.js";
import { recordIds, uuid5 } from "../../../src/reports/uuid5.js";

const scenario = loadScenario();

const reported = (document: JsonObject) => ({
  code: "P-1",
  status: "registered" as const,
  changedAt: 0n,
  owner: { id: 1, taxCode: "0100000001", document: {} },
  document,
});

/** As the pilot registers it. */
const documentOf = ({ code: _, owner: __, bufferBasisPoints: ___, ...document }: ScenarioProject): JsonObject =>
  document;

describe("facts of a project", () => {
  it.each(scenario.projects.map((project) => [project.code, project] as const))(
    "should all be known of the pilot's %s",
    (_code, project) => {
      const { description, region, ...facts } = factsOf(reported(documentOf(project)));
      expect([description, region]).toEqual([undefined, undefined]);
      expect(Object.entries(facts).filter(([, value]) => value === undefined)).toEqual([]);
      expect(facts).toMatchObject({ isTypeKnown: true, registryId: project.registryId, country: "Viet Nam" });
    },
  );

  it("should be unknown where the document says nothing, or no text", () => {
    const facts = factsOf(
      reported({ name: " ", programme: 7, unitType: "reduction", country: "XX", projectType: null }),
    );
    expect(facts).toMatchObject({
      name: undefined,
      programme: undefined,
      unitType: undefined,
      country: undefined,
      registryId: "P-1",
      sector: "Others",
      isTypeKnown: false,
    });
  });

  it("should not take members of every object for countries", () => {
    for (const code of ["constructor", "toString", "__proto__"]) expect(countryName(code)).toBeUndefined();
  });

  it("should call validated what somebody validated", () => {
    expect((["none", "listed", "rejected"] as const).some(wasValidated)).toBe(false);
    expect((["validated", "registered", "completed", "inactive", "withdrawn"] as const).every(wasValidated)).toBe(true);
  });
});

describe("the words of the models", () => {
  it("should name each set of authorisations by another purpose", () => {
    const names = [1, 2, 3, 4, 5, 6, 7].map(authorisationName);
    expect(names.toSorted()).toEqual(AEF_PURPOSES.toSorted());
    expect(() => authorisationName(8)).toThrow("bits 8");
  });

  it("should have each country once", () => {
    const names = Object.values(CAD_COUNTRIES);
    expect(new Set(names).size).toBe(names.length);
    expect([countryName("VN"), countryName("LA"), countryName("RS")]).toEqual([
      "Viet Nam",
      "Lao People's Democratic Republic",
      "Serbia",
    ]);
  });
});

describe("ids of records", () => {
  it("should be UUIDs of version 5", () => {
    // As Python's uuid.uuid5(uuid.NAMESPACE_URL, ...) has it.
    expect(uuid5("https://example.org/")).toBe("527dda32-a0de-5105-a042-cb475b5f7d11");
  });

  it("should differ by chain, registry, table and key", () => {
    const ids = [
      recordIds("1", "0xA")("unit", "x"),
      recordIds("2", "0xA")("unit", "x"),
      recordIds("1", "0xB")("unit", "x"),
      recordIds("1", "0xA")("label", "x"),
      recordIds("1", "0xA")("unit", "y"),
    ];
    expect(new Set(ids).size).toBe(ids.length);
    expect(recordIds("1", "0xa")("unit", "x")).toBe(ids[0]);
  });
});

describe("serials of an import", () => {
  it("should be those of the origin, one for one in order", () => {
    const foreign = { programme: "VCS", series: "13488", start: 505_972_385n };
    expect(originalSerials({ code: "VN-1", foreign }, { start: 2n, end: 725n })).toEqual({
      id: "VCS-13488-505972386-505973109",
      start: 505_972_386n,
      end: 505_973_109n,
    });
    expect(originalSerials({ code: "VN-1", foreign: null }, { start: 2n, end: 5n }).id).toBe("VN-1-2-5");
  });
});
