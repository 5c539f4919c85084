import { Wallet } from "ethers";
import { expect, it } from "vitest";

import { signedIntentItem } from "../../../src/chain/intent-payload.js";
import { intentDomain, signIntent } from "../../../src/chain/intents.js";
import { createNonceSource } from "../../../src/chain/nonces.js";
import { FAR_DEADLINE } from "../../support/intents.js";
import { deployTestLedger } from "../../support/ledger.js";
import { sampleRetirement } from "../../support/retirements.js";
import { eventsOf } from "../../support/revert.js";

const BATCH_TONNES = 100_000n;
const GAS_PER_INTENT = 300_000n;
const TRANSFER_CEILING = 75_000n;
const RETIREMENT_CEILING = 150_000n;

const ledger = await deployTestLedger();
const domain = intentDomain(ledger.chainId, ledger.addresses.Intents);

async function admitted(): Promise<Wallet> {
  const firm = new Wallet(Wallet.createRandom().privateKey);
  await ledger.admit(null, firm.address);
  return firm;
}

it("a transfer among fifty, each between firms of its own, should stay under its gas ceiling, also with the first nonce", async () => {
  const treasury = await ledger.ethers.getImpersonatedSigner((await admitted()).address);
  await ledger.parts.admin.sendTransaction({ to: treasury, value: 10n ** 18n });
  const batchId = await ledger.issueBatch({ recipient: treasury.address, tonnes: BATCH_TONNES });
  const items = [];
  for (let i = 0; i < 50; i++) {
    const [from, to] = [await admitted(), await admitted()];
    for (const firm of [from, to])
      await ledger.units.connect(treasury).transfer(treasury, firm.address, batchId, 100n, []);
    const intent = {
      account: from.address,
      to: to.address,
      batchId,
      tonnes: 7n,
      blocks: [],
      nonce: createNonceSource()(),
      deadline: FAR_DEADLINE,
    };
    items.push(signedIntentItem("transfer", intent, await signIntent(from, "transfer", intent, domain)));
  }

  const sent = await ledger.intents.executeBatch(items, GAS_PER_INTENT, { gasLimit: 16_000_000n });

  const receipt = await sent.wait();

  expect(eventsOf(receipt, ledger.intents).map(({ name }) => name)).toEqual(items.map(() => "IntentExecuted"));
  expect((receipt?.gasUsed ?? 0n) / 50n).toBeLessThan(TRANSFER_CEILING);
});

it("a retirement with its certificate should stay under its gas ceiling", async () => {
  const [firm] = ledger.firms;
  if (firm === undefined) throw new Error("No firm");
  await ledger.admit(null, firm.address);
  const batchId = await ledger.issueBatch({ recipient: firm.address, tonnes: BATCH_TONNES });
  const retirements = ledger.retirements.connect(firm);
  await retirements.retire(firm, sampleRetirement({ batchId }));

  const retired = await (await retirements.retire(firm, sampleRetirement({ batchId }))).wait();

  expect(retired?.gasUsed).toBeLessThan(RETIREMENT_CEILING);
});
