import { id, Wallet } from "ethers";
import hre from "hardhat";
import { describe, expect, it } from "vitest";

import { LibrariesHarness__factory } from "../../../types/ethers-contracts/factories/test/LibrariesHarness__factory.js";
import { WalletMock__factory } from "../../../types/ethers-contracts/factories/test/WalletMock__factory.js";

const { ethers, provider } = await hre.network.create();
const [signer] = await ethers.getSigners();
const harness = await new LibrariesHarness__factory(signer!).deploy();

const HASH = id("what was signed");
/** `WalletMock.Manner`. */
const MANNER = { proper: 0, denying: 4 };

const key = new Wallet(id("a key"));
const otherKey = new Wallet(id("another key"));
const signedBy = ({ signingKey }: Wallet) => signingKey.sign(HASH).serialized;
const isValid = async (account: string, signature: string, hash = HASH) =>
  await harness.isValidSignature(account, hash, signature);

describe("Signatures", () => {
  describe("given a key holder", () => {
    it("should accept the key's signature", async () => {
      expect(await isValid(key.address, signedBy(key))).toBe(true);
    });

    it.each([
      ["another key's", signedBy(otherKey)],
      ["an empty one", "0x"],
      ["one of 64 bytes", key.signingKey.sign(HASH).compactSerialized],
      ["one that is too long", `${signedBy(key)}00`],
    ])("should refuse %s", async (_, signature) => {
      expect(await isValid(key.address, signature)).toBe(false);
    });

    it("should refuse a signature of something else", async () => {
      expect(await isValid(key.address, signedBy(key), id("another thing"))).toBe(false);
    });
  });

  describe("given the zero address", () => {
    it("should refuse what recovers to nobody", async () => {
      expect(await isValid(`0x${"00".repeat(20)}`, `0x${"00".repeat(64)}1b`)).toBe(false);
    });
  });

  describe("given a contract wallet (ERC-1271)", () => {
    const deployWallet = async () => await new WalletMock__factory(signer!).deploy(key.address);

    it("should accept what the wallet accepts", async () => {
      const wallet = await deployWallet();
      expect(await isValid(await wallet.getAddress(), signedBy(key))).toBe(true);
    });

    it("should refuse what the wallet refuses", async () => {
      const wallet = await deployWallet();
      expect(await isValid(await wallet.getAddress(), signedBy(otherKey))).toBe(false);

      await wallet.setManners(MANNER.denying, MANNER.proper);
      expect(await isValid(await wallet.getAddress(), signedBy(key))).toBe(false);
    });

    it("should refuse a contract that is no wallet", async () => {
      expect(await isValid(await harness.getAddress(), signedBy(key))).toBe(false);
    });
  });

  describe("given a key holder who delegated to code (EIP-7702)", () => {
    it("should accept the key, and ask the code about any other signature", async () => {
      const wallet = await new WalletMock__factory(signer!).deploy(otherKey.address);
      await provider.request({
        method: "hardhat_setCode",
        params: [key.address, await ethers.provider.getCode(wallet)],
      });

      expect(await isValid(key.address, signedBy(key))).toBe(true);
      expect(await isValid(key.address, signedBy(otherKey))).toBe(true);
      expect(await isValid(key.address, signedBy(new Wallet(id("a third key"))))).toBe(false);
    });
  });
});
