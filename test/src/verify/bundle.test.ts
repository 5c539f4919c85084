import { createContext, runInContext } from "node:vm";
import { beforeAll, describe, expect, it } from "vitest";

import { bundleVerifier } from "../../../scripts/verifier/bundle.js";
import type { Verdict } from "../../../src/verify/types.js";
import { VECTORS } from "../../support/vectors.js";

let text: string;
beforeAll(async () => {
  text = await bundleVerifier("iife");
});

describe("The verifier for browsers", () => {
  it("should be small, and import nothing", () => {
    expect(Buffer.byteLength(text)).toBeLessThan(150_000);
    expect(text).not.toMatch(/\brequire\(|\bimport\(|from"node:/);
  });

  it("should judge the vectors where there is no Node, no network and no storage", () => {
    // What every browser has; nothing else.
    const context = createContext({ TextDecoder, TextEncoder, Uint8Array, files: VECTORS.cases, trust: VECTORS.trust });
    runInContext(text, context);
    const script = `JSON.stringify(files.map(({ file }) => {
      const known = carbonVerifier.parseTrust(new TextEncoder().encode(JSON.stringify(trust)));
      return carbonVerifier.verifyFile(new TextEncoder().encode(file), known);
    }))`;
    const verdicts = JSON.parse(runInContext(script, context) as string) as Verdict[];
    expect(verdicts.map(({ accepted }) => accepted)).toEqual(VECTORS.cases.map(({ accepted }) => accepted));
    expect(verdicts.map(({ facts }) => facts)).toEqual(VECTORS.cases.map(({ facts }) => facts));
  });
});
