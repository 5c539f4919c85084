import { describe, expect, it } from "vitest";

import type { JsonObject } from "../../../src/db/inbox-tables.js";
import { toView } from "../../../src/operations/view.js";

const ACCOUNT = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8";

function linkOf(kind: string, result: JsonObject | null): string | null {
  const at = new Date(0);
  const view = toView({
    id: "1",
    seq: 1n,
    kind,
    status: "final",
    account: null,
    participant_id: null,
    role: null,
    intent_hash: null,
    tx_hash: null,
    block_number: null,
    result,
    problem: null,
    created_at: at,
    updated_at: at,
  });
  return view.links.result;
}

describe("links.result of an operation", () => {
  it.each<[string, JsonObject | null, string | null]>([
    ["transfer", { transferId: "12-3", batch: "B-1" }, "/v1/transfers/12-3"],
    ["holding.forced-transfer", { transferId: "12-3" }, "/v1/transfers/12-3"],
    ["retirement", { retirementId: "7", blocks: [] }, "/v1/retirements/7"],
    ["cancellation", { cancellationId: "7" }, "/v1/cancellations/7"],
    ["participant.admit", { participantId: 3, account: ACCOUNT }, "/v1/participants/3"],
    ["account.add", { participantId: 3, account: ACCOUNT }, `/v1/accounts/${ACCOUNT}`],
    ["account.replacement.propose", { participantId: 3, lostAccount: ACCOUNT }, "/v1/participants/3"],
    ["project.list", { project: "P-1" }, "/v1/projects/P-1"],
    ["statement.record", { statementId: "0x01", project: "P-1" }, "/v1/verification-statements/0x01"],
    ["issuance.propose", { issuanceId: "0x02", batch: "B-1" }, "/v1/issuances/0x02"],
    ["issuance.approve", { issuanceId: "0x02", batch: "B-1" }, "/v1/batches/B-1"],
    ["issuance.reject", { issuanceId: "0x02", batch: "B-1" }, "/v1/issuances/0x02"],
    ["batch.pause", { batch: "B-1" }, "/v1/batches/B-1"],
    ["holding.freeze", { account: ACCOUNT, batch: "B-1" }, `/v1/holdings/${ACCOUNT}/B-1`],
    ["revocation", { account: ACCOUNT, revokedNonce: "5" }, null],
    ["pause", { paused: true }, null],
    ["issuance.approve", {}, null],
    ["transfer", null, null],
  ])("of %s with %j should be right", (kind, result, link) => {
    expect(linkOf(kind, result)).toBe(link);
  });
});
