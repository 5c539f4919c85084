import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { id, ZeroHash } from "ethers";

import { auditChainOf } from "../../src/audit/chain.js";
import { audit, type AuditOptions } from "../../src/audit/engine.js";
import { encodeCode } from "../../src/chain/codes.js";
import { createConnection } from "../../src/chain/connection.js";
import { eventSources, firstBlockOf } from "../../src/chain/manifest.js";
import type { RetirementOrder } from "../../src/chain/intents.js";
import { ConjuringUnits__factory } from "../../types/ethers-contracts/factories/test/ConjuringUnits__factory.js";
import { DoublingUnits__factory } from "../../types/ethers-contracts/factories/test/DoublingUnits__factory.js";
import { deployExchange, type ExchangeStage } from "./exchange.js";
import { startFaultyNode } from "./faulty-node.js";

/** What stands between the audit and the chain: takes a request and what would answer it. */
export type Interceptor = (
  method: string,
  params: readonly unknown[],
  next: () => Promise<unknown>,
) => Promise<unknown>;

/** A ledger with firms in trading, behind a node that an audit can ask. */
export async function startAuditStage() {
  const ledger = await deployExchange();
  let interceptor: Interceptor = async (_method, _params, next) => await next();
  const send = (method: string, params: readonly unknown[]) => ledger.ethers.provider.send(method, [...params]);
  const node = await startFaultyNode((method, params) => interceptor(method, params, () => send(method, params)), 0);
  const connection = createConnection({ urls: [node.url], timeoutMs: 20_000 });
  const contracts = eventSources(ledger.manifest);
  const directories: string[] = [];

  async function directory(): Promise<string> {
    const made = await mkdtemp(join(tmpdir(), "audit-"));
    directories.push(made);
    return made;
  }

  /** Puts another contract's code where the units' is. The storage stays. */
  async function replaceUnits(code: string): Promise<void> {
    await ledger.ethers.provider.send("hardhat_setCode", [contracts.Units, code]);
  }
  const { AccessManager, Participants, Registry, Retirements, Intents, Exchange } = contracts;
  const parts = [AccessManager, Participants, Registry, Retirements, Intents, Exchange] as const;

  return {
    ...ledger,
    node,
    contracts,
    directory,

    /** Sets what stands between the audit and the chain. */
    intercept(next: Interceptor): void {
      interceptor = next;
    },

    async run(differences: Partial<AuditOptions> = {}) {
      const chain = auditChainOf(connection, contracts);
      const fromBlock = BigInt(firstBlockOf(ledger.manifest));
      return await audit({ chain, contracts, fromBlock, stateDir: await directory(), ...differences });
    },

    async conjuring() {
      const made = await new ConjuringUnits__factory(ledger.parts.admin).deploy(...parts);
      await replaceUnits(await ledger.ethers.provider.getCode(made));
      return ConjuringUnits__factory.connect(contracts.Units, ledger.parts.admin);
    },

    async doubling() {
      const made = await new DoublingUnits__factory(ledger.parts.admin).deploy(...parts);
      await replaceUnits(await ledger.ethers.provider.getCode(made));
      return DoublingUnits__factory.connect(contracts.Units, ledger.parts.admin);
    },

    async close(): Promise<void> {
      connection.close();
      await node.close();
      await Promise.all(directories.map((path) => rm(path, { recursive: true, force: true })));
    },
  };
}

export type AuditStage = Awaited<ReturnType<typeof startAuditStage>>;

/** A retirement of any serials. */
export function retirementOf(batchId: bigint, tonnes: bigint): RetirementOrder {
  return {
    batchId,
    tonnes,
    blocks: [],
    beneficiary: "Cảng Đà Nẵng",
    beneficiaryId: "0400101972",
    beneficiaryCommitment: ZeroHash,
    purpose: 0,
    reason: "2025 footprint",
    details: "",
    consumptionCountry: "0x564e",
    consumptionPeriodStart: 20_089,
    consumptionPeriodEnd: 20_453,
  };
}

/** Every kind of act that the audit reads, once at least: units, money, trades, withdrawals, records, freezes, recoveries, imports. */
export async function playEverything(stage: ExchangeStage): Promise<void> {
  const { alice, bob, carol, units, retirements, cash, exchange, parts, batchId, unlisted } = stage;
  const foreignBlock = { programme: encodeCode("VCS"), series: encodeCode("13488"), start: 5_001n, end: 5_725n };
  await stage.issueBatch({ code: "VN-IMPORT", tonnes: 725, vintage: 2023, recipient: alice, foreignBlock });

  await units.connect(alice).transfer(alice, bob, batchId, 30, [{ start: 35_001, end: 35_030 }]);
  await units.connect(alice).safeBatchTransferFrom(alice, carol, [batchId, unlisted], [7, 8], "0x");
  await retirements.connect(alice).retire(alice, retirementOf(batchId, 40n));
  await retirements.connect(carol).retire(carol, retirementOf(unlisted, 3n));
  await retirements.connect(bob).cancel(bob, { batchId, tonnes: 5, blocks: [], reason: 2, details: "moved" });
  await units.setFrozenTokens(bob, batchId, 1_000_000n);
  await units.setFrozenTokens(stage.stranger, 12_345n, 1n);
  await units.connect(parts.enforcement).forcedTransfer(bob, alice, batchId, 3);

  await exchange.connect(parts.admin).setFeeAccount(carol);
  const [buy, sell] = [await stage.buy(bob, { tonnes: 150n }), await stage.sell(alice, { tonnes: 100n })];
  await stage.settle(stage.matchOf(buy, sell));
  await exchange.connect(parts.operator).settleDeals([await stage.signedDeal(alice, bob, { nonce: 9n })]);
  await exchange.connect(carol).requestWithdrawal(carol, batchId, 500);
  await exchange.connect(parts.operator).serveWithdrawals([{ account: carol, batchId }]);
  await exchange.connect(bob).requestCashWithdrawal(bob, 1_000n);
  await exchange.connect(parts.operator).serveWithdrawals([{ account: bob, batchId: 0n }]);
  await exchange.connect(bob).requestWithdrawal(bob, batchId, 50);
  await exchange.connect(alice).requestWithdrawal(alice, batchId, 20);
  await exchange.connect(alice).cancelWithdrawal(batchId);

  await stage.fundCash(carol.address, 9_000n);
  await cash.connect(carol).transfer(bob, 2_000n);
  await cash.connect(bob).requestRedemption(bob, 1_500n, id("an account"));
  await cash.payRedemption(1n, id("payment"));
}
