import canonicalize from "canonicalize";

import { Problem } from "../errors.js";
import { defineRoute, ok, type Reply, type Route } from "../http/route.js";
import { isComplete, missingRoles, type StoredCheckpoint } from "./checkpoint-store.js";
import type { Checkpoints } from "./checkpoints.js";
import type { Proving } from "./compose.js";
import {
  checkpointPage,
  checkpointParams,
  checkpointSchema,
  CHECKPOINTS_TAG,
  checkpointsQuery,
  consistencyQuery,
  consistencySchema,
  holdingParams,
  holdingQuery,
  PROOFS_TAG,
  retirementParams,
  signatureBody,
  trustQuery,
  waitQuery,
} from "./schemas.js";

const JSON_TYPE = "application/json";
const PACK_ANSWER = { description: "The pack: keep its exact bytes.", contentTypes: [JSON_TYPE] };
const PACK_PROBLEMS = [
  "proof-not-yet",
  "proof-unsupported",
  "proof-header-unsupported",
  "proof-state-pruned",
  "chain-unavailable",
] as const;

export function proofRoutes(proving: Proving): Route[] {
  return [...packRoutes(proving), ...checkpointRoutes(proving.checkpoints)];
}

function packRoutes({ proofs, mayReadAccount }: Proving): Route[] {
  const retirement = defineRoute({
    method: "get",
    path: "/retirements/{id}/proof",
    summary: "The proof pack of a retirement",
    description:
      "Checked offline by `carbon verify`, against a trust file and nothing else. The format is in docs/proof-pack.md.",
    tag: PROOFS_TAG,
    access: "public",
    params: retirementParams,
    query: waitQuery,
    answers: { 200: PACK_ANSWER },
    problems: ["not-found", ...PACK_PROBLEMS],
    async handle({ params }) {
      return exactly(await proofs.retirementPack(params.id), `retirement-${params.id}.proof.json`);
    },
  });

  const holding = defineRoute({
    method: "get",
    path: "/holdings/{account}/{batch}/proof",
    summary: "The proof pack of a holding as of a block",
    description: "A participant's key gets those of the participant's own accounts. Nothing held is proven, too.",
    tag: PROOFS_TAG,
    access: "key",
    params: holdingParams,
    query: holdingQuery,
    answers: { 200: PACK_ANSWER },
    problems: ["not-found", "as-of-future", "as-of-too-early", ...PACK_PROBLEMS],
    async handle({ params: { account, batch }, query, principal }) {
      if (!(await mayReadAccount(principal, account))) {
        throw new Problem("not-found", `There is no holding of ${account} in ${batch}.`);
      }
      return exactly(await proofs.holdingPack(account, batch, query.block), `${account}-${batch}.proof.json`);
    },
  });

  const trust = defineRoute({
    method: "get",
    path: "/trust",
    summary: "The trust file",
    description: "Whom a verifier believes. For convenience: compare it with what the institutions publish elsewhere.",
    tag: PROOFS_TAG,
    access: "public",
    query: trustQuery,
    answers: { 200: { description: "The file.", contentTypes: [JSON_TYPE] } },
    problems: ["as-of-future", "as-of-too-early", "proof-header-unsupported", "proof-not-yet", "chain-unavailable"],
    async handle({ query }) {
      return exactly(canonicalize(await proofs.trust(query.block)) ?? "", "carbon-trust.json");
    },
  });

  return [retirement, holding, trust];
}

function checkpointRoutes(checkpoints: Checkpoints): Route[] {
  const tag = CHECKPOINTS_TAG;
  const list = defineRoute({
    method: "get",
    path: "/checkpoints",
    summary: "Checkpoints, the newest first",
    tag,
    access: "public",
    query: checkpointsQuery,
    answers: { 200: { description: "A page.", schema: checkpointPage } },
    async handle({ query }) {
      const { items, next } = await checkpoints.list(query);
      return ok({ items: items.map(checkpointItem), next });
    },
  });

  const latest = defineRoute({
    method: "get",
    path: "/checkpoints/latest",
    summary: "The newest checkpoint that both roles have signed",
    tag,
    access: "public",
    answers: { 200: { description: "The checkpoint.", schema: checkpointSchema } },
    problems: ["proof-not-yet"],
    async handle() {
      return ok(checkpointItem(await checkpoints.latest()));
    },
  });

  const one = defineRoute({
    method: "get",
    path: "/checkpoints/{number}",
    summary: "A checkpoint with its signatures",
    tag,
    access: "public",
    params: checkpointParams,
    answers: { 200: { description: "The checkpoint.", schema: checkpointSchema } },
    problems: ["not-found"],
    async handle({ params }) {
      return ok(checkpointItem(await checkpoints.one(params.number)));
    },
  });

  const consistency = defineRoute({
    method: "get",
    path: "/checkpoints/{number}/consistency",
    summary: "That the log of a checkpoint goes on as that of an earlier one",
    description:
      "Whoever kept the earlier checkpoint sees from this that nothing in it was changed, dropped or slipped in.",
    tag,
    access: "public",
    params: checkpointParams,
    query: consistencyQuery,
    answers: { 200: { description: "The consistency proof (RFC 6962).", schema: consistencySchema } },
    problems: ["not-found"],
    async handle({ params, query }) {
      const { older, newer, path } = await checkpoints.consistency(query.from, params.number);
      return ok({ older: checkpointItem(older), newer: checkpointItem(newer), path });
    },
  });

  const signature = defineRoute({
    method: "post",
    path: "/checkpoints/{number}/signatures",
    summary: "Hand in a role's signature of a checkpoint",
    description:
      "For an institution that keeps its own key. The signature itself says who may: an account that holds the role.",
    tag,
    access: "public",
    params: checkpointParams,
    body: signatureBody,
    answers: { 204: { description: "The role has signed." } },
    problems: ["not-found", "checkpoint-signature-invalid"],
    async handle({ params, body }) {
      await checkpoints.addSignature(params.number, body.role, body.signature);
      return { status: 204 };
    },
  });

  return [list, latest, one, consistency, signature];
}

function checkpointItem(stored: StoredCheckpoint) {
  const self = `/v1/checkpoints/${stored.number}`;
  const before = stored.number > 1n ? stored.number - 1n : null;
  return {
    checkpoint: stored.checkpoint,
    digest: stored.digest,
    complete: isComplete(stored),
    missing: missingRoles(stored),
    signatures: stored.signatures.map(({ role, signer, signature }) => ({ role, signer, signature })),
    createdAt: stored.createdAt.toISOString(),
    links: { self, consistency: before === null ? null : `${self}/consistency?from=${before}` },
  };
}

function exactly(body: string, fileName: string): Reply {
  return { status: 200, content: { type: JSON_TYPE, body, fileName } };
}
