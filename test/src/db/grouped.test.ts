import { describe, expect, it } from "vitest";

import { grouped } from "../../../src/db/grouped.js";

describe("grouped", () => {
  it("should answer each with its own, in few queries of bounded size", async () => {
    const sizes: number[] = [];
    const double = grouped(10, async (inputs: readonly number[]) => {
      sizes.push(inputs.length);
      return inputs.map((input) => input * 2);
    });
    const answers = await Promise.all(Array.from({ length: 25 }, (_, i) => double(i)));
    expect(answers).toEqual(Array.from({ length: 25 }, (_, i) => i * 2));
    expect(sizes).toEqual([10, 10, 5]);
  });

  it("given a query under way, it should ask anew for whoever comes later", async () => {
    let now = 0;
    let release: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => (release = resolve));
    const read = grouped(10, async (inputs: readonly string[]) => {
      const seen = ++now;
      if (seen === 1) await gate;
      return inputs.map(() => seen);
    });
    const first = read("a");
    await new Promise((resolve) => setTimeout(resolve, 5));
    const second = read("b");
    release();
    expect(await Promise.all([first, second])).toEqual([1, 2]);
  });

  it("given a failure, it should fail for its group only", async () => {
    const read = grouped(1, async ([input]: readonly string[]) => {
      if (input === "bad") throw new Error("no");
      return [input];
    });
    const ends = await Promise.allSettled([read("bad"), read("good")]);
    expect(ends.map(({ status }) => status)).toEqual(["rejected", "fulfilled"]);
    expect(await read("again")).toBe("again");
  });
});
