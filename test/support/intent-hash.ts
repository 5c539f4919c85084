import { TypedDataEncoder } from "ethers";
import fc from "fast-check";
import { beforeAll, expect, it } from "vitest";

import type { IntentKind } from "../../src/chain/event-types.js";
import { hashIntent, INTENT_TYPES, mutableTypes } from "../../src/chain/intents.js";
import { arbitraryIntents } from "./arbitrary-intents.js";
import { deployIntents, HASH, sampleIntent, type IntentsFixture } from "./intents.js";

/** The digest of a kind: the contract, our twin and ethers' general encoder say the same. */
export function describeHash(kind: IntentKind): void {
  let fixture: IntentsFixture;

  beforeAll(async () => {
    fixture = await deployIntents();
  });

  it("should be the EIP-712 digest", async () => {
    const intent = sampleIntent(fixture, kind);
    const expected = TypedDataEncoder.hash(fixture.domain, mutableTypes(INTENT_TYPES[kind]), intent);

    expect(await fixture.intents.getFunction(HASH[kind])(intent)).toBe(expected);
    expect(hashIntent(kind, intent, fixture.domain)).toBe(expected);
  });

  it("should equal the twin for any intent", async () => {
    const { intents, domain } = fixture;
    await fc.assert(
      fc.asyncProperty(arbitraryIntents[kind], async (intent) => {
        expect(hashIntent(kind, intent, domain)).toBe(await intents.getFunction(HASH[kind])(intent));
      }),
      { numRuns: 100 },
    );
  });
}
