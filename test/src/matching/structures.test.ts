import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { IntegerTable } from "../../../src/matching/integer-table.js";
import { PriceLadder } from "../../../src/matching/price-ladder.js";
import { Records, WORDS } from "../../../src/matching/records.js";

describe("IntegerTable", () => {
  it("should answer as a Map does, for keys near and far", () => {
    const key = fc.oneof(
      fc.integer({ min: 0, max: 40 }),
      fc.integer({ min: 0, max: 40 }).map((low) => low * 2 ** 32),
      fc.maxSafeNat(),
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(key, fc.boolean()), { maxLength: 300, size: "max" }), (steps) => {
        const table = new IntegerTable();
        const map = new Map<number, number>();
        for (const [index, [each, adds]] of steps.entries()) {
          if (map.has(each) && !adds) {
            map.delete(each);
            table.delete(each);
          } else if (!map.has(each) && adds) {
            map.set(each, index + 1);
            table.add(each, index + 1);
          }
        }
        for (const [each] of steps) expect(table.get(each)).toBe(map.get(each) ?? 0);
      }),
      { numRuns: 200 },
    );
  });

  it("should keep a hundred thousand consecutive keys, and lose exactly those that are deleted", () => {
    const table = new IntegerTable();
    for (let key = 0; key < 100_000; key += 1) table.add(key, key + 1);
    for (let key = 0; key < 100_000; key += 3) table.delete(key);
    let wrong = 0;
    for (let key = 0; key < 100_000; key += 1) if (table.get(key) !== (key % 3 === 0 ? 0 : key + 1)) wrong += 1;
    expect(wrong).toBe(0);
  });
});

describe("PriceLadder", () => {
  const levelsOf = (ladder: PriceLadder): number[] => {
    const levels: number[] = [];
    ladder.visit((level) => {
      levels.push(level);
      return false;
    });
    return levels;
  };

  it("should keep thousands of prices in order, best first, through additions and deletions in any order", () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.integer({ min: -5_000, max: 5_000 }), { minLength: 900, maxLength: 1_500, size: "max" }),
        fc.nat({ max: 1_500 }),
        (ranks, deleted) => {
          const ladder = new PriceLadder();
          // A level's number says its rank.
          const levelOf = (rank: number) => rank + 10_000;
          for (const rank of ranks) ladder.add(rank, levelOf(rank));
          for (const rank of ranks.slice(0, deleted)) ladder.delete(rank);
          const kept = ranks.slice(deleted).sort((a, b) => b - a);
          expect(levelsOf(ladder)).toEqual(kept.map(levelOf));
          expect(ladder.best).toBe(kept[0] === undefined ? 0 : levelOf(kept[0]));
          for (const rank of ranks.slice(0, deleted)) expect(ladder.find(rank)).toBe(0);
          for (const rank of kept) expect(ladder.find(rank)).toBe(levelOf(rank));
        },
      ),
      { numRuns: 30 },
    );
  });

  it("should stop when the visitor has seen enough", () => {
    const ladder = new PriceLadder();
    for (let rank = 1; rank <= 10; rank += 1) ladder.add(rank, rank);
    const seen: number[] = [];
    ladder.visit((level) => seen.push(level) === 3);
    expect(seen).toEqual([10, 9, 8]);
  });
});

describe("Records", () => {
  it("should hand out a record that was given back before it takes a new one, and keep all when it grows", () => {
    const records = new Records(1);
    const taken = Array.from({ length: 100 }, () => records.take());
    for (const record of taken) records.words[record * WORDS + 5] = record;
    expect(new Set(taken).size).toBe(100);
    expect(taken).not.toContain(0);
    records.giveBack(taken[7]!);
    expect(records.take()).toBe(taken[7]);
    expect(taken.every((record) => records.words[record * WORDS + 5] === record)).toBe(true);
  });
});
