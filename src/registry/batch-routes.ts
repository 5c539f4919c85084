import { defineAct, type OperationsPort } from "../http/act.js";
import { madeBy } from "../http/links.js";
import { defineRoute, ok, type Route } from "../http/route.js";
import type { BatchView } from "../ledger/read/registry.js";
import type { SerialView } from "../ledger/read/units.js";
import { authorisationsOf, isCorsiaEligible } from "./authorisations.js";
import { authorisationBody, batchPage, batchQuery, batchSchema, serialParams, serialSchema } from "./batch-schemas.js";
import type { Batches } from "./batch-service.js";
import { codeParams, emptyBody, oneQuery, reasonBody } from "./schemas.js";

const TAG = "Batches";

export function batchRoutes(batches: Batches, operations: OperationsPort): Route[] {
  return [...batchReads(batches), ...authorisationActs(batches, operations), ...pauseActs(batches, operations)];
}

function batchReads(batches: Batches): Route[] {
  const list = defineRoute({
    method: "get",
    path: "/batches",
    summary: "Batches by code",
    tag: TAG,
    access: "public",
    query: batchQuery,
    answers: { 200: { description: "A page.", schema: batchPage } },
    async handle({ query: { limit, cursor, projectCode, vintage, programme, authorised } }) {
      const filter = { project: projectCode, vintage, programme, authorised };
      const { items, next } = await batches.page(filter, { limit, cursor });
      return ok({ items: items.map(batchJson), next });
    },
  });

  const one = defineRoute({
    method: "get",
    path: "/batches/{code}",
    summary: "One batch",
    tag: TAG,
    access: "public",
    params: codeParams,
    query: oneQuery,
    answers: { 200: { description: "The batch.", schema: batchSchema } },
    problems: ["not-found"],
    handle: async ({ params }) => ok(batchJson(await batches.get(params.code))),
  });

  const serial = defineRoute({
    method: "get",
    path: "/batches/{code}/serials/{serial}",
    summary: "Where one tonne is",
    tag: TAG,
    access: "public",
    params: serialParams,
    query: oneQuery,
    answers: { 200: { description: "The serial and the block that it is in.", schema: serialSchema } },
    problems: ["not-found"],
    handle: async ({ params }) => ok(serialJson(params.serial, await batches.serial(params.code, params.serial))),
  });

  return [list, one, serial];
}

function authorisationActs(batches: Batches, operations: OperationsPort): Route[] {
  const authorise = defineAct(operations, {
    path: "/batches/{code}/authorisation",
    summary: "Record the host country's authorisation",
    tag: TAG,
    access: { roles: ["registrar"] },
    params: codeParams,
    body: authorisationBody,
    problems: ["registry-batch-unknown", "registry-authorisations-invalid", "registry-authorisation-revoked"],
    perform: (request) => batches.authorise(request, request.params.code, request.body),
  });

  const revoke = defineAct(operations, {
    path: "/batches/{code}/authorisation/revoke",
    summary: "Revoke an authorisation, for good",
    tag: TAG,
    access: { roles: ["compliance-officer"] },
    params: codeParams,
    body: reasonBody,
    problems: ["registry-batch-unknown", "registry-authorisations-invalid", "registry-authorisation-revoked"],
    perform: (request) => batches.revokeAuthorisation(request, request.params.code, request.body.reason),
  });

  return [authorise, revoke];
}

function pauseActs(batches: Batches, operations: OperationsPort): Route[] {
  const pause = defineAct(operations, {
    path: "/batches/{code}/pause",
    summary: "Stop every movement of a batch",
    tag: TAG,
    access: { roles: ["guardian"] },
    params: codeParams,
    body: emptyBody,
    problems: ["registry-batch-unknown"],
    perform: (request) => batches.pause(request, request.params.code),
  });

  const unpause = defineAct(operations, {
    path: "/batches/{code}/unpause",
    summary: "Let a batch move again",
    tag: TAG,
    access: { roles: ["compliance-officer"] },
    params: codeParams,
    body: emptyBody,
    problems: ["registry-batch-unknown"],
    perform: (request) => batches.unpause(request, request.params.code),
  });

  return [pause, unpause];
}

function batchJson({ project, authorisations, txHash, blockNumber, ...batch }: BatchView) {
  const made = madeBy({ txHash, blockNumber }, `/v1/batches/${batch.code}`);
  const links = {
    project: `/v1/projects/${project}`,
    statement: `/v1/verification-statements/${batch.statementId}`,
    retirements: `/v1/retirements?batch=${batch.code}`,
  };
  return {
    ...batch,
    projectCode: project,
    authorisations: authorisationsOf(authorisations),
    corsiaEligible: isCorsiaEligible(batch.vintage, authorisations),
    ...made,
    links: { ...made.links, ...links },
  };
}

function serialJson(serial: bigint, { batch, state, account, recordId, start, end }: SerialView) {
  const retirementId = state === "retired" ? recordId : null;
  const cancellationId = state === "cancelled" ? recordId : null;
  return {
    batch,
    serial,
    state,
    block: { start, end },
    account,
    retirementId,
    cancellationId,
    links: {
      self: `/v1/batches/${batch}/serials/${serial}`,
      batch: `/v1/batches/${batch}`,
      retirement: retirementId === null ? null : `/v1/retirements/${retirementId}`,
      cancellation: cancellationId === null ? null : `/v1/cancellations/${cancellationId}`,
    },
  };
}
