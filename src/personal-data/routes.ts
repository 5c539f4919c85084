import { requireKey } from "../http/auth.js";
import { defineRoute, ok, type Route } from "../http/route.js";
import {
  beneficiaryQuery,
  beneficiarySchema,
  commitmentParams,
  commitmentSchema,
  personBody,
  PERSONAL_DATA_TAG,
  retirementParams,
} from "./schemas.js";
import type { PersonalData } from "./service.js";

/** Names of natural persons: kept beside the chain, shown to few, erased on demand. */
export function personalDataRoutes(personalData: PersonalData): Route[] {
  const keep = defineRoute({
    method: "post",
    path: "/personal-data",
    summary: "Keep the name of a natural person, and get the commitment for a retirement",
    description:
      "Comes before the retirement, which then carries `beneficiaryCommitment` and no name. With `salt`, the same request again gives the same answer.",
    tag: PERSONAL_DATA_TAG,
    access: { scopes: ["participant"] },
    body: personBody,
    answers: { 201: { description: "Kept.", schema: commitmentSchema } },
    problems: ["personal-data-mismatch", "personal-data-erased"],
    async handle({ body, principal }) {
      return { status: 201, body: await personalData.keep(requireKey(principal), body) };
    },
  });

  const beneficiary = defineRoute({
    method: "get",
    path: "/retirements/{id}/beneficiary",
    summary: "The natural person behind a retirement",
    description: "For the firm that retired, and for institutions and auditors, whose reading is written down.",
    tag: PERSONAL_DATA_TAG,
    access: "key",
    params: retirementParams,
    query: beneficiaryQuery,
    answers: { 200: { description: "What opens the commitment.", schema: beneficiarySchema } },
    problems: ["not-found", "forbidden", "personal-data-erased"],
    async handle({ params, principal }) {
      return ok(await personalData.beneficiary(requireKey(principal), params.id));
    },
  });

  const erase = defineRoute({
    method: "delete",
    path: "/personal-data/{commitment}",
    summary: "Forget a natural person",
    description:
      "For the firm that keeps the name, the compliance officer and the administrator. Totals, proofs and the certificate stay as they are.",
    tag: PERSONAL_DATA_TAG,
    access: "key",
    params: commitmentParams,
    answers: { 204: { description: "Forgotten, now or before." } },
    problems: ["not-found", "forbidden"],
    async handle({ params, principal }) {
      await personalData.erase(requireKey(principal), params.commitment);
      return { status: 204 };
    },
  });

  return [keep, beneficiary, erase];
}
