import { z } from "zod";
import { CAD_COUNTRIES } from "./countries.js";
import {
  CAD_PROJECT_STATUSES,
  LABEL_TYPES,
  PROJECT_SECTORS,
  PROJECT_TYPES,
  STAKEHOLDER_TYPES,
  UNIT_METRICS,
  UNIT_STATUSES,
  UNIT_TYPES,
  VALIDATION_BODIES,
  VALIDATION_TYPES,
} from "./picklists.js";

/** Required texts say something. */
export const text = z.string().min(1);
export const guid = z.uuid();
export const day = z.iso.date();
export const year = z.int().min(1990).max(2100);
const url = z.url({ protocol: /^https?$/ });
const country = z.enum(Object.values(CAD_COUNTRIES) as [string, ...string[]]);
const serial = z.string().regex(/^[1-9]\d*$/);
/** Decimals of the model: ours are whole, and a batch has fewer than 2^40 tonnes. */
export const tonnes = z.int().positive();

/**
 * The tables of the CAD Trust data model 2.0.2 that a registry fills, in the order in which they have to be inserted, with the fields
 * that it requires and the values that it takes. The ids, which a node of CAD Trust would give, are ours: children name their parents by them.
 */
export const cadTrustTables = {
  program: z.strictObject({
    cadTrustProgramId: guid,
    programName: text,
    programRegistry: text,
    programRegistryId: text,
    programDescription: text.optional(),
  }),
  methodology: z.strictObject({
    cadTrustMethodologyId: guid,
    methodologyCode: text,
    methodologyName: text,
    methodologyType: z.enum(UNIT_TYPES).optional(),
    methodologyVersion: text.optional(),
    methodologyDate: day.optional(),
    methodologyLink: url.optional(),
  }),
  stakeholder: z.strictObject({
    cadTrustStakeholderId: guid,
    stakeholderName: text,
    stakeholderType: z.enum(STAKEHOLDER_TYPES),
    stakeholderLink: url.optional(),
    cadTrustProjectId: guid,
  }),
  label: z.strictObject({
    cadTrustLabelId: guid,
    labelName: text,
    labelType: z.enum(LABEL_TYPES),
    labelLink: url.optional(),
    labelDate: day.optional(),
  }),
  project: z.strictObject({
    cadTrustProjectId: guid,
    projectRegistryName: text,
    projectId: text,
    projectCreditingProgram: text.optional(),
    projectName: text,
    projectLink: url,
    projectDescription: text.optional(),
    projectSector: z.array(z.enum(PROJECT_SECTORS)).min(1),
    projectType: z.array(z.enum(PROJECT_TYPES)).min(1),
    projectSubtype: text.optional(),
    projectStatus: z.enum(CAD_PROJECT_STATUSES),
    projectStatusDate: day,
    projectUnitMetric: z.enum(UNIT_METRICS),
    cadTrustProgramId: guid.optional(),
  }),
  project_methodology: z.strictObject({
    cadTrustProjectMethodologyId: guid,
    cadTrustProjectId: guid,
    cadTrustMethodologyId: guid,
  }),
  validation: z.strictObject({
    cadTrustValidationId: guid,
    validationId: text,
    validationType: z.enum(VALIDATION_TYPES),
    validationBody: z.enum(VALIDATION_BODIES),
    validationDate: day.optional(),
    cadTrustProjectId: guid,
  }),
  verification: z.strictObject({
    cadTrustVerificationId: guid,
    verificationId: text,
    verificationStartDate: day.optional(),
    verificationEndDate: day.optional(),
    verificationBody: z.enum(VALIDATION_BODIES),
    cadTrustProjectId: guid,
    cadTrustValidationId: guid.optional(),
  }),
  location: z.strictObject({
    cadTrustLocationId: guid,
    locationCountry: country,
    locationRegion: text.optional(),
    cadTrustProjectId: guid,
  }),
  estimation: z.never(),
  rating: z.never(),
  co_benefit: z.never(),
  issuance: z.strictObject({
    cadTrustIssuanceId: guid,
    issuanceId: text,
    issuanceDate: day.optional(),
    cadTrustVerificationId: guid,
    cadTrustProjectMethodologyId: guid,
    cadTrustLocationId: guid,
  }),
  unit: z
    .strictObject({
      cadTrustUnitId: guid,
      unitSerialId: text,
      unitStartBlock: serial,
      unitEndBlock: serial,
      unitCount: tonnes,
      unitType: z.enum(UNIT_TYPES),
      unitVintageYear: year,
      unitStatus: z.enum(UNIT_STATUSES),
      unitStatusReason: text,
      unitStatusDate: day,
      unitRetirementDetail: text.optional(),
      unitRetirementBeneficiary: text.optional(),
      unitRetirementBeneficiaryId: text.optional(),
      unitLink: url.optional(),
      unitMetric: z.enum(UNIT_METRICS),
      unitCurrentOwner: text.optional(),
      unitItmosReferenceId: text.optional(),
      cadTrustIssuanceId: guid,
    })
    .refine(
      ({ unitStartBlock, unitEndBlock, unitCount }) =>
        BigInt(unitEndBlock) - BigInt(unitStartBlock) + 1n === BigInt(unitCount),
      { path: ["unitCount"], message: "is not the length of the block" },
    ),
  unit_label: z.strictObject({
    cadTrustUnitLabelId: guid,
    cadTrustLabelId: guid,
    cadTrustUnitId: guid,
    labelUnitDate: day,
    labelUnitDescription: text.optional(),
  }),
} as const;

export type CadTrustTable = keyof typeof cadTrustTables;
/** In the order in which their records have to be inserted. */
export const CAD_TRUST_ORDER = Object.keys(cadTrustTables) as CadTrustTable[];
