import { TypedDataEncoder } from "ethers";
import { describe, expect, it } from "vitest";
import {
  AUDIT_DOMAIN_NAME,
  AUDIT_DOMAIN_VERSION,
  CHECKPOINT_TYPE,
  checkpointDigest,
  MANIFEST_TYPE,
  manifestDigest,
  SEAL_TYPE,
  sealDigest,
} from "../../../src/verify/attestation.js";

const domain = { chainId: "31337", contract: `0x${"ab".repeat(20)}` };
const hash = (byte: string): string => `0x${byte.repeat(32)}`;

const checkpoint = {
  number: "7",
  blockNumber: "700",
  blockHash: hash("01"),
  stateRoot: hash("02"),
  blockTimestamp: "1790000000",
  retirementCount: "18446744073709551615",
  logRoot: hash("03"),
  previous: hash("00"),
};
const manifest = {
  format: "carbon-ledger/export/1",
  id: "e1",
  subject: "retirements",
  fileFormat: "csv",
  query: '{"q":"Đà Nẵng"}',
  blockNumber: "9",
  blockHash: hash("04"),
  rows: "5",
  bytes: "6",
  sha256: hash("05"),
  finishedAt: "1790000001",
} as const;
const seal = { digest: hash("06"), retirementId: "12" };

/** What a general implementation of EIP-712 makes of the type's own words. */
function expected(type: string, value: object): string {
  const [, name = "", members = ""] = /^(\w+)\((.*)\)$/.exec(type) ?? [];
  const fields = members.split(",").map((member) => {
    const [fieldType = "", fieldName = ""] = member.split(" ");
    return { type: fieldType, name: fieldName };
  });
  const signed = Object.fromEntries(
    fields.map((field) => [field.name, (value as Record<string, unknown>)[field.name]]),
  );
  const separator = {
    name: AUDIT_DOMAIN_NAME,
    version: AUDIT_DOMAIN_VERSION,
    chainId: domain.chainId,
    verifyingContract: domain.contract,
  };
  return TypedDataEncoder.hash(separator, { [name]: fields }, signed);
}

describe("the digests of attestations", () => {
  it("should be those of EIP-712", () => {
    expect(checkpointDigest(checkpoint, domain)).toBe(expected(CHECKPOINT_TYPE, checkpoint));
    expect(manifestDigest(manifest, domain)).toBe(expected(MANIFEST_TYPE, manifest));
    expect(sealDigest(seal, domain)).toBe(expected(SEAL_TYPE, seal));
  });

  it.each([
    ["a number that is too large", { retirementCount: "18446744073709551616" }],
    ["a number with a zero before it", { number: "07" }],
    ["a negative number", { number: "-1" }],
    ["a short hash", { logRoot: "0x01" }],
  ])("given %s, it should refuse", (_what, wrong) => {
    expect(() => checkpointDigest({ ...checkpoint, ...wrong }, domain)).toThrow(RangeError);
  });
});
