import { describe, expect, it } from "vitest";
import { waitSeconds } from "../../../src/http/prefer.js";

describe("waitSeconds", () => {
  it.each([
    [undefined, undefined],
    ["", undefined],
    ["return=minimal", undefined],
    ["wait=abc", undefined],
    ["wait=-1", undefined],
    ["wait=0", 0],
    ["wait=5", 5],
    ["return=minimal, wait=7", 7],
    ["Wait = 7; x=1", 7],
    ["wait=999", 60],
  ])("given %j, it should be %j", (header, seconds) => {
    expect(waitSeconds(header)).toBe(seconds);
  });
});
