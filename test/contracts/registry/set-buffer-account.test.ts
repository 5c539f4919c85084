import { ZeroAddress, ZeroHash } from "ethers";
import { beforeEach, describe, expect, it } from "vitest";

import { CAPABILITIES, deployTestLedger } from "../../support/ledger.js";
import { expectEvents, expectRevert } from "../../support/reverts.js";

const ledger = await deployTestLedger();
const { participants, parts, firms } = ledger;
const registry = ledger.registry.connect(parts.admin);
const [keeper, trader, stranger] = firms.map(({ address }) => address) as [string, string, string];
await ledger.admit(null, keeper, CAPABILITIES.HOLD_BUFFER);
await ledger.admit(null, trader, CAPABILITIES.TRADE_CREDITS);
await ledger.checkpoint();

describe("Registry.setBufferAccount", () => {
  beforeEach(ledger.reset);

  it("sets where buffer shares go, and says so", async () => {
    expect(await registry.bufferAccount()).toBe(ZeroAddress);
    const sent = registry.setBufferAccount(keeper);
    await expectEvents(sent, registry, "BufferAccountChanged", [[ZeroAddress, keeper]]);
    expect(await registry.bufferAccount()).toBe(keeper);
  });

  it("refuses an account that may not keep the buffer", async () => {
    for (const account of [trader, stranger, ZeroAddress]) {
      await expectRevert(registry.setBufferAccount(account), registry, "RegistryBufferAccountInvalid", [account]);
    }
    await participants.connect(parts.compliance1).suspend(1, ZeroHash);
    await expectRevert(registry.setBufferAccount(keeper), registry, "RegistryBufferAccountInvalid", [keeper]);
  });

  it("refuses a caller who is not the admin", async () => {
    const act = ledger.registry.setBufferAccount(keeper);
    await expectRevert(act, registry, "AccessManagedUnauthorized", [parts.registrar1.address]);
  });
});
