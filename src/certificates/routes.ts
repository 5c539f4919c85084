import { defineRoute, ok, type Route } from "../http/route.js";
import { PAGE_POLICY } from "./page.js";
import { CERTIFICATES_TAG, certificateParams, certificateQuery, certificateSchema, languageQuery } from "./schemas.js";
import type { Certificates } from "./service.js";

/** Certificates as metadata, as a page, and as a file that proves itself. */
export function certificateRoutes(certificates: Certificates): Route[] {
  /** Under the retirement, and where `tokenURI` of the contract points to. */
  const metadata = (path: string): Route =>
    defineRoute({
      method: "get",
      path,
      summary: "The certificate of a retirement, as ERC-721 metadata",
      tag: CERTIFICATES_TAG,
      access: "public",
      params: certificateParams,
      query: certificateQuery,
      answers: { 200: { description: "What the token's `tokenURI` names.", schema: certificateSchema } },
      problems: ["not-found"],
      async handle({ params }) {
        return ok(await certificates.metadata(params.id));
      },
    });

  const pdf = defineRoute({
    method: "get",
    path: "/retirements/{id}/certificate.pdf",
    summary: "The certificate of a retirement, as a PDF that carries its proof",
    description:
      "PDF/A-3b. The proof pack is attached, and every byte is sealed by the service: `carbon verify` needs nothing but the file and a trust file.",
    tag: CERTIFICATES_TAG,
    access: "public",
    params: certificateParams,
    query: languageQuery,
    answers: { 200: { description: "The file.", contentTypes: ["application/pdf"] } },
    problems: [
      "not-found",
      "proof-not-yet",
      "proof-unsupported",
      "proof-header-unsupported",
      "proof-state-pruned",
      "chain-unavailable",
    ],
    async handle({ params, query }) {
      const body = await certificates.pdf(params.id, query.language);
      const fileName = `certificate-${params.id}-${query.language}.pdf`;
      return { status: 200, content: { type: "application/pdf", body, fileName } };
    },
  });

  const page = defineRoute({
    method: "get",
    path: "/certificates/{id}/page",
    summary: "The certificate of a retirement, as a page for people",
    description: "What the code on the PDF names. Needs no script, and loads nothing.",
    tag: CERTIFICATES_TAG,
    access: "public",
    params: certificateParams,
    query: languageQuery,
    answers: { 200: { description: "HTML.", contentTypes: ["text/html"] } },
    problems: ["not-found"],
    async handle({ params, query }) {
      const body = await certificates.page(params.id, query.language);
      return {
        status: 200,
        headers: { "content-security-policy": PAGE_POLICY, "content-language": query.language },
        content: { type: "text/html; charset=utf-8", body },
      };
    },
  });

  return [metadata("/retirements/{id}/certificate"), metadata("/certificates/{id}"), pdf, page];
}
