import { describe, expect, it } from "vitest";

import type { LedgerEvent } from "../../../../src/chain/event-types.js";
import { createWitness } from "../../../../src/chain/outbox/witness.js";

const eventOf = (txHash: string, blockNumber: bigint, logIndex = 0) =>
  ({ contract: "Units", name: "Paused", args: {}, txHash, blockNumber, logIndex }) as unknown as LedgerEvent;
const applied = (blockNumber: bigint, ...events: LedgerEvent[]) =>
  ({ kind: "applied", position: { blockNumber }, events }) as const;

describe("a witness", () => {
  it("should keep the events of what is watched, in their order, and of nothing else", () => {
    const witness = createWitness();
    witness.watch("0x1");
    const events = [eventOf("0x1", 5n, 0), eventOf("0x2", 5n, 1), eventOf("0x1", 5n, 2)];
    witness.tell(applied(5n, ...events));

    expect(witness.seen("0x1")).toEqual({
      transactionHash: "0x1",
      blockNumber: 5n,
      succeeded: true,
      events: [events[0], events[2]],
    });
    expect(witness.seen("0x2")).toBeNull();
  });

  it("should say that it saw something only when it did", () => {
    const witness = createWitness();
    let told = 0;
    witness.onSeen(() => (told += 1));
    witness.watch("0x1");
    witness.tell(applied(5n, eventOf("0x2", 5n)));
    expect(told).toBe(0);
    witness.tell(applied(6n, eventOf("0x1", 6n)));
    expect(told).toBe(1);
  });

  it("should forget what a reorganisation took back, and see it again in its new block", () => {
    const witness = createWitness();
    witness.watch("0x1");
    witness.tell(applied(6n, eventOf("0x1", 6n)));
    witness.tell({ kind: "rolled-back", position: { blockNumber: 5n }, events: [] });
    expect(witness.seen("0x1")).toBeNull();
    witness.tell(applied(7n, eventOf("0x1", 7n)));
    expect(witness.seen("0x1")?.blockNumber).toBe(7n);
  });

  it("should keep nothing of what is forgotten", () => {
    const witness = createWitness();
    witness.watch("0x1");
    witness.forget("0x1");
    witness.tell(applied(6n, eventOf("0x1", 6n)));
    expect(witness.seen("0x1")).toBeNull();
  });
});
