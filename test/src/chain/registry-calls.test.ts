import { ZeroHash } from "ethers";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { encodeCode } from "../../../src/chain/codes.js";
import { createRegistryCalls, hintedCallOf, type IssuanceTerms } from "../../../src/chain/registry-calls.js";
import { Registry__factory } from "../../../types/ethers-contracts/factories/Registry__factory.js";
import { FAKE_ADDRESSES } from "../../support/fake-chain.js";

const calls = createRegistryCalls(FAKE_ADDRESSES);
const ethers = Registry__factory.createInterface();

const hex = (bytes: number) =>
  fc.uint8Array({ minLength: bytes, maxLength: bytes }).map((value) => `0x${Buffer.from(value).toString("hex")}`);
const number = (bits: number) => fc.bigInt({ min: 0n, max: (1n << BigInt(bits)) - 1n });
const code = fc.stringMatching(/^[A-Z0-9.-]{1,31}$/);
const issuance: fc.Arbitrary<IssuanceTerms> = fc.record({
  statementId: hex(32),
  batch: code,
  vintage: fc.nat(65_535),
  tonnes: number(64),
  recipient: hex(20),
  foreignBlock: fc.option(fc.record({ programme: code, series: code, start: number(64), end: number(64) })),
  documentHash: hex(32),
});
const statement = fc.record({
  projectCode: hex(32),
  periodStart: fc.nat(4_294_967_295),
  periodEnd: fc.nat(4_294_967_295),
  verifiedTonnes: number(64),
  reportHash: hex(32),
  verifier: hex(20),
});

function structOf({ batch, foreignBlock, ...rest }: IssuanceTerms) {
  const { programme, series, start, end } = foreignBlock ?? { programme: null, series: null, start: 0n, end: 0n };
  const word = (text: string | null): string => (text === null ? ZeroHash : encodeCode(text));
  return {
    ...rest,
    batchCode: encodeCode(batch),
    foreignBlock: { programme: word(programme), series: word(series), start, end },
  };
}

describe("Calls of the registry", () => {
  it("should be encoded as ethers does it", () => {
    fc.assert(
      fc.property(issuance, statement, hex(65), hex(32), number(64), (terms, words, signature, previous, hint) => {
        const struct = structOf(terms);
        expect(calls.proposeIssuance(terms).data).toBe(ethers.encodeFunctionData("proposeIssuance", [struct]));
        expect(calls.approveIssuance(terms, hint).data).toBe(
          ethers.encodeFunctionData("approveIssuance", [struct, hint]),
        );
        expect(calls.recordStatement(words, signature, previous).data).toBe(
          ethers.encodeFunctionData("recordStatement", [words, signature, previous]),
        );
      }),
    );
  });

  it("should be the same with a hint from the start as with one that is written in later", () => {
    fc.assert(
      fc.property(issuance, number(64), (terms, hint) => {
        const form = hintedCallOf(calls.approveIssuance(terms), FAKE_ADDRESSES);
        if (form?.list === "foreign-blocks") expect(form.withHint(hint)).toEqual(calls.approveIssuance(terms, hint));
        expect(form === null).toBe(terms.foreignBlock === null);
      }),
    );
  });
});
