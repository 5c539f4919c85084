import type { ProjectStatus } from "../chain/event-types.js";
import type { JsonObject } from "../db/inbox-tables.js";
import { CAD_COUNTRIES } from "./countries.js";
import { UNIT_TYPES, type ProjectSector, type ProjectType, type UnitType } from "./picklists.js";
import type { ReportProject } from "./registry-snapshot.js";

/** What a project's document says, in the words of the CAD Trust data model; undefined where it says nothing. */
export interface ProjectFacts {
  readonly registryName: string | undefined;
  /** Code of the programme. */
  readonly programme: string | undefined;
  readonly programmeName: string | undefined;
  readonly registryId: string;
  readonly name: string | undefined;
  readonly link: string | undefined;
  readonly description: string | undefined;
  readonly sector: ProjectSector;
  readonly type: ProjectType;
  readonly subtype: string | undefined;
  /** False when sector and type stand for "something else", since nothing better is known. */
  readonly isTypeKnown: boolean;
  readonly unitType: UnitType | undefined;
  readonly methodology: string | undefined;
  readonly methodologyTitle: string | undefined;
  readonly validationBody: string | undefined;
  readonly country: string | undefined;
  readonly region: string | undefined;
}

const ENERGY_INDUSTRIES = "Energy industries (renewable-/ non renewable sources)";

/** The words that sources use for kinds of projects, at the beginning of theirs; in lower case. */
const KINDS: readonly (readonly [word: string, sector: ProjectSector, type: ProjectType])[] = [
  ["solar", ENERGY_INDUSTRIES, "Solar"],
  ["hydropower", ENERGY_INDUSTRIES, "Hydro"],
  ["wind", ENERGY_INDUSTRIES, "Wind"],
  ["geothermal", ENERGY_INDUSTRIES, "Geothermal"],
  ["biomass", ENERGY_INDUSTRIES, "Biomass Energy"],
  ["clean water", "Energy demand", "Energy Efficiency households"],
  ["cookstoves", "Energy demand", "Energy Efficiency households"],
  ["biodigesters", "Livestock and manure management", "Biogas"],
  ["manure methane digester", "Livestock and manure management", "Methane avoidance"],
  ["landfill methane", "Waste handling and disposal", "Landfill gas"],
  ["composting", "Waste handling and disposal", "Methane avoidance"],
  ["afforestation/reforestation", "Afforestation and reforestation", "Reforestation"],
  ["rice", "Agriculture", "Agriculture"],
];

/** Reads a project's document. A member of another type than a text counts as not said. */
export function factsOf({ code, document }: ReportProject): ProjectFacts {
  const kind = textIn(document, "projectType")?.toLowerCase();
  const known = KINDS.find(([word]) => kind?.startsWith(word) === true);
  const programmeName = textIn(document, "programmeName");
  const unitType = textIn(document, "unitType");
  return {
    registryName: textIn(document, "registryName") ?? programmeName,
    programme: textIn(document, "programme"),
    programmeName,
    registryId: textIn(document, "registryId") ?? code,
    name: textIn(document, "name"),
    link: textIn(document, "link"),
    description: textIn(document, "description"),
    sector: known?.[1] ?? "Others",
    type: known?.[2] ?? "Any combination of the above",
    subtype: textIn(document, "projectType"),
    isTypeKnown: known !== undefined,
    unitType: UNIT_TYPES.find((type) => type === unitType),
    methodology: textIn(document, "methodology"),
    methodologyTitle: textIn(document, "methodologyTitle") ?? textIn(document, "methodology"),
    validationBody: textIn(document, "validationBody"),
    country: countryName(textIn(document, "country")),
    region: textIn(document, "region"),
  };
}

/** As the model spells it; undefined for a country that it does not know. */
export function countryName(code: string | undefined): string | undefined {
  return code !== undefined && Object.hasOwn(CAD_COUNTRIES, code) ? CAD_COUNTRIES[code] : undefined;
}

/** A text of a document, trimmed; undefined when there is none, or an empty one. */
export function textIn(document: JsonObject, name: string): string | undefined {
  const value = document[name];
  const trimmed = typeof value === "string" ? value.trim() : "";
  return trimmed === "" ? undefined : trimmed;
}

/** False of what was listed or refused: nobody has validated that. */
export function wasValidated(status: ProjectStatus): boolean {
  return status !== "none" && status !== "listed" && status !== "rejected";
}

/** Unix seconds as a day, UTC. */
export function dayOf(seconds: bigint): string {
  return new Date(Number(seconds) * 1_000).toISOString().slice(0, 10);
}
