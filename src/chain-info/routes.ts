import { defineRoute, ok, type Route } from "../http/route.js";
import { chainQuery, chainSchema, reconciliationSchema, stateHashSchema } from "./schemas.js";
import type { ChainInfo } from "./service.js";

const TAG = "Chain";
const OVERSIGHT = { scopes: ["auditor", "regulator", "admin"] } as const;

export function chainInfoRoutes(chainInfo: ChainInfo): Route[] {
  const chain = defineRoute({
    method: "get",
    path: "/chain",
    summary: "The chain, the ledger's contracts, and who holds which role",
    description:
      "All that is needed to sign intents and statements, and to check this API's answers against the chain.",
    tag: TAG,
    access: "public",
    query: chainQuery,
    answers: { 200: { description: "As it is now.", schema: chainSchema } },
    problems: ["chain-unavailable"],
    async handle() {
      return ok(await chainInfo.get());
    },
  });

  const stateHash = defineRoute({
    method: "get",
    path: "/chain/state-hash",
    summary: "A fingerprint of the read model",
    description:
      "Two services with the same fingerprint at the same block give the same answers. Reads every row: it takes its time.",
    tag: TAG,
    access: OVERSIGHT,
    query: chainQuery,
    answers: { 200: { description: "The fingerprint.", schema: stateHashSchema } },
    async handle() {
      return ok(await chainInfo.stateHash());
    },
  });

  const latest = defineRoute({
    method: "get",
    path: "/reconciliation",
    summary: "What the latest comparison of the read model with the contracts said",
    tag: TAG,
    access: OVERSIGHT,
    answers: { 200: { description: "No differences: the two say the same.", schema: reconciliationSchema } },
    problems: ["not-found"],
    async handle() {
      return ok(chainInfo.latestReconciliation());
    },
  });

  const run = defineRoute({
    method: "post",
    path: "/reconciliation",
    summary: "Compare the read model with the contracts now",
    description: "One comparison at a time: whoever asks meanwhile gets the answer of the one under way.",
    tag: TAG,
    access: OVERSIGHT,
    answers: { 200: { description: "No differences: the two say the same.", schema: reconciliationSchema } },
    problems: ["chain-unavailable"],
    async handle() {
      return ok(await chainInfo.reconcile());
    },
  });

  return [chain, stateHash, latest, run];
}
