import { Wallet } from "ethers";
import { describe, expect, it } from "vitest";

import { decodeSignedTransaction } from "../../../../src/chain/embedded-node/signed-transaction.js";

const wallet = new Wallet(`0x${"5a".repeat(32)}`);
const COMMON = {
  chainId: 84_511,
  nonce: 300,
  gasLimit: 100_000,
  value: 5,
  data: "0x00ff00",
  to: `0x${"22".repeat(20)}`,
};
const ACCESS_LIST = [{ address: `0x${"33".repeat(20)}`, storageKeys: [`0x${"01".repeat(32)}`] }];

describe("a signed transaction", () => {
  it.each([
    ["legacy", { ...COMMON, type: 0, gasPrice: 2 }, 21_000n + 24n],
    ["with an access list", { ...COMMON, type: 1, gasPrice: 2, accessList: ACCESS_LIST }, 21_000n + 24n + 4_300n],
    ["with a dynamic fee", { ...COMMON, type: 2, maxFeePerGas: 2, maxPriorityFeePerGas: 1 }, 21_000n + 24n],
    ["that creates", { ...COMMON, to: null, type: 2, maxFeePerGas: 2, maxPriorityFeePerGas: 0 }, 53_000n + 24n + 2n],
  ])("should be decoded to what was signed: %s", async (_, request, intrinsicGas) => {
    expect(decodeSignedTransaction(await wallet.signTransaction(request))).toMatchObject({
      sender: wallet.address.toLowerCase(),
      nonce: 300n,
      chainId: 84_511n,
      gasLimit: 100_000n,
      maxCost: 200_005n,
      intrinsicGas,
    });
  });

  it("should have zero fields and many nonces decoded alike", async () => {
    for (const nonce of [0, 1, 127, 128, 255, 256, 65_536]) {
      const raw = await wallet.signTransaction({ chainId: 1, nonce, gasLimit: 21_000, gasPrice: 0, type: 0 });
      expect(decodeSignedTransaction(raw)).toMatchObject({
        sender: wallet.address.toLowerCase(),
        nonce: BigInt(nonce),
      });
    }
  });

  it("should be refused without a chain id, with a blob type, and above the size limit", async () => {
    const unprotected = await wallet.signTransaction({ nonce: 0, gasLimit: 21_000, gasPrice: 0, type: 0 });
    expect(() => decodeSignedTransaction(unprotected)).toThrow(/chain id/);
    expect(() => decodeSignedTransaction("0x03c0")).toThrow(/type 3/);
    expect(() => decodeSignedTransaction(`0x02${"00".repeat(131_072)}`)).toThrow(/131072 bytes/);
  });
});
