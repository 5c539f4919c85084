import { Wallet, id } from "ethers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { institutionLaneOf } from "../../../../src/chain/outbox/institution-lane.js";
import { parseRawTransaction } from "../../../../src/chain/outbox/payloads.js";
import { newOperationId, type NewOperation } from "../../../../src/operations/service.js";
import { CAPABILITIES, KYC_EXPIRES_AT } from "../../../support/ledger.js";
import { createOutboxStage, type OutboxStage } from "../../../support/outbox-stage.js";

let stage: OutboxStage;
let registrar: string;
beforeAll(async () => {
  stage = await createOutboxStage();
  registrar = await stage.signers.createManagedAccount({ role: "registrar" }, stage.keys.registrar1.privateKey);
  stage.startOutbox();
});
afterAll(() => stage.close());

let firms = 0;
function admission(taxCode = (8_000_000_000 + ++firms).toString()): string {
  const { participants } = stage.ledger;
  return participants.interface.encodeFunctionData("admit", [
    taxCode,
    CAPABILITIES.ALL,
    KYC_EXPIRES_AT,
    id(taxCode),
    Wallet.createRandom().address,
  ]);
}

function callOf(data: string, account = registrar): NewOperation {
  const to = stage.ledger.addresses.Participants;
  return {
    id: newOperationId(),
    kind: "participant-admission",
    lane: institutionLaneOf(account),
    account,
    role: "registrar",
    request: {},
    payload: { to, data },
  };
}

const transactionsOf = async (operationId: string): Promise<number> =>
  (await stage.db.selectFrom("transaction_operations").selectAll().where("operation_id", "=", operationId).execute())
    .length;

describe("The lane of an institution", () => {
  it("should sign the call with the managed key, and say what came of it", async () => {
    const end = await stage.settle(callOf(admission("8100000001")));

    const participantId = Number(await stage.ledger.participants.participantByTaxCode("8100000001"));
    expect(end).toMatchObject({ status: "final", result: { participantId, taxCode: "8100000001" } });
    expect(end.links.result).toBe(`/v1/participants/${participantId}`);
    const row = await stage.db
      .selectFrom("participants")
      .select("tax_code")
      .where("id", "=", participantId)
      .executeTakeFirst();
    expect(row?.tax_code).toBe("8100000001");
  });

  it("should do many in the order of acceptance", async () => {
    const ends = await Promise.all(Array.from({ length: 10 }, () => stage.settle(callOf(admission()))));

    const numbers = ends.map((end) => Number(end.result?.["participantId"]));
    expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
  });

  it("given a call that the contract refuses, it should reject it with the reason and send nothing", async () => {
    await stage.settle(callOf(admission("8100000002")));

    const end = await stage.settle(callOf(admission("8100000002")));

    expect(end.problem).toMatchObject({
      code: "participants-tax-code-taken",
      status: 409,
      evidence: { taxCode: "8100000002" },
    });
    expect(end.problem?.instance).toBe(`/v1/operations/${end.id}`);
    expect(await transactionsOf(end.id)).toBe(0);
  });

  it("given a key without the role, it should reject it", async () => {
    const stranger = await stage.signers.createManagedAccount({});
    const end = await stage.settle(callOf(admission(), stranger));
    expect(end.problem?.code).toBe("access-managed-unauthorized");
  });

  it("given an account that the service holds no key for, it should say so", async () => {
    const end = await stage.settle(callOf(admission(), Wallet.createRandom().address));
    expect(end.problem?.code).toBe("signer-unavailable");
  });
});

describe("The lane of raw transactions", () => {
  async function rawOf(data: string, differences: object = {}): Promise<NewOperation> {
    const wallet = stage.keys.registrar2;
    const request = await wallet.populateTransaction({
      to: stage.ledger.participants.target,
      data,
      gasLimit: 500_000n,
    });
    const raw = await wallet.signTransaction({ ...request, ...differences });
    const hash = stage.ledger.ethers.Transaction.from(raw).hash!;
    return { id: hash, kind: "transaction", lane: "raw", request: { raw }, payload: { raw } };
  }

  it("should pass it on as it is, once, and follow it to its end", async () => {
    const operation = await rawOf(admission());

    const ends = await Promise.all([stage.settle(operation), stage.settle(operation)]);

    expect(ends[0]).toMatchObject({ status: "final", txHash: operation.id });
    expect(ends[1]).toEqual(ends[0]);
    expect(await transactionsOf(operation.id)).toBe(1);
  });

  it("given one that reverts, it should reject it with the reason and the block", async () => {
    await stage.settle(callOf(admission("8100000003")));

    const end = await stage.settle(await rawOf(admission("8100000003")));

    expect(end.problem?.code).toBe("participants-tax-code-taken");
    expect(end.blockNumber).toBeGreaterThan(0);
  });

  it("given one that the node refuses, it should reject it with the node's words", async () => {
    const poor = Wallet.createRandom();
    const raw = await poor.signTransaction({
      to: poor.address,
      chainId: stage.ledger.chainId,
      gasLimit: 21_000n,
      maxFeePerGas: 10n ** 12n,
      maxPriorityFeePerGas: 0n,
      type: 2,
      nonce: 0,
    });
    const { hash } = parseRawTransaction(raw, stage.ledger.chainId);

    const end = await stage.settle({ id: hash, kind: "transaction", lane: "raw", request: {}, payload: { raw } });

    expect(end.problem?.code).toBe("transaction-invalid");
    expect(end.problem?.detail).toMatch(/funds/i);
  });

  it("given one for another chain, it should refuse it", async () => {
    const end = await stage.settle(await rawOf(admission(), { chainId: 1n }));
    expect(end.problem?.detail).toMatch(/for chain 1/);
  });

  it("given a nonce that is used up, it should reject it as superseded", async () => {
    const end = await stage.settle(await rawOf(admission(), { nonce: 0 }));
    expect(["transaction-superseded", "transaction-invalid"]).toContain(end.problem?.code);
  });

  for (const [what, raw] of [
    ["nothing", "0x"],
    ["bytes that are no transaction", "0xdeadbeef"],
    ["text", "hello"],
  ] as const) {
    it(`given ${what}, parsing should say that it is malformed`, () => {
      expect(() => parseRawTransaction(raw, 1n)).toThrow(/malformed/);
    });
  }
});
