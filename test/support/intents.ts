import hre from "hardhat";
import { id, Wallet, ZeroHash } from "ethers";

import { batchIdOf } from "../../src/chain/codes.js";
import type { IntentKind } from "../../src/chain/event-types.js";
import { intentDomain, signIntent, type IntentByKind } from "../../src/chain/intents.js";
import { signedIntentItem, type SignedIntentItem } from "../../src/chain/intent-payload.js";
import type { WalletMock } from "../../types/ethers-contracts/test/WalletMock.js";

/** Manners of `WalletMock`. */
export const MANNER = { proper: 0, reverting: 1, burningGas: 2, bombing: 3, denying: 4, calling: 5 } as const;

export const BATCH_ID = batchIdOf("VN-2026.1");
/** Amount, or nonce of an order, that the mocks refuse. */
export const REFUSED_TONNES = 13n;
export const FAR_DEADLINE = 1n << 40n;
export const EXECUTE = {
  transfer: "executeTransfer",
  retirement: "executeRetirement",
  cancellation: "executeCancellation",
  revocation: "executeRevocation",
  "cash-transfer": "executeCashTransfer",
  redemption: "executeRedemption",
  "exchange-withdrawal": "executeExchangeWithdrawal",
  "order-cancellation": "executeOrderCancellation",
  "mass-cancellation": "executeMassCancellation",
} as const satisfies Record<IntentKind, string>;
export const HASH = {
  transfer: "hashTransfer",
  retirement: "hashRetirement",
  cancellation: "hashCancellation",
  revocation: "hashRevocation",
  "cash-transfer": "hashCashTransfer",
  redemption: "hashRedemption",
  "exchange-withdrawal": "hashExchangeWithdrawal",
  "order-cancellation": "hashOrderCancellation",
  "mass-cancellation": "hashMassCancellation",
} as const satisfies Record<IntentKind, string>;

/** `Intents` before neighbours that only say what they were asked. The holder has a key and no ether. */
export async function deployIntents() {
  const { ethers } = await hre.network.create();
  const [relayer, stranger] = await ethers.getSigners();
  if (relayer === undefined || stranger === undefined) throw new Error("No signers");

  const units = await ethers.deployContract("UnitsMock");
  const retirements = await ethers.deployContract("RetirementsMock");
  const cash = await ethers.deployContract("SettlementCashMock");
  const exchange = await ethers.deployContract("ExchangeMock");
  const intents = await ethers.deployContract(
    "Intents",
    [units, retirements, cash, exchange].map(({ target }) => target),
  );
  const { chainId } = await ethers.provider.getNetwork();

  return {
    ethers,
    units,
    retirements,
    cash,
    exchange,
    intents,
    relayer,
    stranger,
    holder: new Wallet(Wallet.createRandom().privateKey),
    domain: intentDomain(chainId, await intents.getAddress()),
    chainId,
  };
}
export type IntentsFixture = Awaited<ReturnType<typeof deployIntents>>;

/** A contract wallet that the holder's key signs for. */
export async function deployWallet(fixture: IntentsFixture, owner = fixture.holder.address): Promise<WalletMock> {
  return fixture.ethers.deployContract("WalletMock", [owner]);
}

let lastNonce = 0n;

/** An intent of each kind that is good in every way, with a new nonce. */
export function sampleIntents(account: string, to: string): IntentByKind {
  lastNonce += 1n;
  const common = { account, nonce: lastNonce, deadline: FAR_DEADLINE };
  const blocks = [
    { start: 1n, end: 3n },
    { start: 7n, end: 8n },
  ];
  return {
    transfer: { ...common, to, batchId: BATCH_ID, tonnes: 5n, blocks },
    retirement: {
      ...common,
      order: {
        batchId: BATCH_ID,
        tonnes: 5n,
        blocks,
        beneficiary: "Cảng Đà Nẵng",
        beneficiaryId: "0400101972",
        beneficiaryCommitment: ZeroHash,
        purpose: 0,
        reason: "Scope 1 of 2025",
        details: "Statement 12",
        consumptionCountry: "0x564e",
        consumptionPeriodStart: 20_089,
        consumptionPeriodEnd: 20_453,
      },
    },
    cancellation: {
      ...common,
      order: { batchId: BATCH_ID, tonnes: 5n, blocks, reason: 1, details: "Measured twice" },
    },
    revocation: { ...common, revokedNonce: (1n << 200n) + lastNonce },
    "cash-transfer": { ...common, to, amount: 5n },
    redemption: { ...common, amount: 5n, payoutHash: id("a bank account") },
    "exchange-withdrawal": { ...common, batchId: BATCH_ID, amount: 5n },
    "order-cancellation": { ...common, batchId: BATCH_ID, orderNonce: 5n },
    "mass-cancellation": { ...common, beforeNonce: 5n },
  };
}

export function sampleIntent<K extends IntentKind>(fixture: IntentsFixture, kind: K): IntentByKind[K] {
  return sampleIntents(fixture.holder.address, fixture.stranger.address)[kind];
}

/** An item for a batch: a transfer by the holder (or by a wallet that the holder signs for). */
export async function transferItem(
  fixture: IntentsFixture,
  changes: Partial<IntentByKind["transfer"]> = {},
): Promise<SignedIntentItem> {
  const intent = { ...sampleIntent(fixture, "transfer"), ...changes };
  return signedIntentItem("transfer", intent, await signIntent(fixture.holder, "transfer", intent, fixture.domain));
}
