import { describe, expect, it } from "vitest";

import type { LedgerEvent } from "../../../src/chain/event-types.js";
import type { Facts } from "../../../src/intents/facts.js";
import { createKnownFacts } from "../../../src/intents/known-facts.js";
import type { Advance } from "../../../src/ledger/projector.js";

const SUBJECT = { hash: "0x1", account: "0xA", nonce: "1", to: "0xB", batch: "BATCH", revokedNonce: null };
const ACTIVE = { participantId: 1, accountStatus: "active", participantStatus: "active", kycExpiresAt: 9n } as const;
const FACTS: Facts = {
  blockHash: "0xb1",
  isAccepted: false,
  holder: ACTIVE,
  receiver: { ...ACTIVE, participantId: 2 },
  batch: { vintage: 2024, authorisations: 0, paused: false },
  heldTonnes: 10n,
  frozenTonnes: 0n,
  isEverythingPaused: false,
  executedIntent: null,
  isNonceRevoked: false,
  isRevokedNonceUsed: false,
};

function stage() {
  let tell: (advance: Advance) => void = () => undefined;
  const known = createKnownFacts({
    onAdvance(listener) {
      tell = listener;
      return () => undefined;
    },
  });
  const advance = (blockHash: string, events: object[] = [], kind: Advance["kind"] = "applied"): void =>
    tell({ kind, position: { blockNumber: 1n, blockHash }, events: events as LedgerEvent[] });
  return { known, advance };
}

const moved = (from: string, to: string, start: string, end: string) => ({
  name: "BlocksMoved",
  args: { batchId: "BATCH", from, to, blocks: [{ start, end }] },
});

describe("What is known about the subjects of intents", () => {
  it("should be nothing before it was read, and what was read at the last block then", () => {
    const { known, advance } = stage();
    known.remember(SUBJECT, FACTS);
    expect(known.of(SUBJECT)).toBeUndefined();
    advance("0xb1");
    expect(known.of(SUBJECT)).toBeUndefined();
    known.remember(SUBJECT, FACTS);
    expect(known.of(SUBJECT)).toMatchObject({ holder: ACTIVE, heldTonnes: 10n, isEverythingPaused: false });
    expect(known.of({ ...SUBJECT, to: "0xC" })).toBeUndefined();
  });

  it("given a movement, it should follow the holdings on both sides", () => {
    const { known, advance } = stage();
    advance("0xb1");
    known.remember(SUBJECT, FACTS);
    known.remember({ ...SUBJECT, account: "0xB", to: "0xA" }, { ...FACTS, heldTonnes: 0n });
    advance("0xb2", [{ name: "TransferSingle", args: {} }, moved("0xA", "0xB", "1", "4")]);
    expect(known.of(SUBJECT)?.heldTonnes).toBe(6n);
    expect(known.of({ ...SUBJECT, account: "0xB", to: "0xA" })?.heldTonnes).toBe(4n);
  });

  it("given a freeze, it should follow it", () => {
    const { known, advance } = stage();
    advance("0xb1");
    known.remember(SUBJECT, FACTS);
    advance("0xb2", [{ name: "Frozen", args: { account: "0xA", tokenId: "BATCH", amount: "7" } }]);
    expect(known.of(SUBJECT)).toMatchObject({ heldTonnes: 10n, frozenTonnes: 7n });
  });

  it("should not keep what was read at another block than the last one", () => {
    const { known, advance } = stage();
    advance("0xb2");
    known.remember(SUBJECT, FACTS);
    expect(known.of(SUBJECT)).toBeUndefined();
  });

  it.each([
    ["a suspension", "0xb2", [{ name: "ParticipantSuspended", args: {} }], "applied"],
    ["an event that it does not know", "0xb2", [{ name: "SomethingNew", args: {} }], "applied"],
    ["blocks whose events nobody told", "0xb2", [], "applied"],
    ["a reorganisation", "0xb0", [], "rolled-back"],
  ] as const)("given %s, it should forget", (_, blockHash, events, kind) => {
    const { known, advance } = stage();
    advance("0xb1");
    known.remember(SUBJECT, FACTS);
    advance(blockHash, [...events], kind);
    expect(known.of(SUBJECT)).toBeUndefined();
  });
});
