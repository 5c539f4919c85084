import { Signature, TypedDataEncoder, Wallet } from "ethers";
import { describe, expect, it } from "vitest";

import { CodeError } from "../../../src/chain/codes.js";
import { mutableTypes } from "../../../src/chain/intents.js";
import { recoverSigner } from "../../../src/chain/signature.js";
import {
  hashStatement,
  signStatement,
  STATEMENT_TYPES,
  statementDomain,
  statementFromJson,
  statementToJson,
  verifyStatement,
  type VerificationStatement,
} from "../../../src/chain/statement.js";

const verifier = new Wallet(`0x${"22".repeat(32)}`);
const domain = statementDomain(84_511n, "0x5FbDB2315678afecb367f032d93F642f64180aa3");
const json = {
  project: "VCS-2498",
  periodStart: "2024-01-01",
  periodEnd: "2024-12-31",
  verifiedTonnes: "9007199254740993",
  reportHash: `0x${"ab".repeat(32)}`,
  verifier: verifier.address,
};
const statement = statementFromJson(json);

describe("hashStatement", () => {
  it("should equal ethers' encoder", () => {
    const expected = TypedDataEncoder.hash(domain, mutableTypes(STATEMENT_TYPES), statement);
    expect(hashStatement(statement, domain)).toBe(expected);
  });
});

describe("signStatement and verifyStatement", () => {
  it("should verify what the verifier signed", async () => {
    const signature = await signStatement(verifier, statement, domain);
    expect(verifyStatement(statement, signature, domain)).toBe(true);
    expect(recoverSigner(hashStatement(statement, domain), signature)).toBe(verifier.address);
  });

  it.each<Partial<VerificationStatement>>([
    { projectCode: `0x${"41".repeat(31)}00` },
    { periodStart: statement.periodStart + 1 },
    { periodEnd: statement.periodEnd + 1 },
    { verifiedTonnes: statement.verifiedTonnes + 1n },
    { reportHash: `0x${"ac".repeat(32)}` },
    { verifier: "0x5FbDB2315678afecb367f032d93F642f64180aa3" },
  ])("should refuse a statement that was altered: %o", async (changes) => {
    const signature = await signStatement(verifier, statement, domain);
    expect(verifyStatement({ ...statement, ...changes }, signature, domain)).toBe(false);
  });

  it("should refuse another chain, another contract and another signer", async () => {
    const signature = await signStatement(verifier, statement, domain);
    const elsewhere = [
      statementDomain(1n, String(domain.verifyingContract)),
      statementDomain(84_511n, "0x00000000000000000000000000000000000000A1"),
    ];
    for (const other of elsewhere) expect(verifyStatement(statement, signature, other)).toBe(false);

    const stranger = new Wallet(`0x${"23".repeat(32)}`);
    expect(verifyStatement(statement, await signStatement(stranger, statement, domain), domain)).toBe(false);
  });

  it("should refuse a malformed signature", async () => {
    const signature = await signStatement(verifier, statement, domain);
    const bad = ["0x", "text", `0x${"00".repeat(65)}`, Signature.from(signature).compactSerialized];
    for (const each of bad) expect(verifyStatement(statement, each, domain)).toBe(false);
  });
});

describe("statementFromJson and statementToJson", () => {
  it("should be inverse, exactly", () => {
    expect(statement.verifiedTonnes).toBe(9_007_199_254_740_993n);
    expect(statementToJson(statement)).toEqual(json);
  });

  it.each([{ project: "vcs" }, { periodStart: "2024-02-30" }, { periodEnd: "" }])("should refuse %o", (changes) => {
    expect(() => statementFromJson({ ...json, ...changes })).toThrow(CodeError);
  });
});
