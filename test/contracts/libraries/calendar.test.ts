import hre from "hardhat";
import { describe, expect, it } from "vitest";

import { LibrariesHarness__factory } from "../../../types/ethers-contracts/factories/test/LibrariesHarness__factory.js";

const { ethers } = await hre.network.create();
const [signer] = await ethers.getSigners();
const harness = await new LibrariesHarness__factory(signer!).deploy();

const MILLISECONDS_PER_DAY = 86_400_000;
const firstDay = (year: number) => Date.UTC(year, 0, 1) / MILLISECONDS_PER_DAY;

describe("Calendar", () => {
  it("knows the first day of every year from 1970 to 2101", async () => {
    const years = Array.from({ length: 132 }, (_, index) => 1970 + index);
    const days = await Promise.all(years.map((year) => harness.firstDayOf(year)));
    expect(days.map(Number)).toEqual(years.map(firstDay));
  });

  it.each([1971, 2000, 2023, 2024, 2100])(
    "finds the year %i in a period that has one of its days, and in no other",
    async (year) => {
      const [first, last] = [firstDay(year), firstDay(year + 1) - 1];
      const touches = (from: number, to: number) => harness.yearTouches(year, from, to);

      expect(await touches(first, last)).toBe(true);
      expect(await touches(first, first)).toBe(true);
      expect(await touches(last, last)).toBe(true);
      expect(await touches(first - 300, last + 300)).toBe(true);
      expect(await touches(first - 100, first)).toBe(true);
      expect(await touches(last, last + 100)).toBe(true);
      expect(await touches(first - 100, first - 1)).toBe(false);
      expect(await touches(last + 1, last + 100)).toBe(false);
    },
  );

  it("finds no year before 1970", async () => {
    expect(await harness.yearTouches(1969, 0, 4_000_000_000)).toBe(false);
    expect(await harness.yearTouches(0, 0, 4_000_000_000)).toBe(false);
  });

  it("has an answer for the last year and the last day that can be asked for", async () => {
    expect(await harness.yearTouches(65_535, 0, 4_294_967_295)).toBe(true);
  });
});
