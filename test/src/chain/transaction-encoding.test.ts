import { Transaction, Wallet, hexlify, randomBytes } from "ethers";
import { describe, expect, it } from "vitest";

import { signDigest } from "../../../src/chain/signature.js";
import type { UnsignedTransaction } from "../../../src/chain/signers.js";
import { encodeSigned } from "../../../src/chain/transaction-encoding.js";

const { privateKey } = Wallet.createRandom();
const key = Buffer.from(privateKey.slice(2), "hex");
const to = Wallet.createRandom().address;

function expectAsEthers(unsigned: UnsignedTransaction): void {
  const signed = encodeSigned(unsigned, (digest) => signDigest(digest, key));

  const twin = Transaction.from({ ...unsigned, type: unsigned.gasPrice === undefined ? 2 : 0, value: 0n });
  twin.signature = signDigest(twin.unsignedHash, key);
  expect(signed).toEqual({ raw: twin.serialized, hash: twin.hash });
}

describe("Signed transactions", () => {
  const call = { chainId: 84_511n, nonce: 0, to, data: "0x", gasLimit: 21_000n };

  describe("given a legacy transaction", () => {
    it.each([0, 1, 55, 56, 255, 256, 70_000])(
      "with %i bytes of data, it should be the bytes that ethers makes",
      (length) => {
        expectAsEthers({ ...call, data: hexlify(randomBytes(length)), gasPrice: 0n });
      },
    );

    it.each([0, 1, 127, 128, 256, 2 ** 40])("with nonce %i, it should be the bytes that ethers makes", (nonce) => {
      expectAsEthers({ ...call, nonce, gasPrice: 1_000_000_007n });
    });

    it("should write r and s without their leading zeros", () => {
      // One in 128 signatures has one.
      for (let nonce = 0; nonce < 400; nonce += 1) expectAsEthers({ ...call, nonce, gasPrice: 0n });
    });
  });

  it("given fees of EIP-1559, it should be the bytes that ethers makes", () => {
    expectAsEthers({ ...call, data: "0x12", maxFeePerGas: 30_000_000_000n, maxPriorityFeePerGas: 0n });
    expectAsEthers({ ...call, nonce: 9, data: hexlify(randomBytes(300)), maxFeePerGas: 1n, maxPriorityFeePerGas: 1n });
  });

  it("given data that is not hex, it should refuse it", () => {
    expect(() => encodeSigned({ ...call, data: "0x1g", gasPrice: 0n }, () => "0x")).toThrow(RangeError);
  });
});
