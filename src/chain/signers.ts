import { computeAddress, getAddress, getBytes } from "ethers";

import type { Db } from "../db/connection.js";
import { KeystoreError, newPrivateKey, sealKeystore, unsealKeystore } from "./keystore.js";
import { addressOfKey, signDigest } from "./signature.js";
import { encodeSigned } from "./transaction-encoding.js";

/** A transaction that wants a signature. Either `gasPrice` (legacy) or both fee fields (EIP-1559). Amounts in wei. */
export interface UnsignedTransaction {
  readonly chainId: bigint;
  readonly nonce: number;
  readonly to: string;
  readonly data: string;
  readonly gasLimit: bigint;
  readonly gasPrice?: bigint;
  readonly maxFeePerGas?: bigint;
  readonly maxPriorityFeePerGas?: bigint;
}

export interface SignedTransaction {
  readonly hash: string;
  /** The bytes to broadcast. */
  readonly raw: string;
}

/** Whoever can sign for an address: a key in memory, a keystore, a remote signer. */
export interface Signer {
  /** EIP-55. */
  readonly address: string;
  /** Signs a 32-byte digest. @returns 65 bytes r, s, v as hex. */
  signDigest(digest: string): Promise<string>;
  signTransaction(transaction: UnsignedTransaction): Promise<SignedTransaction>;
}

/** The service holds no key for this address. */
export class SignerUnknownError extends Error {
  readonly address: string;

  constructor(address: string) {
    super(`The service holds no key for ${address}`);
    this.name = "SignerUnknownError";
    this.address = address;
  }
}

/** The keystore of this address does not open with the configured password. */
export class KeystorePasswordError extends Error {
  readonly address: string;

  constructor(address: string) {
    super(`The keystore of ${address} does not open with the configured password (KEYSTORE_PASSWORD)`);
    this.name = "KeystorePasswordError";
    this.address = address;
  }
}

/** Who a managed account acts for. */
export interface ManagedAccountOwner {
  readonly participantId?: number | null;
  readonly role?: string | null;
}

export interface SignersOptions {
  readonly db: Db;
  /** Encrypts and opens every keystore. */
  readonly password: string;
  /** Cost of the key derivation: a power of two. 131072 is what wallets use; tests take less. */
  readonly scryptN?: number;
}

/** The managed keys of this service. Private keys leave it only as signatures. */
export interface Signers {
  /** @throws SignerUnknownError, KeystorePasswordError */
  signerOf(address: string): Promise<Signer>;
  has(address: string): Promise<boolean>;
  /** Makes a key, or takes the given one, and stores it encrypted. Storing a key again changes only its owner. @returns its address. */
  createManagedAccount(owner: ManagedAccountOwner, privateKey?: string): Promise<string>;
}

export function createSigners({ db, password, scryptN }: SignersOptions): Signers {
  const opened = new Map<string, Promise<Signer>>();

  async function open(address: string): Promise<Signer> {
    const row = await db.selectFrom("keystores").select("json").where("address", "=", address).executeTakeFirst();
    if (row === undefined) throw new SignerUnknownError(address);
    return localSigner(await decrypt(address, row.json, password));
  }

  return {
    signerOf(given) {
      const address = getAddress(given);
      const known = opened.get(address);
      if (known !== undefined) return known;
      const signer = open(address);
      opened.set(address, signer);
      // A failure is not remembered: the keystore may be imported, or the database come back, before the next call.
      signer.catch(() => opened.delete(address));
      return signer;
    },

    async has(address) {
      const query = db.selectFrom("keystores").select("address").where("address", "=", getAddress(address));
      return (await query.executeTakeFirst()) !== undefined;
    },

    async createManagedAccount(owner, privateKey = newPrivateKey()) {
      const address = computeAddress(privateKey);
      const json = await sealKeystore(privateKey, password, scryptN);
      const of = { participant_id: owner.participantId ?? null, role: owner.role ?? null };
      await db
        .insertInto("keystores")
        .values({ address, json, ...of })
        .onConflict((conflict) => conflict.column("address").doUpdateSet(of))
        .execute();
      return address;
    },
  };
}

/** A signer whose private key is in memory. */
export function localSigner(privateKey: string): Signer {
  const key = getBytes(privateKey);
  return {
    address: addressOfKey(key),
    signDigest: async (digest) => signDigest(digest, key),
    async signTransaction(unsigned) {
      return encodeSigned(unsigned, (digest) => signDigest(digest, key));
    },
  };
}

async function decrypt(address: string, json: string, password: string): Promise<string> {
  try {
    return await unsealKeystore(json, password);
  } catch (error) {
    if (error instanceof KeystoreError && error.fault === "wrong-password") throw new KeystorePasswordError(address);
    throw error;
  }
}
