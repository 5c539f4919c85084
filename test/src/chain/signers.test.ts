import { Transaction, Wallet, id, recoverAddress } from "ethers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { KeystorePasswordError, SignerUnknownError, createSigners, localSigner } from "../../../src/chain/signers.js";
import { testDatabase, type TestDatabase } from "../../support/database.js";

const SCRYPT = { scryptN: 2 };

describe("Managed signers", () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await testDatabase();
  });
  afterAll(() => database.close());
  const open = (password = "correct horse") => createSigners({ db: database.db, password, ...SCRYPT });

  it("should keep a key encrypted, and sign with it after a restart", async () => {
    const address = await open().createManagedAccount({ participantId: 7 });

    const signer = await open().signerOf(address.toLowerCase());

    const digest = id("an intent");
    expect(recoverAddress(digest, await signer.signDigest(digest))).toBe(address);
    const row = await database.db
      .selectFrom("keystores")
      .selectAll()
      .where("address", "=", address)
      .executeTakeFirstOrThrow();
    expect(row.participant_id).toBe(7);
    expect(JSON.parse(row.json)).toMatchObject({ version: 3, Crypto: { kdf: "scrypt" } });
    expect((await Wallet.fromEncryptedJson(row.json, "correct horse")).address).toBe(address);
  });

  it("should import a key that exists already, and keep its owner up to date", async () => {
    const { privateKey, address } = Wallet.createRandom();
    expect(await open().createManagedAccount({ role: "registrar" }, privateKey)).toBe(address);
    expect(await open().createManagedAccount({ role: "guardian" }, privateKey)).toBe(address);
    expect(await open().has(address)).toBe(true);
    const rows = await database.db.selectFrom("keystores").select("role").where("address", "=", address).execute();
    expect(rows).toEqual([{ role: "guardian" }]);
  });

  it("given a wrong password, it should name the account and the setting", async () => {
    const address = await open().createManagedAccount({});
    const refused = open("wrong").signerOf(address);
    await expect(refused).rejects.toThrow(KeystorePasswordError);
    await expect(refused).rejects.toThrow(address);
  });

  it("given an address without a keystore, it should say so, and find it once it is there", async () => {
    const signers = open();
    const { privateKey, address } = Wallet.createRandom();
    await expect(signers.signerOf(address)).rejects.toThrow(SignerUnknownError);
    await signers.createManagedAccount({}, privateKey);
    expect((await signers.signerOf(address)).address).toBe(address);
  });
});

describe("A local signer", () => {
  const wallet = Wallet.createRandom();
  const signer = localSigner(wallet.privateKey);
  const call = { chainId: 84_511n, nonce: 3, to: wallet.address, data: "0x1234", gasLimit: 50_000n };

  it("should sign legacy transactions that are bound to the chain", async () => {
    const { raw, hash } = await signer.signTransaction({ ...call, gasPrice: 0n });
    const transaction = Transaction.from(raw);
    expect(transaction).toMatchObject({
      type: 0,
      from: wallet.address,
      chainId: 84_511n,
      gasPrice: 0n,
      hash,
      nonce: 3,
    });
  });

  it("should sign transactions with a base fee", async () => {
    const { raw } = await signer.signTransaction({ ...call, maxFeePerGas: 7n, maxPriorityFeePerGas: 1n });
    expect(Transaction.from(raw)).toMatchObject({
      type: 2,
      from: wallet.address,
      maxFeePerGas: 7n,
      maxPriorityFeePerGas: 1n,
    });
  });
});
