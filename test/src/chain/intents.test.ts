import { TypedDataEncoder, Wallet } from "ethers";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { INTENT_KINDS } from "../../../src/chain/event-types.js";
import {
  hashIntent,
  INTENT_TYPE_NAMES,
  INTENT_TYPES,
  intentDomain,
  mutableTypes,
  signIntent,
} from "../../../src/chain/intents.js";
import { recoverSigner } from "../../../src/chain/signature.js";
import { arbitraryIntents } from "../../support/arbitrary-intents.js";
import { deployIntents, HASH } from "../../support/intents.js";

const domain = intentDomain(84_511n, "0x5FbDB2315678afecb367f032d93F642f64180aa3");

describe("hashIntent", () => {
  it("should equal the contract for any intent of any kind", async () => {
    const fixture = await deployIntents();
    for (const kind of INTENT_KINDS) {
      await fc.assert(
        fc.asyncProperty(arbitraryIntents[kind], async (intent) => {
          const digest = await fixture.intents.getFunction(HASH[kind])(intent);
          expect(hashIntent(kind, intent, fixture.domain)).toBe(digest);
        }),
        { numRuns: 250 },
      );
    }
  });

  it.each(INTENT_KINDS)("should equal ethers' encoder for any %s", (kind) => {
    const types = mutableTypes(INTENT_TYPES[kind]);
    fc.assert(
      fc.property(arbitraryIntents[kind], (intent) => {
        expect(hashIntent(kind, intent, domain)).toBe(TypedDataEncoder.hash(domain, types, intent));
      }),
      { numRuns: 500 },
    );
  });

  it("should depend on the chain and on the contract", () => {
    const [intent] = fc.sample(arbitraryIntents.transfer, { numRuns: 1, seed: 2026 });
    if (intent === undefined) throw new Error("No sample");
    const others = [
      intentDomain(1n, domain.verifyingContract),
      intentDomain(domain.chainId, "0x00000000000000000000000000000000000000A1"),
    ];
    const digests = [domain, ...others].map((each) => hashIntent("transfer", intent, each));
    expect(new Set(digests).size).toBe(3);
  });

  it("should not keep the separator of a domain that can change", () => {
    const [intent] = fc.sample(arbitraryIntents.revocation, { numRuns: 1, seed: 2026 });
    if (intent === undefined) throw new Error("No sample");
    const changing = { ...domain };
    hashIntent("revocation", intent, changing);
    changing.chainId = 1n;

    const expected = hashIntent("revocation", intent, intentDomain(1n, domain.verifyingContract));
    expect(hashIntent("revocation", intent, changing)).toBe(expected);
  });
});

describe("signIntent", () => {
  it.each(INTENT_KINDS)("should sign a %s so that the signer is recovered from the digest", async (kind) => {
    const wallet = new Wallet(Wallet.createRandom().privateKey);
    await fc.assert(
      fc.asyncProperty(arbitraryIntents[kind], async (intent) => {
        const signature = await signIntent(wallet, kind, intent, domain);
        expect(recoverSigner(hashIntent(kind, intent, domain), signature)).toBe(wallet.address);
      }),
      { numRuns: 20 },
    );
  });

  it("should name the types as the structs are named", () => {
    for (const kind of INTENT_KINDS) expect(Object.keys(INTENT_TYPES[kind])[0]).toBe(INTENT_TYPE_NAMES[kind]);
  });
});
