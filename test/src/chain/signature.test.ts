import { randomBytes } from "node:crypto";

import { getBytes, hexlify, Signature, SigningKey, toBeHex, Wallet } from "ethers";
import { describe, expect, it } from "vitest";

import { addressOfKey, recoverSigner, signDigest } from "../../../src/chain/signature.js";

const GROUP_ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
const digest = `0x${"5a".repeat(32)}`;
const key = new SigningKey(`0x${"11".repeat(32)}`);
const signer = new Wallet(key).address;
const { r, s, v, serialized, yParity, compactSerialized } = key.sign(digest);
const word = (value: bigint) => toBeHex(value, 32).slice(2);

describe("recoverSigner", () => {
  it("should recover whatever ethers signs", () => {
    for (let i = 0; i < 100; i++) {
      const privateKey = hexlify(randomBytes(32));
      const some = hexlify(randomBytes(32));
      const signature = new SigningKey(privateKey).sign(some).serialized;
      expect(recoverSigner(some, signature)).toBe(new Wallet(privateKey).address);
    }
  });

  it("should recover another signer from another digest", () => {
    expect(recoverSigner(digest, serialized)).toBe(signer);
    expect(recoverSigner(`0x${"5b".repeat(32)}`, serialized)).not.toBe(signer);
  });

  it("should read hex of either case", () => {
    expect(recoverSigner(`0x${"5A".repeat(32)}`, `0x${serialized.slice(2).toUpperCase()}`)).toBe(signer);
  });

  it("should refuse the twin with a high s, and take the greatest low s as a number", () => {
    const twin = `${r}${word(GROUP_ORDER - BigInt(s))}${v === 27 ? "1c" : "1b"}`;
    expect(recoverSigner(digest, twin)).toBe(null);
    const half = GROUP_ORDER / 2n;
    expect(recoverSigner(digest, `${r}${word(half)}1b`)).not.toBe(null);
    expect(recoverSigner(digest, `${r}${word(half + 1n)}1b`)).toBe(null);
  });

  it.each([
    ["the 64-byte form", compactSerialized],
    ["nothing", "0x"],
    ["no prefix", serialized.slice(2)],
    ["a byte too many", `${serialized}00`],
    ["v as a parity", `${serialized.slice(0, 130)}0${yParity}`],
    ["v of 29", `${serialized.slice(0, 130)}1d`],
    ["v of 37 (a chain's)", `${serialized.slice(0, 130)}25`],
    ["r of zero", `0x${word(0n)}${s.slice(2)}1b`],
    ["s of zero", `${r}${word(0n)}1b`],
    ["r of the group order", `0x${word(GROUP_ORDER)}${s.slice(2)}1b`],
    ["r that is no point", `0x${word(5n)}${s.slice(2)}1b`],
    ["a letter", `${serialized.slice(0, -1)}g`],
  ])("should refuse %s", (_, signature) => {
    expect(recoverSigner(digest, signature)).toBe(null);
  });

  it.each(["0x", digest.slice(0, -2), `${digest}00`, digest.slice(2)])("should refuse the digest %j", (bad) => {
    expect(recoverSigner(bad, serialized)).toBe(null);
  });
});

describe("signDigest and addressOfKey", () => {
  it("should sign as ethers does", () => {
    for (let i = 0; i < 50; i++) {
      const privateKey = randomBytes(32);
      const some = hexlify(randomBytes(32));
      const signature = signDigest(some, privateKey);

      expect(signature).toBe(new SigningKey(privateKey).sign(some).serialized);
      expect(Signature.from(signature).isValid()).toBe(true);
      expect(addressOfKey(privateKey)).toBe(new Wallet(hexlify(privateKey)).address);
    }
  });

  it("should refuse what is not a digest, or not a key", () => {
    expect(() => signDigest("0x12", getBytes(key.privateKey))).toThrow(RangeError);
    expect(() => signDigest(digest, new Uint8Array(32))).toThrow();
  });
});
