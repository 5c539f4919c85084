import { id, Transaction, ZeroHash } from "ethers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { CAPABILITIES, KYC_EXPIRES_AT } from "../../support/ledger.js";
import { startTestService, type TestService } from "../../support/service.js";

const WAIT = { prefer: "wait=20" };

describe("Raw transactions", () => {
  let stage: TestService;
  let taxCodes = 8_000_000_000;

  beforeAll(async () => {
    stage = await startTestService();
  });
  afterAll(() => stage.close());

  /** An admission, signed by the first registrar outside of the service. */
  async function signedAdmission(differences: object = {}): Promise<string> {
    const { ledger, keys } = stage;
    taxCodes += 1;
    const code = String(taxCodes);
    const call = await ledger.participants.admit.populateTransaction(
      code,
      CAPABILITIES.ALL,
      KYC_EXPIRES_AT,
      id(code),
      `0x${code.padStart(40, "0")}`,
    );
    return keys.registrar1.signTransaction({
      ...call,
      chainId: ledger.chainId,
      nonce: await ledger.ethers.provider.getTransactionCount(keys.registrar1.address),
      gasLimit: 1_000_000,
      maxFeePerGas: 10_000_000_000,
      maxPriorityFeePerGas: 0,
      type: 2,
      ...differences,
    });
  }

  const hashOf = (raw: string): string => Transaction.from(raw).hash ?? "";

  describe("given a signed transaction to one of the contracts", () => {
    it("passes it on, and tells what it carried and changed", async () => {
      const raw = await signedAdmission();

      const sent = await stage.post("/v1/transactions", { raw }, WAIT);

      const hash = hashOf(raw);
      expect([200, 201]).toContain(sent.status);
      expect(sent.body).toMatchObject({ id: hash, kind: "raw", status: "final", txHash: hash });
      const { body } = await stage.get(`/v1/transactions/${hash}`);
      expect(body).toMatchObject({
        hash,
        from: stage.keys.registrar1.address,
        to: stage.ledger.addresses.Participants,
        status: "final",
        blockNumber: sent.body.blockNumber,
        problem: null,
        operations: [hash],
      });
      expect(body.events.map((event: { name: string }) => event.name)).toContain("ParticipantAdmitted");
    });

    it("takes the same transaction again as the same operation", async () => {
      const raw = await signedAdmission();
      await stage.post("/v1/transactions", { raw }, WAIT);

      const again = await stage.post("/v1/transactions", { raw: raw.toUpperCase().replace("0X", "0x") }, WAIT);

      expect(again.body).toMatchObject({ id: hashOf(raw), status: "final" });
      const { body } = await stage.get(`/v1/transactions/${hashOf(raw)}`);
      expect(body.operations).toEqual([hashOf(raw)]);
    });

    it("tells why the contract refused it", async () => {
      const { ledger } = stage;
      const data = ledger.participants.interface.encodeFunctionData("close", [999_999]);
      const raw = await signedAdmission({ data });

      const sent = await stage.post("/v1/transactions", { raw }, WAIT);

      expect(sent.body.code).toBe("participants-unknown");
      const { body } = await stage.get(`/v1/transactions/${hashOf(raw)}`);
      expect(body).toMatchObject({ status: "failed", events: [], operations: [hashOf(raw)] });
      expect(body.problem.code).toBe("participants-unknown");
    });
  });

  describe("given what it does not pass on", () => {
    it("refuses a transaction for another chain", async () => {
      const answer = await stage.post("/v1/transactions", { raw: await signedAdmission({ chainId: 1 }) });

      expect(answer.status).toBe(422);
      expect(answer.body.code).toBe("transaction-invalid");
    });

    it("refuses one that goes elsewhere, or creates a contract", async () => {
      for (const to of [stage.keys.verifier.address, null]) {
        const answer = await stage.post("/v1/transactions", { raw: await signedAdmission({ to }) });

        expect(answer.body.code).toBe("transaction-invalid");
      }
    });

    it("refuses one that is unsigned, malformed or no hex at all", async () => {
      const unsigned = Transaction.from({ to: stage.ledger.addresses.Units, chainId: stage.ledger.chainId, type: 2 });

      const answers = [
        await stage.post("/v1/transactions", { raw: unsigned.unsignedSerialized }),
        await stage.post("/v1/transactions", { raw: "0x02c0" }),
        await stage.post("/v1/transactions", { raw: "nonsense" }),
        await stage.post("/v1/transactions", { raw: "0x", more: true }),
      ];

      expect(answers.map(({ body }) => body.code)).toEqual([
        "transaction-invalid",
        "transaction-invalid",
        "validation-failed",
        "validation-failed",
      ]);
    });

    it("refuses one that is larger than any act of the ledger", async () => {
      const answer = await stage.post("/v1/transactions", { raw: `0x${"00".repeat(65_537)}` });

      expect(answer.body.code).toBe("validation-failed");
    });
  });

  it("knows nothing of a transaction that nobody sent", async () => {
    const answer = await stage.get(`/v1/transactions/${ZeroHash}`);

    expect(answer.status).toBe(404);
  });

  it("shows what others sent to the contracts past the service", async () => {
    await stage.ledger.admit(null, `0x${"77".repeat(20)}`);
    await stage.synced();
    const latest = await stage.ledger.ethers.provider.getBlock("latest");
    const hash = latest!.transactions[0]!;

    const { body } = await stage.get(`/v1/transactions/${hash}`);

    expect(body).toMatchObject({ hash, status: "final", operations: [] });
    expect(body.events.length).toBeGreaterThan(0);
  });
});
