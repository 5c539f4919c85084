import { Wallet } from "ethers";
import { beforeAll, describe, expect, it } from "vitest";

import type { IntentKind } from "../../../src/chain/event-types.js";
import { signedIntentItem } from "../../../src/chain/intent-payload.js";
import {
  hashIntent,
  intentDomain,
  signIntent,
  type IntentByKind,
  type IntentDomain,
} from "../../../src/chain/intents.js";
import { createNonceSource } from "../../../src/chain/nonces.js";
import { FAR_DEADLINE } from "../../support/intents.js";
import { deployTestLedger, type TestLedger } from "../../support/ledger.js";
import { sampleCancellation, sampleRetirement } from "../../support/retirements.js";
import { eventsOf, expectRevert } from "../../support/revert.js";

const BATCH_TONNES = 100_000n;
const GAS_PER_INTENT = 300_000n;

describe("Intents on the whole ledger", () => {
  const holder = new Wallet(Wallet.createRandom().privateKey);
  const nextNonce = createNonceSource();
  let ledger: TestLedger;
  let domain: IntentDomain;
  let receiver: string;
  let batchId: bigint;

  beforeAll(async () => {
    ledger = await deployTestLedger();
    domain = intentDomain(ledger.chainId, ledger.addresses.Intents);
    receiver = ledger.firms[0]?.address ?? "";
    await ledger.admit(null, holder.address);
    await ledger.admit(null, receiver);
    batchId = await ledger.issueBatch({ recipient: holder.address, tonnes: BATCH_TONNES });
  });

  const common = () => ({ account: holder.address, nonce: nextNonce(), deadline: FAR_DEADLINE });
  const transfer = (tonnes: bigint) => ({ ...common(), to: receiver, batchId, tonnes, blocks: [] });
  const sign = <K extends IntentKind>(kind: K, intent: IntentByKind[K]) => signIntent(holder, kind, intent, domain);

  it("should transfer, retire and cancel what the holder signed, in one transaction", async () => {
    const moved = transfer(10n);
    const retired = { ...common(), order: sampleRetirement({ batchId, tonnes: 20n }) };
    const cancelled = { ...common(), order: sampleCancellation({ batchId, tonnes: 30n }) };
    const items = [
      signedIntentItem("transfer", moved, await sign("transfer", moved)),
      signedIntentItem("retirement", retired, await sign("retirement", retired)),
      signedIntentItem("cancellation", cancelled, await sign("cancellation", cancelled)),
    ];
    const transaction = await ledger.intents.executeBatch(items, GAS_PER_INTENT);

    const hashes = eventsOf(await transaction.wait(), ledger.intents).map(({ args }) => args[0]);
    expect(hashes).toEqual([
      hashIntent("transfer", moved, domain),
      hashIntent("retirement", retired, domain),
      hashIntent("cancellation", cancelled, domain),
    ]);
    expect(await ledger.units.balanceOf(receiver, batchId)).toBe(10n);
    const totals = await ledger.units.totals(batchId);
    expect([...totals]).toEqual([BATCH_TONNES, BATCH_TONNES - 50n, 20n, 30n]);
    expect(await ledger.retirements.ownerOf(1n)).toBe(holder.address);
    expect(await ledger.retirements.cancellationCount()).toBe(1n);
  });

  it("should transfer between contract wallets", async () => {
    const wallet = await ledger.ethers.deployContract("WalletMock", [holder.address]);
    await ledger.admit(null, wallet);
    const fund = { ...transfer(100n), to: await wallet.getAddress() };
    await ledger.intents.executeTransfer(fund, await sign("transfer", fund));

    const back = { ...transfer(40n), account: await wallet.getAddress() };
    await ledger.intents.executeTransfer(back, await sign("transfer", back));

    expect(await ledger.units.balanceOf(wallet, batchId)).toBe(60n);
  });

  it("should refuse the act of a suspended firm, and leave its units where they are", async () => {
    const firm = new Wallet(Wallet.createRandom().privateKey);
    const participantId = await ledger.admit(null, firm.address);
    const fund = { ...transfer(5n), to: firm.address };
    await ledger.intents.executeTransfer(fund, await sign("transfer", fund));
    const compliance = ledger.participants.connect(ledger.parts.compliance1);
    await compliance.suspend(participantId, `0x${"11".repeat(32)}`);

    const order = sampleRetirement({ batchId, tonnes: 5n });
    const intent = { account: firm.address, order, nonce: nextNonce(), deadline: FAR_DEADLINE };
    const signature = await signIntent(firm, "retirement", intent, domain);

    const attempt = ledger.intents.executeRetirement(intent, signature);
    await expectRevert(attempt, ledger.retirements, "RetirementsAccountNotActive", [firm.address]);
    expect(await ledger.units.balanceOf(firm, batchId)).toBe(5n);
  });
});
