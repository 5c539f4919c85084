import { AbiCoder, concat, keccak256 } from "ethers";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { INTENT_KINDS, type IntentKind } from "../../../src/chain/event-types.js";
import {
  decodeIntentPayload,
  encodeBatch,
  encodeIntentPayload,
  IntentPayloadError,
  itemHash,
  signedIntentItem,
} from "../../../src/chain/intent-payload.js";
import type { IntentByKind } from "../../../src/chain/intents.js";
import { Intents__factory } from "../../../types/ethers-contracts/factories/Intents__factory.js";
import { arbitraryIntents } from "../../support/arbitrary-intents.js";
import { EXECUTE } from "../../support/intents.js";

describe("encodeIntentPayload and decodeIntentPayload", () => {
  it.each(INTENT_KINDS)("should be inverse for any %s", (kind) => {
    fc.assert(
      fc.property(arbitraryIntents[kind], (intent) => {
        expect(decodeIntentPayload(kind, encodeIntentPayload(kind, intent))).toEqual(intent);
      }),
    );
  });

  it.each(INTENT_KINDS)("should encode a %s as its struct in the contract's interface", (kind) => {
    const contract = Intents__factory.createInterface();
    const parameter = contract.getFunction(EXECUTE[kind]).inputs[0];
    if (parameter === undefined) throw new Error("It takes nothing");
    fc.assert(
      fc.property(arbitraryIntents[kind], (intent) => {
        const expected = AbiCoder.defaultAbiCoder().encode([parameter], [intent]);
        expect(encodeIntentPayload(kind, intent)).toBe(expected);
      }),
      { numRuns: 50 },
    );
  });

  it.each(INTENT_KINDS)("should refuse what is not a %s", (kind) => {
    const [intent] = fc.sample<IntentByKind[IntentKind]>(arbitraryIntents[kind], { numRuns: 1, seed: 1 });
    if (intent === undefined) throw new Error("No sample");
    const payload = encodeIntentPayload(kind, intent);
    const bad = [
      "0x",
      "0x12",
      "no hex",
      payload.slice(0, -2),
      `${payload}00`,
      concat([payload, `0x${"00".repeat(32)}`]),
    ];
    for (const each of bad) {
      expect(() => decodeIntentPayload(kind, each)).toThrow(IntentPayloadError);
      expect(() => decodeIntentPayload(kind, each)).toThrow(expect.objectContaining({ kind }));
    }
  });
});

describe("signedIntentItem and itemHash", () => {
  it("should number the kinds as the contract does, and hash payload and signature", () => {
    INTENT_KINDS.forEach((kind, place) => {
      const [intent] = fc.sample<IntentByKind[IntentKind]>(arbitraryIntents[kind], { numRuns: 1, seed: 1 });
      if (intent === undefined) throw new Error("No sample");
      const item = signedIntentItem(kind, intent, "0x1234");
      expect(item).toEqual({ kind: place, payload: encodeIntentPayload(kind, intent), signature: "0x1234" });
      expect(itemHash(item)).toBe(keccak256(`${item.payload}1234`));
    });
  });
});

describe("encodeBatch", () => {
  it("should encode the call as the contract's interface does", () => {
    const contract = Intents__factory.createInterface();
    const bytes = fc.uint8Array({ maxLength: 200 }).map((value) => `0x${Buffer.from(value).toString("hex")}`);
    const item = fc.record({ kind: fc.nat(INTENT_KINDS.length - 1), payload: bytes, signature: bytes });
    fc.assert(
      fc.property(fc.array(item, { maxLength: 5 }), fc.bigInt(0n, 2n ** 256n - 1n), (items, gas) => {
        expect(encodeBatch(items, gas)).toBe(contract.encodeFunctionData("executeBatch", [items, gas]));
      }),
    );
  });

  it("should refuse numbers that do not fit", () => {
    expect(() => encodeBatch([], -1n)).toThrow(RangeError);
    expect(() => encodeBatch([], 1n << 256n)).toThrow(RangeError);
    expect(() => encodeBatch([{ kind: 256, payload: "0x", signature: "0x" }], 1n)).toThrow(RangeError);
  });
});
