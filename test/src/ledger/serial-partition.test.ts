import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { SerialPartition, tonnesOf, type OwnedRange, type SerialOwner } from "../../../src/ledger/serial-partition.js";

const owner = (account: string, state: SerialOwner["state"] = "held", recordId: bigint | null = null): SerialOwner => ({
  account,
  state,
  recordId,
});
const ALICE = owner("alice");
const BOB = owner("bob");
const range = (start: number, end: number) => ({ start: BigInt(start), end: BigInt(end) });

function show(partition: SerialPartition): string[] {
  return partition.runs().map(({ start, end, account, state }) => `${start}-${end} ${account} ${state}`);
}

describe("SerialPartition", () => {
  it("should split a block that is moved in part, and join what becomes adjacent", () => {
    const partition = new SerialPartition();
    partition.add(range(1, 100), ALICE);
    partition.move(range(10, 20), ALICE, BOB);
    partition.move(range(30, 40), ALICE, BOB);
    expect(show(partition)).toEqual([
      "1-9 alice held",
      "10-20 bob held",
      "21-29 alice held",
      "30-40 bob held",
      "41-100 alice held",
    ]);
    partition.move(range(21, 29), ALICE, BOB);
    expect(show(partition)).toEqual(["1-9 alice held", "10-40 bob held", "41-100 alice held"]);
    partition.move(range(10, 40), BOB, ALICE);
    expect(show(partition)).toEqual(["1-100 alice held"]);
  });

  it("should keep two records of one account apart", () => {
    const partition = new SerialPartition();
    partition.add(range(1, 10), ALICE);
    partition.move(range(1, 5), ALICE, owner("alice", "retired", 1n));
    partition.move(range(6, 10), ALICE, owner("alice", "retired", 2n));
    expect(partition.runs()).toHaveLength(2);
  });

  it("should refuse serials that are not the owner's, are there already, or are reversed", () => {
    const partition = new SerialPartition();
    partition.add(range(1, 10), ALICE);
    partition.move(range(5, 6), ALICE, BOB);
    expect(() => partition.move(range(4, 5), ALICE, BOB)).toThrow("not alice's");
    expect(() => partition.move(range(5, 6), ALICE, BOB)).toThrow("not alice's");
    expect(() => partition.move(range(10, 11), ALICE, BOB)).toThrow("not alice's");
    expect(() => partition.move(range(3, 2), ALICE, BOB)).toThrow("not alice's");
    expect(() => partition.add(range(10, 12), BOB)).toThrow("overlaps");
    expect(() => partition.add(range(12, 11), BOB)).toThrow("reversed");
  });

  it("should say the same as a list of one owner per serial, INV-2", () => {
    const SERIALS = 60;
    const move = fc.record({
      at: fc.integer({ min: 0, max: SERIALS - 1 }),
      length: fc.integer({ min: 1, max: 12 }),
      to: fc.constantFrom("alice", "bob", "carol", "burn"),
    });
    fc.assert(
      fc.property(fc.array(move, { maxLength: 120 }), (moves) => {
        const partition = new SerialPartition();
        partition.add(range(1, SERIALS), ALICE);
        const model: SerialOwner[] = Array.from({ length: SERIALS }, () => ALICE);
        for (const [i, { at, length, to }] of moves.entries()) {
          const from = model[at] ?? ALICE;
          if (from.state !== "held") continue;
          let end = at;
          while (end + 1 < SERIALS && end - at + 1 < length && model[end + 1] === from) end++;
          const next = to === "burn" ? owner(from.account, "retired", BigInt(i)) : owner(to);
          const target = model.find((each) => JSON.stringify(each, text) === JSON.stringify(next, text)) ?? next;
          partition.move(range(at + 1, end + 1), from, target);
          model.fill(target, at, end + 1);
        }
        expect(partition.runs()).toEqual(runsOf(model));
        expect(tonnesOf(partition.runs())).toBe(BigInt(SERIALS));
      }),
      { numRuns: 300 },
    );
  });
});

function text(_key: string, value: unknown): unknown {
  return typeof value === "bigint" ? value.toString() : value;
}

function runsOf(model: readonly SerialOwner[]): OwnedRange[] {
  const runs: OwnedRange[] = [];
  for (const [i, owned] of model.entries()) {
    const serial = BigInt(i + 1);
    const last = runs.at(-1);
    if (
      last !== undefined &&
      last.account === owned.account &&
      last.state === owned.state &&
      last.recordId === owned.recordId
    ) {
      runs[runs.length - 1] = { ...last, end: serial };
    } else {
      runs.push({ start: serial, end: serial, ...owned });
    }
  }
  return runs;
}
