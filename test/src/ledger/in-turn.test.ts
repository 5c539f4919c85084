import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";

import { inTurn } from "../../../src/ledger/in-turn.js";

describe("inTurn", () => {
  it("should begin each without waiting for the one before, in their order", async () => {
    const seen: string[] = [];
    const work = (name: string, milliseconds: number) => async (): Promise<void> => {
      seen.push(`${name} begins`);
      await sleep(milliseconds);
      seen.push(`${name} ends`);
    };
    await inTurn([work("a", 40), work("b", 1)]);
    expect(seen).toEqual(["a begins", "b begins", "b ends", "a ends"]);
  });

  it("should end when all have ended, with the first one's error", async () => {
    let hasEnded = false;
    const fails = (message: string) => () => Promise.reject(new Error(message));
    const slow = async (): Promise<void> => {
      await sleep(30);
      hasEnded = true;
    };
    await expect(inTurn([fails("first"), slow, fails("second")])).rejects.toThrow("first");
    expect(hasEnded).toBe(true);
  });
});
