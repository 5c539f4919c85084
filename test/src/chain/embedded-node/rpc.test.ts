import { afterAll, beforeAll, describe, expect, it } from "vitest";

import type { Connection } from "../../../../src/chain/connection.js";
import type { EmbeddedNode } from "../../../../src/chain/embedded-node/start.js";
import type { Harness } from "./support.js";
import { createHarness, createSender, deploySlotWriter, PILOT_CHAIN_ID, slotWord } from "./support.js";

let harness: Harness;
let node: EmbeddedNode;
let connection: Connection;
beforeAll(async () => {
  harness = await createHarness();
  ({ node, connection } = await harness.start());
});
afterAll(async () => {
  await harness.cleanUp();
});

async function post(body: string, contentType = "application/json"): Promise<{ status: number; answer: unknown }> {
  const response = await fetch(node.url, { method: "POST", headers: { "content-type": contentType }, body });
  return { status: response.status, answer: await response.json() };
}

describe("the embedded node's methods", () => {
  it.each([
    "evm_mine",
    "evm_increaseTime",
    "evm_setNextBlockTimestamp",
    "hardhat_setBalance",
    "hardhat_impersonateAccount",
    "anvil_setCode",
    "eth_sendTransaction",
    "eth_accounts",
    "eth_sign",
    "eth_newFilter",
    "debug_traceTransaction",
    "constructor",
  ])("should not offer %s", async (method) => {
    await expect(connection.request(method, [])).rejects.toMatchObject({ code: -32_601 });
  });

  it("should offer the chain id, free gas, and proofs", async () => {
    expect(await connection.chainId()).toBe(PILOT_CHAIN_ID);
    expect(await connection.request("eth_gasPrice", [])).toBe("0x0");
    expect((await connection.getProof(createSender(1).address, [], "latest")).nonce).toBe(0n);
  });

  it("should mine free transactions of accounts without money", async () => {
    const sender = createSender(11);
    const writer = await deploySlotWriter(connection, sender);
    const hash = await connection.sendRawTransaction(await sender.sign({ to: writer, data: slotWord(3), nonce: 1 }));

    expect(await connection.getReceipt(hash)).toMatchObject({ succeeded: true, from: sender.address });
    expect((await connection.getBlock("latest"))?.transactions).toEqual([hash]);
  });

  it("should put a reverted transaction into its block", async () => {
    const sender = createSender(12);
    const hash = await connection.sendRawTransaction(await sender.sign({ data: "0x60006000fd", nonce: 0 }));

    expect(await connection.getReceipt(hash)).toMatchObject({ succeeded: false });
  });

  it("should answer a reverting call with code 3 and its revert data", async () => {
    const data = "0x63deadbeef60e01b60005260046000fd";
    await expect(connection.call({ data })).rejects.toMatchObject({ code: 3, data: "0xdeadbeef" });
  });

  it("should answer calls in the present time, from nobody", async () => {
    const timestamp = BigInt(await connection.call({ data: "0x4260005260206000f3" }));
    const caller = BigInt(await connection.call({ data: "0x3360005260206000f3" }));

    expect(Number(timestamp)).toBeGreaterThan(Date.now() / 1000 - 60);
    expect(caller).toBe(0n);
  });
});

describe("a transaction that cannot run", () => {
  const refusals: [string, (sender: ReturnType<typeof createSender>) => Promise<string>, RegExp][] = [
    ["with a nonce gap", async (s) => await s.sign({ nonce: 5 }), /nonce too high/i],
    ["of another chain", async (s) => await s.sign({ nonce: 0, chainId: 1 }), /chain 1/],
    ["with too little gas", async (s) => await s.sign({ nonce: 0, gasLimit: 20_000 }), /intrinsic gas/i],
    ["with too much gas", async (s) => await s.sign({ nonce: 0, gasLimit: 30_000_001 }), /gas limit/i],
    ["that its sender cannot pay", async (s) => await s.sign({ nonce: 0, value: 1 }), /insufficient funds/i],
    [
      "that offers a fee without funds",
      async (s) => await s.sign({ nonce: 0, maxFeePerGas: 1 }),
      /insufficient funds/i,
    ],
    ["that is no transaction", () => Promise.resolve("0x02c0"), /not a signed transaction/i],
    ["that is cut short", async (s) => (await s.sign({ nonce: 0 })).slice(0, -2), /not a signed transaction/i],
    ["that is no hex", () => Promise.resolve("hello"), /not a signed transaction/i],
  ];

  it.each(refusals)("should be refused: %s", async (_, make, reason) => {
    const head = await connection.blockNumber();
    await expect(connection.sendRawTransaction(await make(createSender(21)))).rejects.toThrow(reason);
    expect(await connection.blockNumber()).toBe(head);
  });

  it("should be refused when it was mined before", async () => {
    const raw = await createSender(22).sign({ to: slotAddress, nonce: 0 });
    await connection.sendRawTransaction(raw);
    await expect(connection.sendRawTransaction(raw)).rejects.toThrow(/nonce too low/i);
  });
});

const slotAddress = `0x${"22".repeat(20)}`;

describe("the embedded node's HTTP interface", () => {
  it("should answer a batch in order, transactions included", async () => {
    const sender = createSender(31);
    const raws = await Promise.all([0, 1, 2].map(async (nonce) => await sender.sign({ to: slotAddress, nonce })));
    const batch = raws.map((raw, id) => ({ jsonrpc: "2.0", id, method: "eth_sendRawTransaction", params: [raw] }));

    const { answer } = await post(JSON.stringify([...batch, { jsonrpc: "2.0", id: 9, method: "evm_mine" }]));

    expect(answer).toMatchObject([{ id: 0 }, { id: 1 }, { id: 2 }, { id: 9, error: { code: -32_601 } }]);
    expect(await connection.getTransactionCount(sender.address)).toBe(3n);
  });

  it.each([
    ["text that is not JSON", "{", -32_700],
    ["an empty batch", "[]", -32_600],
    ["a batch that is too long", JSON.stringify(Array.from({ length: 1_001 }, () => ({}))), -32_600],
    ["a number", "7", -32_600],
    ["a request without a method", '{"id":1}', -32_600],
  ])("should refuse %s", async (_, body, code) => {
    expect((await post(body)).answer).toMatchObject({ error: { code } });
  });

  it("should refuse other content types, methods and bodies that are too large", async () => {
    expect((await post("{}", "text/plain")).status).toBe(415);
    expect((await fetch(node.url)).status).toBe(405);
    expect((await post(`"${"x".repeat(9 * 1024 * 1024)}"`)).status).toBe(413);
  });
});
