import { defineAct, type OperationsPort } from "../http/act.js";
import { madeBy } from "../http/links.js";
import { defineRoute, ok, type Route } from "../http/route.js";
import { issuancePage, issuanceQuery, issuanceSchema, newIssuanceBody } from "./issuance-schemas.js";
import type { Issuances, KnownIssuance } from "./issuance-service.js";
import { emptyBody, hashParams, oneQuery, reasonBody } from "./schemas.js";

const TAG = "Issuances";
const REGISTRAR = { roles: ["registrar"] } as const;

export function issuanceRoutes(issuances: Issuances, operations: OperationsPort): Route[] {
  return [...issuanceReads(issuances), ...issuanceActs(issuances, operations)];
}

function issuanceReads(issuances: Issuances): Route[] {
  const list = defineRoute({
    method: "get",
    path: "/issuances",
    summary: "Issuances in the order of their proposal",
    tag: TAG,
    access: "public",
    query: issuanceQuery,
    answers: { 200: { description: "A page.", schema: issuancePage } },
    async handle({ query: { limit, cursor, projectCode, status, batch, statementId } }) {
      const filter = { project: projectCode, status, batch, statementId };
      const { items, next } = await issuances.page(filter, { limit, cursor });
      return ok({ items: items.map(toJson), next });
    },
  });

  const one = defineRoute({
    method: "get",
    path: "/issuances/{id}",
    summary: "One issuance",
    tag: TAG,
    access: "public",
    params: hashParams,
    query: oneQuery,
    answers: { 200: { description: "The issuance.", schema: issuanceSchema } },
    problems: ["not-found"],
    handle: async ({ params }) => ok(toJson(await issuances.get(params.id))),
  });

  return [list, one];
}

function issuanceActs(issuances: Issuances, operations: OperationsPort): Route[] {
  const propose = defineAct(operations, {
    path: "/issuances",
    summary: "Propose an issuance against a verification statement",
    description: "Claims the tonnes and takes the batch's code. Nothing is issued before another registrar approves.",
    tag: TAG,
    access: REGISTRAR,
    body: newIssuanceBody,
    problems: [
      "registry-statement-unknown",
      "registry-statement-exceeded",
      "registry-vintage-outside-period",
      "registry-code-taken",
      "registry-project-not-registered",
      "registry-recipient-invalid",
      "registry-foreign-block-invalid",
      "interval-set-overlap",
    ],
    perform: (request) => issuances.propose(request, request.body),
  });

  const approve = defineAct(operations, {
    path: "/issuances/{id}/approve",
    summary: "Approve what another registrar proposed",
    description: "Issues the units: the buffer's share goes to the buffer account, the rest to the recipient.",
    tag: TAG,
    access: REGISTRAR,
    params: hashParams,
    body: emptyBody,
    problems: [
      "not-found",
      "registry-same-registrar",
      "registry-issuance-status-invalid",
      "registry-project-not-registered",
      "interval-set-overlap",
    ],
    perform: (request) => issuances.approve(request, request.params.id),
  });

  const reject = defineAct(operations, {
    path: "/issuances/{id}/reject",
    summary: "Reject a proposal",
    description: "Any registrar may, the proposer included. The tonnes go back to the statement; the code stays taken.",
    tag: TAG,
    access: REGISTRAR,
    params: hashParams,
    body: reasonBody,
    problems: ["not-found", "registry-issuance-status-invalid"],
    perform: (request) => issuances.reject(request, request.params.id, request.body.reason),
  });

  return [propose, approve, reject];
}

function toJson(issuance: KnownIssuance) {
  const { project, txHash, blockNumber, decidedTxHash, decidedBlock, reasonHash: _, ...rest } = issuance;
  const made = madeBy({ txHash, blockNumber }, `/v1/issuances/${issuance.id}`);
  const links = {
    decision: decidedTxHash === null ? null : `/v1/transactions/${decidedTxHash}`,
    statement: `/v1/verification-statements/${issuance.statementId}`,
    batch: issuance.status === "approved" ? `/v1/batches/${issuance.batch}` : null,
  };
  return {
    ...rest,
    projectCode: project,
    proposedBlock: Number(blockNumber),
    decidedBlock: decidedBlock === null ? null : Number(decidedBlock),
    ...made,
    links: { ...made.links, ...links },
  };
}
