import hre from "hardhat";
import { beforeEach, describe, expect, it } from "vitest";

import { LibrariesHarness__factory } from "../../types/ethers-contracts/factories/test/LibrariesHarness__factory.js";
import type { LibrariesHarness } from "../../types/ethers-contracts/test/LibrariesHarness.js";
import { expectRevert } from "../support/reverts.js";

interface Interval {
  readonly start: bigint;
  readonly end: bigint;
}
interface Insertion extends Interval {
  readonly hint: bigint;
}

const MAX = 2n ** 64n - 1n;
const ERRORS = LibrariesHarness__factory.createInterface();
const { ethers } = await hre.network.create();
const [signer] = await ethers.getSigners();

/** The plainest account of what may be inserted: every recorded interval is looked at. */
class PlainSet {
  readonly intervals: Interval[] = [];

  overlapping({ start, end }: Interval): Interval[] {
    return this.intervals.filter((known) => known.start <= end && start <= known.end);
  }

  hintFor({ start }: Interval): bigint {
    return this.intervals.reduce((best, known) => (known.start < start && known.start > best ? known.start : best), 0n);
  }
}

/** Deterministic pseudo-random numbers (a linear congruential generator). */
function randomNumbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

describe("IntervalSet", () => {
  let harness: LibrariesHarness;

  beforeEach(async () => {
    harness = await new LibrariesHarness__factory(signer!).deploy();
  });

  const insert = (start: bigint, end: bigint, hint: bigint) => harness.insert({ start, end, hint });

  describe("given intervals 10–19 and 30–39", () => {
    beforeEach(async () => {
      await insert(30n, 39n, 0n);
      await insert(10n, 19n, 0n);
    });

    it.each([
      ["before both", 1n, 9n, 0n],
      ["between them, filling the gap", 20n, 29n, 10n],
      ["after both, to the greatest number", 40n, MAX, 30n],
    ])("accepts one %s", async (_, start, end, hint) => {
      await insert(start, end, hint);
      await expectRevert(insert(start, start, hint), harness, "IntervalSetOverlap", [start, end]);
    });

    it.each([
      ["the same", 10n, 19n, 0n, 10n, 19n],
      ["one with the same start", 30n, 99n, 10n, 30n, 39n],
      ["one inside", 12n, 13n, 10n, 10n, 19n],
      ["one over the end of the one before", 19n, 22n, 10n, 10n, 19n],
      ["one over the start of the one after", 25n, 30n, 10n, 30n, 39n],
      ["one around both", 1n, 100n, 0n, 10n, 19n],
    ])("refuses %s, and says what it meets", async (_, start, end, hint, metStart, metEnd) => {
      await expectRevert(insert(start, end, hint), harness, "IntervalSetOverlap", [metStart, metEnd]);
    });

    it.each([
      ["that is no start", 20n, 29n, 11n],
      ["that is not the latest before", 40n, 49n, 10n],
      ["of none, though there is one before", 20n, 29n, 0n],
      ["that comes after", 20n, 29n, 30n],
      ["that is the new interval's own start", 20n, 29n, 20n],
    ])("refuses a hint %s", async (_, start, end, hint) => {
      await expectRevert(insert(start, end, hint), harness, "IntervalSetHintInvalid", [hint]);
    });
  });

  it.each([1, 2, 3])(
    "agrees with a plain model in any order of arrival, whatever the hints (seed %i)",
    async (seed) => {
      const random = randomNumbers(seed);
      const model = new PlainSet();
      const counts = { accepted: 0, overlaps: 0, wrongHints: 0 };

      for (let round = 0; round < 12; round++) {
        const insertions = Array.from({ length: 60 }, () => randomInsertion(random, model));
        const receipt = await (await harness.insertMany(insertions)).wait();

        for (const log of receipt!.logs) {
          const event = harness.interface.parseLog(log)!;
          const insertion = insertions[Number(event.args[0])]!;
          const met = model.overlapping(insertion);
          if (event.name === "Inserted") {
            expect(met).toEqual([]);
            expect(insertion.hint).toBe(model.hintFor(insertion));
            model.intervals.push(insertion);
            counts.accepted++;
            continue;
          }
          const error = ERRORS.parseError(event.args[1] as string)!;
          const hintIsRight = insertion.hint === model.hintFor(insertion);
          if (error.name === "IntervalSetOverlap") {
            const [start, end] = [error.args[0] as bigint, error.args[1] as bigint];
            expect(met.map((known) => [known.start, known.end])).toContainEqual([start, end]);
            counts.overlaps++;
          } else {
            expect([error.name, hintIsRight]).toEqual(["IntervalSetHintInvalid", false]);
            expect(error.args[0]).toBe(insertion.hint);
            counts.wrongHints++;
          }
        }
      }
      for (const count of Object.values(counts)) expect(count).toBeGreaterThan(20);
    },
  );
});

/** Mostly the hint that was right before the round, sometimes another start, sometimes any number. */
function randomInsertion(random: (below: number) => number, model: PlainSet): Insertion {
  const start = BigInt(1 + random(20_000));
  const interval = { start, end: start + BigInt(random(random(4) === 0 ? 400 : 20)) };
  const kind = random(8);
  const other = model.intervals[random(model.intervals.length)]?.start ?? 0n;
  const hint = kind === 0 ? BigInt(random(20_000)) : kind === 1 ? other : model.hintFor(interval);
  return { ...interval, hint };
}
