import { z } from "zod";
import { day, guid, text, tonnes, year } from "./cad-trust-schema.js";
import { CAD_COUNTRIES } from "./countries.js";
import {
  ACTIVITY_TYPES,
  AEF_ACTIONS,
  AEF_FIRST_TRANSFERS,
  AEF_METRICS,
  AEF_MITIGATIONS,
  AEF_PURPOSES,
  AUTHORISATION_SECTORS,
} from "./picklists.js";

/** The list of this table has no Australia. */
const incorporationCountry = z.enum(
  Object.values(CAD_COUNTRIES).filter((name) => name !== "Australia") as [string, ...string[]],
);

/**
 * The agreed electronic format of Article 6.2, tables 1 to 5, as the CAD Trust data model 2.0.2 has them, in the order in which they have to
 * be inserted: its fields, which of them it requires, and the values that it takes.
 */
export const article6Tables = {
  aef_t5_authorized_entities: z.strictObject({
    cadTrustAefT5AuthorizedEntitiesId: guid,
    aefT5AuthorizedEntitiesAuthorizationDate: day,
    aefT5AuthorizedEntitiesName: text,
    aefT5AuthorizedEntitiesIncorporationCountry: incorporationCountry,
    aefT5AuthorizedEntitiesId: text,
    aefT5AuthorizedEntitiesCooperativeApproachId: text,
  }),
  aef_t1_submission: z.strictObject({
    cadTrustAefT1SubmissionId: guid,
    aefT1SubmissionParty: text,
    aefT1SubmissionVersion: tonnes,
    aefT1SubmissionReportYear: year,
    aefT1SubmissionSubmissionDate: day,
  }),
  aef_t2_authorizations: z.strictObject({
    cadTrustAefT2AuthorizationsId: guid,
    aefT2AuthorizationsId: text,
    aefT2AuthorizationsDate: day,
    aefT2AuthorizationsCooperativeApproachId: text,
    aefT2AuthorizationsQuantity: tonnes,
    aefT2AuthorizationsMetric: z.enum(AEF_METRICS),
    aefT2AuthorizationsSector: z.enum(AUTHORISATION_SECTORS),
    aefT2AuthorizationsActivityType: z.enum(ACTIVITY_TYPES),
    aefT2AuthorizationsPurposesForAuthorization: z.enum(AEF_PURPOSES),
    aefT2AuthorizationsAuthorizedPartyId: text,
    aefT2AuthorizationsAuthorizedEntityId: text.optional(),
    aefT2AuthorizationsFirstTransferDefinitionOimp: z.enum(AEF_FIRST_TRANSFERS).optional(),
    aefT2AuthorizationsAdditionalInformation: text.optional(),
    cadTrustAefT1SubmissionId: guid,
    cadTrustProjectId: guid,
    cadTrustAefT5AuthorizedEntitiesId: guid,
  }),
  aef_t3_actions: z.strictObject({
    cadTrustAefT3ActionsId: guid,
    aefT3ActionsDate: day,
    aefT3ActionsType: z.enum(AEF_ACTIONS),
    aefT3ActionsCooperativeApproachId: text,
    aefT3ActionsAuthorizationId: text,
    aefT3ActionsFirstTransferringPartyId: text,
    aefT3ActionsPartyItmoRegistryId: text,
    aefT3ActionsItmoFirstId: text,
    aefT3ActionsItmoLastId: text,
    aefT3ActionsUnitRegistryId: text,
    aefT3ActionsUnitFirstId: text,
    aefT3ActionsUnitLastId: text,
    aefT3ActionsMetric: z.enum(AEF_METRICS),
    aefT3ActionsQuantityTCo2: tonnes,
    aefT3ActionsMitigationType: z.enum(AEF_MITIGATIONS),
    aefT3ActionsVintageYear: year,
    aefT3ActionsTransferringPartyId: text,
    aefT3ActionsAcquiringPartyId: text,
    aefT3ActionsPurposeOfUseOimp: text.optional(),
    aefT3ActionsUsingParticipatingPartyId: text.optional(),
    aefT3ActionsUsingAuthorizedEntityId: text.optional(),
    aefT3ActionsItmoUsedYear: year.optional(),
    aefT3ActionsAdditionalInformation: text.optional(),
    cadTrustAefT1SubmissionId: guid,
    cadTrustProjectId: guid,
    cadTrustAefT2AuthorizationsId: guid,
  }),
  aef_t4_holdings: z.strictObject({
    cadTrustAefT4HoldingsId: guid,
    aefT4HoldingsCooperativeApproachId: text,
    aefT4HoldingsAuthorizationId: text,
    aefT4HoldingsFirstTransferringPartyId: text,
    aefT4HoldingsPartyItmoRegistryId: text,
    aefT4HoldingsItmoFirstId: text,
    aefT4HoldingsItmoLastId: text,
    aefT4HoldingsUnitRegistryId: text,
    aefT4HoldingsUnitFirstId: text,
    aefT4HoldingsUnitLastId: text,
    aefT4HoldingsMetric: z.enum(AEF_METRICS),
    aefT4HoldingsQuantityTCo2: tonnes,
    aefT4HoldingsMitigationType: z.enum(AEF_MITIGATIONS),
    aefT4HoldingsVintageYear: year,
    cadTrustAefT1SubmissionId: guid,
    cadTrustProjectId: guid,
    cadTrustAefT2AuthorizationsId: guid,
  }),
} as const;

export type Article6Table = keyof typeof article6Tables;
/** In the order in which their records have to be inserted. */
export const ARTICLE_6_ORDER = Object.keys(article6Tables) as Article6Table[];
