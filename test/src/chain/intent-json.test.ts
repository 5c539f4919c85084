import { ZeroHash } from "ethers";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { batchIdOf, CodeError, dayNumber, encodeCountry, MAX_DAY } from "../../../src/chain/codes.js";
import { INTENT_KINDS, type IntentKind } from "../../../src/chain/event-types.js";
import { intentFromJson, intentToJson, type RetirementIntentJson } from "../../../src/chain/intent-json.js";
import type { IntentByKind } from "../../../src/chain/intents.js";
import { arbitraryIntents } from "../../support/arbitrary-intents.js";

const batchId = fc.stringMatching(/^[A-Z0-9.-]{1,31}$/).map(batchIdOf);
const day = fc.integer({ min: 0, max: MAX_DAY });
const country = fc.option(fc.stringMatching(/^[A-Z]{2}$/)).map(encodeCountry);

/** Intents whose batch, country and days have a readable form. */
const readable: { [K in IntentKind]: fc.Arbitrary<IntentByKind[K]> } = {
  transfer: fc.tuple(arbitraryIntents.transfer, batchId).map(([intent, id]) => ({ ...intent, batchId: id })),
  retirement: fc
    .tuple(arbitraryIntents.retirement, batchId, country, day, day)
    .map(([intent, id, code, start, end]) => {
      const period = { consumptionPeriodStart: start, consumptionPeriodEnd: end };
      return { ...intent, order: { ...intent.order, ...period, batchId: id, consumptionCountry: code } };
    }),
  cancellation: fc
    .tuple(arbitraryIntents.cancellation, batchId)
    .map(([intent, id]) => ({ ...intent, order: { ...intent.order, batchId: id } })),
  revocation: arbitraryIntents.revocation,
  "cash-transfer": arbitraryIntents["cash-transfer"],
  redemption: arbitraryIntents.redemption,
  "exchange-withdrawal": fc
    .tuple(arbitraryIntents["exchange-withdrawal"], fc.oneof(batchId, fc.constant(0n)))
    .map(([intent, id]) => ({ ...intent, batchId: id })),
  "order-cancellation": fc
    .tuple(arbitraryIntents["order-cancellation"], batchId)
    .map(([intent, id]) => ({ ...intent, batchId: id })),
  "mass-cancellation": arbitraryIntents["mass-cancellation"],
};

const retirement: RetirementIntentJson = {
  account: "0x5FbDB2315678afecb367f032d93F642f64180aa3",
  nonce: "1",
  deadline: "1800000000",
  batch: "VN-1",
  tonnes: "9007199254740993",
  blocks: [{ start: "1", end: "9007199254740993" }],
  beneficiary: "Cảng Đà Nẵng",
  beneficiaryId: "0400101972",
  beneficiaryCommitment: null,
  purpose: "corsia",
  reason: "",
  details: "",
  consumptionCountry: "VN",
  consumptionPeriodStart: "2025-01-01",
  consumptionPeriodEnd: "2025-12-31",
};

describe("intentToJson and intentFromJson", () => {
  it.each(INTENT_KINDS)("should be inverse for any %s, through JSON text", (kind) => {
    fc.assert(
      fc.property(readable[kind], (intent) => {
        const json = JSON.parse(JSON.stringify(intentToJson(kind, intent)));
        expect(intentFromJson(kind, json)).toEqual(intent);
      }),
    );
  });

  it("should turn words into numbers, exactly", () => {
    const { order, ...rest } = intentFromJson("retirement", retirement);
    expect(rest).toEqual({ account: retirement.account, nonce: 1n, deadline: 1_800_000_000n });
    expect(order).toMatchObject({
      batchId: batchIdOf("VN-1"),
      tonnes: 9_007_199_254_740_993n,
      blocks: [{ start: 1n, end: 9_007_199_254_740_993n }],
      beneficiaryCommitment: ZeroHash,
      purpose: 2,
      consumptionCountry: "0x564e",
      consumptionPeriodStart: dayNumber("2025-01-01"),
    });
    expect(intentToJson("retirement", intentFromJson("retirement", retirement))).toEqual(retirement);
  });

  it("should keep the kebab-case names of cancellation reasons", () => {
    const json = {
      account: retirement.account,
      nonce: "0",
      deadline: "0",
      batch: "A",
      tonnes: "1",
      blocks: [],
      details: "",
    };
    const intent = intentFromJson("cancellation", { ...json, reason: "registry-move" });
    expect(intent.order.reason).toBe(2);
  });

  it("should say cash with a null in the place of a batch", () => {
    const json = { account: retirement.account, nonce: "0", deadline: "0", batch: null, amount: "7" };
    const intent = intentFromJson("exchange-withdrawal", json);
    expect(intent).toMatchObject({ batchId: 0n, amount: 7n });
    expect(intentToJson("exchange-withdrawal", intent)).toEqual(json);
  });

  it.each([
    [{ batch: "vn" }],
    [{ purpose: "fun" as "other" }],
    [{ consumptionCountry: "vn" }],
    [{ consumptionPeriodStart: "2025-02-30" }],
    [{ consumptionPeriodStart: "1970-01-01" }],
  ])("should refuse %j", (changes) => {
    expect(() => intentFromJson("retirement", { ...retirement, ...changes })).toThrow(CodeError);
  });

  it("should refuse an intent that has no JSON form", () => {
    const intent = intentFromJson("retirement", retirement);
    const changes = [
      { batchId: 5n },
      { purpose: 4 },
      { consumptionCountry: "0x0041" },
      { consumptionPeriodEnd: 2 ** 32 - 1 },
    ];
    for (const change of changes) {
      const changed = { ...intent, order: { ...intent.order, ...change } };
      expect(() => intentToJson("retirement", changed)).toThrow(CodeError);
    }
  });
});
