import { ZeroAddress } from "ethers";
import { beforeEach, describe, expect, it } from "vitest";

import { deployExchange, START_CASH, START_TONNES } from "../../support/exchange.js";

const stage = await deployExchange();
const { alice, bob, batchId, unlisted, exchange, units, cash, expectError } = stage;

beforeEach(() => stage.reset());

const said = async (...sent: Parameters<typeof stage.emitted>) =>
  (await stage.emitted(...sent)).map(({ name, args }) => [name, ...args]);

describe("A deposit of units", () => {
  it("should be credited to who sent them, be it a batch that is not listed", async () => {
    const events = await said(units.connect(alice).transfer(alice, exchange, unlisted, 40, []));

    expect(events).toEqual([["UnitsDeposited", alice.address, unlisted, 40n]]);
    expect([...(await exchange.unitPosition(alice, unlisted))]).toEqual([40n, 0n, 0n]);
    expect(await exchange.owedTonnes(unlisted)).toBe(40n);
    expect(await units.balanceOf(exchange, unlisted)).toBe(40n);
  });

  it("should be credited to the owner, not to the operator who sent them", async () => {
    await units.connect(alice).setApprovalForAll(bob, true);

    await units.connect(bob).safeTransferFrom(alice, exchange, unlisted, 40, "0x");

    expect((await exchange.unitPosition(alice, unlisted)).tonnes).toBe(40n);
  });

  it("should be credited for each of several batches", async () => {
    const sent = units.connect(alice).safeBatchTransferFrom(alice, exchange, [unlisted, batchId], [40, 5], "0x");

    expect(await said(sent)).toEqual([
      ["UnitsDeposited", alice.address, unlisted, 40n],
      ["UnitsDeposited", alice.address, batchId, 5n],
    ]);
    expect((await exchange.unitPosition(alice, batchId)).tonnes).toBe(START_TONNES + 5n);
  });
});

describe("onERC1155Received and onERC1155BatchReceived", () => {
  it("should believe nobody but the units", async () => {
    const asAlice = exchange.connect(alice);
    const evidence = [alice.address, bob.address];

    const one = asAlice.onERC1155Received(alice, bob, batchId, 1, "0x");
    await expectError(one, "ExchangeCallerNotAllowed", evidence);
    const many = asAlice.onERC1155BatchReceived(alice, bob, [batchId], [1], "0x");
    await expectError(many, "ExchangeCallerNotAllowed", evidence);
  });

  it("should not take units that nobody sent", async () => {
    const asUnits = exchange.connect(await stage.asUnits());

    const issued = asUnits.onERC1155Received.staticCall(alice, ZeroAddress, batchId, 1, "0x");

    await expectError(issued, "ExchangeCallerNotAllowed", [units.target, ZeroAddress]);
  });

  it("should never owe more of a batch than there can be", async () => {
    const asUnits = exchange.connect(await stage.asUnits());
    const rest = 2n ** 40n - 1n - 3n * START_TONNES;

    await asUnits.onERC1155Received.staticCall(alice, alice, batchId, rest, "0x");
    await expect(asUnits.onERC1155Received.staticCall(alice, alice, batchId, rest + 1n, "0x")).rejects.toThrow();
  });
});

describe("A deposit of cash", () => {
  it("should be credited to who sent it", async () => {
    await stage.fundCash(alice, 500n);

    expect(await said(cash.connect(alice).transfer(exchange, 500n))).toEqual([["CashDeposited", alice.address, 500n]]);
    expect([...(await exchange.cashPosition(alice))]).toEqual([START_CASH + 500n, 0n, 0n]);
    expect(await exchange.owedCash()).toBe(3n * START_CASH + 500n);
    expect(await cash.balanceOf(exchange)).toBe(3n * START_CASH + 500n);
  });

  it("should be credited to the owner, not to the spender who sent it", async () => {
    await stage.fundCash(alice, 500n);
    await cash.connect(alice).approve(bob, 500n);

    await cash.connect(bob).transferFrom(alice, exchange, 500n);

    expect((await exchange.cashPosition(alice)).amount).toBe(START_CASH + 500n);
  });
});

describe("onCashReceived", () => {
  it("should believe nobody but the cash contract", async () => {
    const attempt = exchange.connect(alice).onCashReceived(alice, 1);

    await expectError(attempt, "ExchangeCallerNotAllowed", [alice.address, alice.address]);
  });

  it("should never owe more than there can be of the currency", async () => {
    const asCash = exchange.connect(await stage.ethers.getImpersonatedSigner(cash.target as string));
    const rest = (await cash.MAX_SUPPLY()) - 3n * START_CASH;

    await asCash.onCashReceived.staticCall(alice, rest);
    await expect(asCash.onCashReceived.staticCall(alice, rest + 1n)).rejects.toThrow();
  });
});

describe("supportsInterface", () => {
  it("should know the receiver of units and itself", async () => {
    for (const known of ["0x4e2312e0", "0x01ffc9a7"]) expect(await exchange.supportsInterface(known)).toBe(true);
    for (const other of ["0xffffffff", "0xd9b67a26"]) expect(await exchange.supportsInterface(other)).toBe(false);
  });
});
