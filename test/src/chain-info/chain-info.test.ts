import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { startTestService, type TestService } from "../../support/service.js";

describe("The chain, as the API tells of it", () => {
  let stage: TestService;
  let auditor: { authorization: string };

  beforeAll(async () => {
    stage = await startTestService();
    await stage.firm();
    auditor = await stage.keyOf({ scope: "auditor", label: "auditor" });
  });
  afterAll(() => stage.close());

  describe("GET /v1/chain", () => {
    it("names the contracts, and the domains that intents and statements are signed for", async () => {
      const { body } = await stage.get("/v1/chain");
      const { addresses, manifest } = stage.ledger;

      expect(body.contracts).toEqual({
        access: addresses.LedgerAccess,
        participants: addresses.Participants,
        registry: addresses.Registry,
        units: addresses.Units,
        retirements: addresses.Retirements,
        intents: addresses.Intents,
        cash: addresses.SettlementCash,
        exchange: addresses.Exchange,
      });
      expect(body.chainId).toBe(Number(manifest.chainId));
      expect(body.genesisHash).toBe(manifest.genesisHash);
      const eip712 = await stage.ledger.intents.eip712Domain();
      expect(body.domains.intents).toEqual({
        name: eip712.name,
        version: eip712.version,
        chainId: Number(eip712.chainId),
        verifyingContract: eip712.verifyingContract,
      });
      const registry = await stage.ledger.registry.eip712Domain();
      expect(body.domains.registry).toMatchObject({ name: registry.name, verifyingContract: addresses.Registry });
      const exchange = await stage.ledger.exchange.eip712Domain();
      expect(body.domains.exchange).toMatchObject({ name: exchange.name, verifyingContract: addresses.Exchange });
    });

    it("tells who holds which role", async () => {
      const { body } = await stage.get("/v1/chain");
      const { parts } = stage.ledger;

      expect(new Set(body.roles.registrar)).toEqual(new Set([parts.registrar1.address, parts.registrar2.address]));
      expect(body.roles.verifier).toEqual([parts.verifier.address]);
      expect(body.roles.admin).toEqual([parts.admin.address]);
      expect(Object.keys(body.roles)).toHaveLength(8);
    });

    it("tells how far the chain and the read model are", async () => {
      const latest = await stage.ledger.ethers.provider.getBlock("latest");

      const { body } = await stage.get(`/v1/chain?minBlock=${latest!.number}`);

      expect(body.head).toMatchObject({ number: latest!.number, hash: latest!.hash });
      expect(body.projected).toEqual({ number: latest!.number, hash: latest!.hash });
    });

    it("says so when the chain cannot be reached", async () => {
      stage.connection.faults.isDown = true;
      const answer = await stage.get("/v1/chain");
      stage.connection.faults.isDown = false;

      expect(answer.status).toBe(503);
      expect(answer.body.code).toBe("chain-unavailable");
    });
  });

  describe("GET /v1/chain/state-hash", () => {
    it("changes with the ledger, and only with it", async () => {
      const before = await stage.get("/v1/chain/state-hash", auditor);
      const again = await stage.get("/v1/chain/state-hash", auditor);
      await stage.firm();
      const after = await stage.get("/v1/chain/state-hash", auditor);

      expect(again.body).toEqual(before.body);
      expect(after.body.stateHash).not.toBe(before.body.stateHash);
      expect((await stage.get("/v1/chain/state-hash")).status).toBe(401);
    });
  });

  it("keeps the reconciliation to those who oversee the ledger", async () => {
    expect((await stage.post("/v1/reconciliation")).status).toBe(401);
    expect((await stage.get("/v1/reconciliation", auditor)).status).toBe(404);
  });
});
