import { readFileSync } from "node:fs";
import { z } from "zod";

import { UNIT_TYPES, VALIDATION_BODIES } from "../../src/reports/picklists.js";
import { marketSchema } from "./exchange-scenario.js";

/**
 * The shape of `scenario.json`: facts with their source, and the acts that the pilot plays with them.
 * Who an act names is an organisation of the file (its `id`), never an address: those exist only once the pilot runs.
 */

const code = z.string().regex(/^[A-Z0-9.-]{1,31}$/);
const tonnes = z.string().regex(/^[1-9][0-9]*$/);
const count = z.string().regex(/^(0|[1-9][0-9]*)$/);
const day = z.iso.date();
const hash = z.string().regex(/^0x[0-9a-f]{64}$/);
const blocks = z.array(z.strictObject({ start: tonnes, end: tonnes })).optional();
const fact = { source: z.string(), sourceNote: z.string().min(1) };

const organisation = z.strictObject({
  id: z.string().regex(/^[a-z0-9-]+$/),
  kind: z.enum(["emitter", "developer", "trader"]),
  name: z.string().min(1),
  taxCode: z.string().regex(/^[0-9]{10}(-[0-9]{3})?$/),
  taxCodeIsSynthetic: z.boolean(),
  fictional: z.boolean().optional(),
  sector: z.string(),
  facilityId: z.string().optional(),
  allocatedTonnes2025: tonnes.optional(),
  allocatedTonnes2026: tonnes.optional(),
  capabilities: z.array(z.enum(["trade-allowances", "trade-credits", "develop-projects", "hold-buffer"])),
  custody: z.enum(["self", "managed"]),
  ...fact,
});

const project = z.strictObject({
  code,
  programme: z.enum(["VCS", "GS"]),
  programmeName: z.string(),
  registryId: z.string().regex(/^[0-9]+$/),
  name: z.string().min(1),
  owner: z.string(),
  methodology: z.string().min(1),
  methodologyTitle: z.string(),
  projectType: z.string(),
  scope: z.string(),
  country: z.string().length(2),
  link: z.url(),
  /** As the CAD Trust data model calls the kind of its units. */
  unitType: z.enum(UNIT_TYPES),
  /** Made up, as the notice says. */
  validationBody: z.enum(VALIDATION_BODIES),
  issuedTonnesInSource: tonnes,
  retiredTonnesInSource: count,
  bufferBasisPoints: z.int().min(0).max(10_000),
  ...fact,
});

const batch = z.strictObject({
  code,
  project: code,
  vintage: z.int().min(1990).max(2100),
  tonnes,
  retiredTonnesInSource: count,
  periodStart: day,
  periodEnd: day,
  ...fact,
});

const units = { step: z.string(), account: z.string(), batch: code, tonnes, blocks };

const act = z.discriminatedUnion("kind", [
  z.strictObject({
    step: z.string(),
    kind: z.literal("authorisation"),
    batch: code,
    authorisations: z.array(z.enum(["NDC", "IMP", "OP"])).min(1),
    firstTransfer: z.enum(["unspecified", "authorisation", "issuance", "use"]),
  }),
  z.strictObject({ ...units, kind: z.literal("transfer"), to: z.string() }),
  z.strictObject({
    ...units,
    kind: z.literal("retirement"),
    purpose: z.enum(["voluntary", "compliance", "corsia", "other"]),
    reason: z.string(),
    beneficiary: z.string(),
    beneficiaryId: z.string(),
    beneficiaryCommitment: hash.optional(),
    consumptionCountry: z.string().length(2),
    consumptionPeriodStart: day,
    consumptionPeriodEnd: day,
  }),
  z.strictObject({
    ...units,
    kind: z.literal("cancellation"),
    reason: z.enum(["error", "invalidation", "registry-move", "reversal", "other"]),
    details: z.string(),
  }),
  z.strictObject({ step: z.string(), kind: z.literal("suspension"), organisation: z.string(), reason: z.string() }),
  z.strictObject({ ...units, kind: z.literal("refused-transfer"), to: z.string(), why: z.string() }),
  z.strictObject({ ...units, kind: z.literal("revoked-transfer"), to: z.string(), why: z.string() }),
]);

const scenarioSchema = z.strictObject({
  name: z.string(),
  /** Part of every idempotency key and nonce: another seed is another run. */
  seed: z.string().regex(/^[a-z0-9-]+$/),
  notice: z.string(),
  syntheticTaxCodes: z.string(),
  kycExpiresAt: z.iso.datetime(),
  sources: z.array(
    z.strictObject({ id: z.string(), title: z.string(), publisher: z.string(), licence: z.string(), used: z.string() }),
  ),
  organisations: z.array(organisation),
  projects: z.array(project),
  batches: z.array(batch),
  acts: z.array(act),
  /** The day on the exchange, after the acts. */
  market: marketSchema,
});

export type Scenario = z.infer<typeof scenarioSchema>;
export type Organisation = Scenario["organisations"][number];
export type ScenarioProject = Scenario["projects"][number];
export type ScenarioBatch = Scenario["batches"][number];
export type Act = Scenario["acts"][number];
export type ActOf<Kind extends Act["kind"]> = Extract<Act, { kind: Kind }>;

/** The project's own sample data. Throws when the file does not have the shape above. */
export function loadScenario(file: URL = new URL("./scenario.json", import.meta.url)): Scenario {
  return scenarioSchema.parse(JSON.parse(readFileSync(file, "utf8")));
}
