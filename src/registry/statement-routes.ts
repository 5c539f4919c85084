import { defineAct, type OperationsPort } from "../http/act.js";
import { madeBy } from "../http/links.js";
import { defineRoute, ok, type Route } from "../http/route.js";
import type { StatementView } from "../ledger/read/registry.js";
import { hashParams, oneQuery } from "./schemas.js";
import { newStatementBody, statementPage, statementQuery, statementSchema } from "./statement-schemas.js";
import type { Statements } from "./statement-service.js";

const TAG = "Verification statements";

export function statementRoutes(statements: Statements, operations: OperationsPort): Route[] {
  const list = defineRoute({
    method: "get",
    path: "/verification-statements",
    summary: "Verification statements in the order of their recording",
    tag: TAG,
    access: "public",
    query: statementQuery,
    answers: { 200: { description: "A page.", schema: statementPage } },
    async handle({ query: { limit, cursor, projectCode, verifier } }) {
      const { items, next } = await statements.page({ project: projectCode, verifier }, { limit, cursor });
      return ok({ items: items.map(toJson), next });
    },
  });

  const one = defineRoute({
    method: "get",
    path: "/verification-statements/{id}",
    summary: "One verification statement",
    tag: TAG,
    access: "public",
    params: hashParams,
    query: oneQuery,
    answers: { 200: { description: "The statement.", schema: statementSchema } },
    problems: ["not-found"],
    handle: async ({ params }) => ok(toJson(await statements.get(params.id))),
  });

  const record = defineAct(operations, {
    path: "/verification-statements",
    summary: "Record what a verifier says about a monitoring period",
    description:
      "Signed by the verifier for the domain `registry` of `GET /v1/chain`, or without signature by the API key of a verifier. " +
      "The operation is called by the statement's digest: the same statement again is the same operation.",
    tag: TAG,
    access: "public",
    body: newStatementBody,
    problems: [
      "unauthorized",
      "forbidden",
      "signer-unavailable",
      "registry-period-invalid",
      "registry-period-overlap",
      "registry-not-verifier",
      "registry-statement-signature-invalid",
      "registry-project-unknown",
      "registry-project-not-registered",
      "chain-unavailable",
    ],
    perform: (request) => statements.record(request, request.body),
  });

  return [list, one, record];
}

function toJson({ project, txHash, blockNumber, ...statement }: StatementView) {
  const made = madeBy({ txHash, blockNumber }, `/v1/verification-statements/${statement.id}`);
  const links = { project: `/v1/projects/${project}`, issuances: `/v1/issuances?statementId=${statement.id}` };
  return { ...statement, projectCode: project, ...made, links: { ...made.links, ...links } };
}
