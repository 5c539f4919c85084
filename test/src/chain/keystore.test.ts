import { Wallet } from "ethers";
import { describe, expect, it } from "vitest";

import {
  keystoreAddress,
  KeystoreError,
  openKeystore,
  sealKeystore,
  unsealKeystore,
} from "../../../src/chain/keystore.js";

const KEY = `0x${"11".repeat(32)}`;
const { address: ADDRESS } = new Wallet(KEY);
/** Cheap enough to be done often. */
const N = 2;

/** The two examples of the Web3 Secret Storage definition. */
const SECRET = "0x7a28b5ba57c53603b0b07b56bba752f7784bf506fa95edc395f5cf6c7514fe9d";
const PBKDF2 = {
  crypto: {
    cipher: "aes-128-ctr",
    cipherparams: { iv: "6087dab2f9fdbbfaddc31a909735c1e6" },
    ciphertext: "5318b4d5bcd28de64ee5559e671353e16f075ecae9f99c7a79a38af5f869aa46",
    kdf: "pbkdf2",
    kdfparams: {
      c: 262144,
      dklen: 32,
      prf: "hmac-sha256",
      salt: "ae3cd4e7013836a3df6bd7241b12db061dbe2c6785853cce422d148a624ce0bd",
    },
    mac: "517ead924a9d0dc3124507e3393d175ce3ff7c1e96529c6c555ce9e51205e9b2",
  },
  id: "3198bc9c-6672-5ab3-d995-4942343ae5b6",
  version: 3,
};
const SCRYPT = {
  crypto: {
    cipher: "aes-128-ctr",
    cipherparams: { iv: "83dbcc02d8ccb40e466191a123791e0e" },
    ciphertext: "d172bf743a674da9cdad04534d56926ef8358534d458fffccd4e6ad2fbde479c",
    kdf: "scrypt",
    kdfparams: {
      dklen: 32,
      n: 262144,
      p: 8,
      r: 1,
      salt: "ab0c7876052600dd703518d6fc3fe8984592145b591fc8fb5c6d43190334ba19",
    },
    mac: "2103ac29920d71da29f15d75b4a16dbe95cfd7ff8faea1056c33131d846e3097",
  },
  id: "3198bc9c-6672-5ab3-d995-4942343ae5b6",
  version: 3,
};

const faultOf = async (work: () => unknown): Promise<string> => {
  try {
    await work();
    return "none";
  } catch (error) {
    return error instanceof KeystoreError ? error.fault : String(error);
  }
};

describe("a keystore", () => {
  it("should open with its password, as what it was made of", async () => {
    const json = await sealKeystore(KEY, "Mật khẩu", N);
    expect(JSON.stringify(json)).not.toContain("1111111111");
    expect(keystoreAddress(json)).toBe(ADDRESS);
    expect(await unsealKeystore(json, "Mật khẩu")).toBe(KEY);
    expect((await openKeystore(json, "Mật khẩu")).address).toBe(ADDRESS);
  });

  it.each([
    ["PBKDF2", PBKDF2],
    ["scrypt", SCRYPT],
  ])("should be what the definition shows with %s", async (_name, file) => {
    const json = JSON.stringify(file);
    expect(await unsealKeystore(json, "testpassword")).toBe(SECRET);
    expect(keystoreAddress(json)).toBeNull();
  });

  it("given another password, or changed bytes of the key, it should not open", async () => {
    const json = await sealKeystore(KEY, "correct horse", N);
    expect(await faultOf(() => unsealKeystore(json, "Correct horse"))).toBe("wrong-password");
    const file = JSON.parse(json) as { Crypto: { ciphertext: string } };
    const { ciphertext } = file.Crypto;
    file.Crypto.ciphertext = `${ciphertext.startsWith("00") ? "01" : "00"}${ciphertext.slice(2)}`;
    expect(await faultOf(() => unsealKeystore(JSON.stringify(file), "correct horse"))).toBe("wrong-password");
  });

  it("given that it was cut off anywhere, it should say that it is damaged", async () => {
    const json = await sealKeystore(KEY, "correct horse", N);
    for (let end = 0; end < json.length; end += 7) {
      expect([end, await faultOf(() => unsealKeystore(json.slice(0, end), "correct horse"))]).toEqual([end, "damaged"]);
    }
  });

  it("given the address of another key, it should say that it is damaged", async () => {
    const json = await sealKeystore(KEY, "correct horse", N);
    const other = JSON.stringify({ ...(JSON.parse(json) as object), address: "22".repeat(20) });
    expect(await faultOf(() => unsealKeystore(other, "correct horse"))).toBe("damaged");
    const none = JSON.stringify({ ...(JSON.parse(json) as object), address: "nobody" });
    expect(await faultOf(() => keystoreAddress(none))).toBe("damaged");
  });

  it.each([
    ["another version", { ...SCRYPT, version: 1 }, "unsupported"],
    ["no version", { crypto: SCRYPT.crypto }, "unsupported"],
    ["nothing inside", { version: 3 }, "damaged"],
    ["a list", [], "damaged"],
    ["a key derivation of its own", { version: 3, crypto: { ...SCRYPT.crypto, kdf: "rot13" } }, "unsupported"],
    [
      "a key derivation that takes 128 GiB",
      { version: 3, crypto: { ...SCRYPT.crypto, kdfparams: { ...SCRYPT.crypto.kdfparams, n: 2 ** 27 } } },
      "unsupported",
    ],
    [
      "a key derivation that takes hours",
      { version: 3, crypto: { ...PBKDF2.crypto, kdfparams: { ...PBKDF2.crypto.kdfparams, c: 2 ** 40 } } },
      "unsupported",
    ],
    [
      "terms that are no numbers",
      { version: 3, crypto: { ...SCRYPT.crypto, kdfparams: { ...SCRYPT.crypto.kdfparams, n: "many" } } },
      "damaged",
    ],
  ])("given %s, it should be refused before its password is tried", async (_what, file, fault) => {
    expect(await faultOf(() => unsealKeystore(JSON.stringify(file), "testpassword"))).toBe(fault);
  });
});
