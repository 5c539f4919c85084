import { describe, expect, it } from "vitest";

import type { ChainReader, NextStep } from "../../../src/ledger/chain-reader.js";
import { ReadAhead } from "../../../src/ledger/read-ahead.js";
import type { BlockRange, Position } from "../../../src/ledger/store.js";

const STEP = 3n;

function rangeFrom(first: bigint, length = Number(STEP), branch = "a"): BlockRange {
  const headers = Array.from({ length }, (_, i) => {
    const number = first + BigInt(i);
    return { number, hash: `${branch}${number}`, parentHash: `${branch}${number - 1n}`, timestamp: number };
  });
  return { headers, events: [] };
}

/** A chain of twenty blocks, in ranges of three. */
function stage() {
  const asked: (bigint | null)[] = [];
  const answers: (() => NextStep)[] = [];
  const reader = {
    async next(position: Position | null): Promise<NextStep> {
      asked.push(position?.blockNumber ?? null);
      const answer = answers.shift();
      if (answer !== undefined) return answer();
      return { kind: "range", head: 20n, range: rangeFrom((position?.blockNumber ?? 0n) + 1n) };
    },
  } as Pick<ChainReader, "next"> as ChainReader;
  const ahead = new ReadAhead({ reader, blocksPerStep: STEP, storedHash: async () => null });
  return { asked, answers, ahead };
}

const at = (blockNumber: bigint, branch = "a"): Position => ({ blockNumber, blockHash: `${branch}${blockNumber}` });

describe("reading ahead", () => {
  it("should ask once for blocks that it read while others were applied", async () => {
    const { asked, ahead } = stage();
    const first = await ahead.next(null);
    expect(first).toMatchObject({ kind: "range", range: { headers: [{ number: 1n }, {}, { number: 3n }] } });
    ahead.begin(rangeFrom(1n));
    expect(asked).toEqual([null, 3n]);
    expect(await ahead.next(at(3n))).toMatchObject({ kind: "range", range: { headers: [{ number: 4n }, {}, {}] } });
    expect(asked).toEqual([null, 3n]);
    await ahead.next(at(3n));
    expect(asked).toEqual([null, 3n, 3n]);
  });

  it("should read nothing ahead at the end of the chain", () => {
    const { asked, ahead } = stage();
    ahead.begin(rangeFrom(19n, 2));
    expect(asked).toEqual([]);
  });

  it("should forget what it read when the read model is somewhere else", async () => {
    const { asked, ahead } = stage();
    ahead.begin(rangeFrom(1n));
    await ahead.next(at(3n, "b"));
    await ahead.next(at(3n));
    expect(asked).toEqual([3n, 3n, 3n]);
  });

  it("should ask again when it failed, or when there was nothing to apply", async () => {
    const { asked, answers, ahead } = stage();
    answers.push(() => {
      throw new Error("the node is down");
    });
    ahead.begin(rangeFrom(1n));
    expect(await ahead.next(at(3n))).toMatchObject({ kind: "range" });
    answers.push(() => ({ kind: "reorganised", head: 20n, ancestor: at(2n) }));
    ahead.begin(rangeFrom(4n));
    expect(await ahead.next(at(6n))).toMatchObject({ kind: "range" });
    expect(asked).toEqual([3n, 3n, 6n, 6n]);
  });
});
