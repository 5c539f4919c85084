import { Wallet, verifyTypedData } from "ethers";
import { afterEach, describe, expect, it } from "vitest";

import { batchIdOf, dayNumber, encodeCode } from "../../../src/chain/codes.js";
import { INTENT_TYPES, mutableTypes } from "../../../src/chain/intents.js";
import { statementDomain, verifyStatement } from "../../../src/chain/statement.js";
import { createClient } from "../../../src/client/client.js";
import { createFirm, createVerifier } from "../../../src/client/firm.js";
import type { RetirementInput } from "../../../src/client/requests.js";
import { startFakeService, type FakeService } from "./fake-service.js";

const KEY = `0x${"11".repeat(32)}`;
const ADDRESS = new Wallet(KEY).address;
const OTHER = new Wallet(`0x${"22".repeat(32)}`).address;
const INTENTS = new Wallet(`0x${"33".repeat(32)}`).address;
const REGISTRY = new Wallet(`0x${"44".repeat(32)}`).address;
const BATCH = "VN-VCS-1975-2020-01";
const domain = { name: "CarbonLedger", version: "1", chainId: 31337n, verifyingContract: INTENTS };

let service: FakeService;

afterEach(() => service.close());

async function givenService() {
  service = await startFakeService((request) =>
    request.path === "/v1/chain"
      ? { body: { chainId: 31337, contracts: { intents: INTENTS, registry: REGISTRY } } }
      : { body: { id: "op", status: "final" } },
  );
  const client = createClient({ baseUrl: service.baseUrl });
  return { client, firm: createFirm({ client, privateKey: KEY }) };
}

function sentBody(): { intent: Record<string, string>; signature: string } {
  return service.seen.at(-1)?.body as { intent: Record<string, string>; signature: string };
}

describe("a firm with its own key", () => {
  it("sends a transfer intent that it signed, and never its key", async () => {
    const { firm } = await givenService();

    await firm.transfer(
      { to: OTHER, batch: BATCH, tonnes: 500n, blocks: [{ start: "101", end: 600n }] },
      { nonce: 7n, deadline: 99n },
    );

    const { intent, signature } = sentBody();
    expect(intent).toEqual({
      account: ADDRESS,
      to: OTHER,
      batch: BATCH,
      tonnes: "500",
      blocks: [{ start: "101", end: "600" }],
      nonce: "7",
      deadline: "99",
    });
    const value = {
      account: ADDRESS,
      to: OTHER,
      batchId: batchIdOf(BATCH),
      tonnes: 500n,
      blocks: [{ start: 101n, end: 600n }],
      nonce: 7n,
      deadline: 99n,
    };
    expect(verifyTypedData(domain, mutableTypes(INTENT_TYPES.transfer), value, signature)).toBe(ADDRESS);
    expect(service.seen.at(-1)?.path).toBe("/v1/transfers");
    expect(JSON.stringify(service.seen)).not.toContain(KEY.slice(2));
  });

  it("signs a retirement with every field, those left out as their empty values", async () => {
    const { firm } = await givenService();
    const input: RetirementInput = { batch: BATCH, tonnes: "3", purpose: "corsia", beneficiary: "Đà Nẵng" };

    const { intent, signature, hash } = await firm.sign.retirement(input, { nonce: 1n, deadline: 2n });

    expect(intent).toEqual({
      account: ADDRESS,
      batch: BATCH,
      tonnes: "3",
      blocks: [],
      beneficiary: "Đà Nẵng",
      beneficiaryId: "",
      beneficiaryCommitment: null,
      purpose: "corsia",
      reason: "",
      details: "",
      consumptionCountry: null,
      consumptionPeriodStart: null,
      consumptionPeriodEnd: null,
      nonce: "1",
      deadline: "2",
    });
    const order = {
      batchId: batchIdOf(BATCH),
      tonnes: 3n,
      blocks: [],
      beneficiary: "Đà Nẵng",
      beneficiaryId: "",
      beneficiaryCommitment: `0x${"0".repeat(64)}`,
      purpose: 2,
      reason: "",
      details: "",
      consumptionCountry: "0x0000",
      consumptionPeriodStart: 0,
      consumptionPeriodEnd: 0,
    };
    const value = { account: ADDRESS, order, nonce: 1n, deadline: 2n };
    expect(verifyTypedData(domain, mutableTypes(INTENT_TYPES.retirement), value, signature)).toBe(ADDRESS);
    expect(hash).toMatch(/^0x[0-9a-f]{64}$/);
  });

  it("signs a cancellation and a revocation", async () => {
    const { firm } = await givenService();

    await firm.cancel({ batch: BATCH, tonnes: 1n, reason: "registry-move" }, { nonce: 3n, deadline: 4n });
    const cancellation = sentBody();
    await firm.revoke({ revokedNonce: 3n }, { nonce: 4n, deadline: 5n });
    const revocation = sentBody();

    const order = { batchId: batchIdOf(BATCH), tonnes: 1n, blocks: [], reason: 2, details: "" };
    const cancelled = { account: ADDRESS, order, nonce: 3n, deadline: 4n };
    const revoked = { account: ADDRESS, revokedNonce: 3n, nonce: 4n, deadline: 5n };
    const types = { c: mutableTypes(INTENT_TYPES.cancellation), r: mutableTypes(INTENT_TYPES.revocation) };
    expect(verifyTypedData(domain, types.c, cancelled, cancellation.signature)).toBe(ADDRESS);
    expect(verifyTypedData(domain, types.r, revoked, revocation.signature)).toBe(ADDRESS);
    expect(cancellation.intent["reason"]).toBe("registry-move");
    expect(revocation.intent).toEqual({ account: ADDRESS, revokedNonce: "3", nonce: "4", deadline: "5" });
  });

  it("makes a new nonce for each intent, and lets it live for an hour", async () => {
    const { firm } = await givenService();

    const first = await firm.sign.transfer({ to: OTHER, batch: BATCH, tonnes: 1n });
    const second = await firm.sign.transfer({ to: OTHER, batch: BATCH, tonnes: 1n });

    expect(first.hash).not.toBe(second.hash);
    const left = Number(first.intent["deadline"]) - Date.now() / 1000;
    expect(left).toBeGreaterThan(3500);
    expect(left).toBeLessThanOrEqual(3600);
    expect(BigInt(String(second.intent["nonce"]))).toBe(BigInt(String(first.intent["nonce"])) + 1n);
    expect(service.seen.filter((one) => one.path === "/v1/chain")).toHaveLength(1);
  });

  it.each([["1.5"], ["-1"], ["1e3"], ["01"], [" 1"], [""]])("refuses to sign the quantity %j", async (tonnes) => {
    const { firm } = await givenService();

    await expect(firm.sign.transfer({ to: OTHER, batch: BATCH, tonnes })).rejects.toThrow(RangeError);
  });
});

describe("a verifier with its own key", () => {
  it("sends a statement that it signed", async () => {
    const { client } = await givenService();
    const verifier = createVerifier({ client, privateKey: KEY });
    const input = {
      projectCode: "VCS-1975",
      periodStart: "2020-01-01",
      periodEnd: "2020-12-31",
      verifiedTonnes: 80004n,
      reportHash: `0x${"ab".repeat(32)}`,
    };

    await verifier.record(input);

    const body = service.seen.at(-1)?.body as { statement: Record<string, string>; signature: string };
    expect(body.statement).toEqual({ ...input, verifiedTonnes: "80004", verifier: ADDRESS });
    const onChain = {
      projectCode: encodeCode("VCS-1975"),
      periodStart: dayNumber("2020-01-01"),
      periodEnd: dayNumber("2020-12-31"),
      verifiedTonnes: 80004n,
      reportHash: input.reportHash,
      verifier: ADDRESS,
    };
    expect(verifyStatement(onChain, body.signature, statementDomain(31337n, REGISTRY))).toBe(true);
  });
});
