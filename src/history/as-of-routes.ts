import { isoTime } from "../http/links.js";
import { defineRoute, ok, type Route } from "../http/route.js";
import { AUTHORISATIONS, CAPABILITIES, namesOfBits } from "./labels.js";
import {
  AS_OF_TAG,
  holdingsAtPage,
  holdingsAtQuery,
  labelsAtPage,
  participantsAtPage,
  participantsAtQuery,
  positionsAtPage,
  positionsAtQuery,
  supplyAtPage,
  supplyAtQuery,
} from "./past-schemas.js";
import type { PageAt, Past } from "./past-service.js";

const OWN_ONLY = "A participant's key sees the participant's own.";
const PROBLEMS = ["as-of-future", "as-of-too-early"] as const;

/** What was so after an earlier block. */
export function asOfRoutes(past: Past): Route[] {
  return [...ownedRoutes(past), ...batchRoutes(past), participantsRoute(past)];
}

function ownedRoutes(past: Past): Route[] {
  const holdings = defineRoute({
    method: "get",
    path: "/as-of/holdings",
    summary: "Who held which tonnes",
    description: OWN_ONLY,
    tag: AS_OF_TAG,
    access: "key",
    query: holdingsAtQuery,
    answers: { 200: { description: "A page, by account and batch.", schema: holdingsAtPage } },
    problems: ["forbidden", ...PROBLEMS],
    async handle({ query, principal }) {
      const { limit, cursor, minBlock: _, block, at, ...filter } = query;
      const page = await past.holdings(principal, { block, at }, filter, { limit, cursor });
      return pageAt(page, ({ account, participantId, batch, tonnes, frozenTonnes }) => ({
        account,
        participantId,
        batch,
        tonnes,
        frozenTonnes,
      }));
    },
  });

  const positions = defineRoute({
    method: "get",
    path: "/as-of/positions",
    summary: "What the exchange owed to whom",
    description: OWN_ONLY,
    tag: AS_OF_TAG,
    access: "key",
    query: positionsAtQuery,
    answers: { 200: { description: "A page, by account and batch; cash comes first.", schema: positionsAtPage } },
    problems: ["forbidden", ...PROBLEMS],
    async handle({ query, principal }) {
      const { limit, cursor, minBlock: _, block, at, ...filter } = query;
      const page = await past.positions(principal, { block, at }, filter, { limit, cursor });
      return pageAt(page, ({ account, participantId, batch, amount, leaving, availableAt }) => ({
        account,
        participantId,
        batch,
        amount,
        leaving,
        availableAt: availableAt === null ? null : isoTime(availableAt),
      }));
    },
  });

  return [holdings, positions];
}

function batchRoutes(past: Past): Route[] {
  const supply = defineRoute({
    method: "get",
    path: "/as-of/supply",
    summary: "Where the tonnes of each batch were",
    tag: AS_OF_TAG,
    access: "public",
    query: supplyAtQuery,
    answers: { 200: { description: "A page, by batch.", schema: supplyAtPage } },
    problems: PROBLEMS,
    async handle({ query }) {
      const { limit, cursor, minBlock: _, block, at, ...filter } = query;
      return pageAt(await past.supply({ block, at }, filter, { limit, cursor }), (batch) => ({
        batch: batch.code,
        projectCode: batch.project,
        vintage: batch.vintage,
        issuedTonnes: batch.issuedTonnes,
        heldTonnes: batch.heldTonnes,
        retiredTonnes: batch.retiredTonnes,
        cancelledTonnes: batch.cancelledTonnes,
        bufferTonnes: batch.bufferTonnes,
        paused: batch.paused,
        changedBlock: Number(batch.changedBlock),
      }));
    },
  });

  const labels = defineRoute({
    method: "get",
    path: "/as-of/labels",
    summary: "What each batch was authorised for",
    tag: AS_OF_TAG,
    access: "public",
    query: supplyAtQuery,
    answers: { 200: { description: "A page, by batch.", schema: labelsAtPage } },
    problems: PROBLEMS,
    async handle({ query }) {
      const { limit, cursor, minBlock: _, block, at, ...filter } = query;
      return pageAt(await past.supply({ block, at }, filter, { limit, cursor }), (batch) => ({
        batch: batch.code,
        projectCode: batch.project,
        vintage: batch.vintage,
        authorisations: namesOfBits(AUTHORISATIONS, batch.authorisations),
        firstTransfer: batch.firstTransfer,
        authorisationDocumentHash: batch.authorisationDocumentHash,
        authorisationRevoked: batch.authorisationRevoked,
        changedBlock: Number(batch.changedBlock),
      }));
    },
  });

  return [supply, labels];
}

function participantsRoute(past: Past): Route {
  return defineRoute({
    method: "get",
    path: "/as-of/participants",
    summary: "Who took part, and with what standing",
    tag: AS_OF_TAG,
    access: "public",
    query: participantsAtQuery,
    answers: { 200: { description: "A page, by number.", schema: participantsAtPage } },
    problems: PROBLEMS,
    async handle({ query }) {
      const { limit, cursor, minBlock: _, block, at, ...filter } = query;
      return pageAt(await past.participants({ block, at }, filter, { limit, cursor }), (participant) => ({
        id: participant.id,
        taxCode: participant.taxCode,
        name: participant.name,
        status: participant.status,
        capabilities: namesOfBits(CAPABILITIES, participant.capabilities),
        kycExpiresAt: isoTime(participant.kycExpiresAt),
        documentHash: participant.documentHash,
        accounts: participant.accounts,
        changedBlock: Number(participant.updatedBlock),
      }));
    },
  });
}

function pageAt<Item>({ moment, items, next }: PageAt<Item>, shown: (item: Item) => object) {
  const { blockNumber, blockHash, timestamp } = moment;
  const asOf = { block: Number(blockNumber), hash: blockHash, at: isoTime(timestamp) };
  return ok({ asOf, items: items.map(shown), next });
}
