import { scrypt as nodeScrypt } from "node:crypto";
import { scryptAsync } from "@noble/hashes/scrypt.js";
import { Wallet, decryptKeystoreJson, encryptKeystoreJson, getAddress, scrypt } from "ethers";

import type { TypedDataSigner } from "./intents.js";

/** Web3 Secret Storage, version 3: a private key in a JSON file, behind a password. What wallets and nodes read and write. */

/** Why a keystore does not open. */
export type KeystoreFault =
  | "wrong-password"
  /** Not JSON, cut off, a field is missing, or what came out is not the key that the file names. */
  | "damaged"
  /** A version, cipher or key derivation that is not known, or one that would cost more memory or time than a key is worth. */
  | "unsupported";

export class KeystoreError extends Error {
  readonly fault: KeystoreFault;

  constructor(fault: KeystoreFault, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "KeystoreError";
    this.fault = fault;
  }
}

/** A private key in memory. `address` is EIP-55. */
export interface OpenKeystore extends TypedDataSigner {
  readonly address: string;
}

/** What wallets use: about a third of a second, and 128 MiB. */
export const DEFAULT_SCRYPT_N = 131_072;
const SCRYPT_R = 8;
/** What Node counts besides the derivation's own table, in bytes. */
const SPARE_MEMORY = 1 << 20;
/** A stranger's file must not choose how much memory (bytes) or how many rounds it takes to open it. */
const MAX_SCRYPT_BYTES = 2 ** 30;
const MAX_PBKDF2_ROUNDS = 10_000_000;

// The key derivation of ethers is plain JavaScript and takes seconds; Node's own runs off the main thread, in a fraction of one. OpenSSL
// does not take a table that is large for its block size (as the example of the definition has it); then it is JavaScript after all.
scrypt.register(
  (password, salt, N, r, p, length) =>
    new Promise((resolve, reject) => {
      if (N >= 2 ** (16 * r)) {
        resolve(scryptAsync(password, salt, { N, r, p, dkLen: length, maxmem: MAX_SCRYPT_BYTES + SPARE_MEMORY }));
        return;
      }
      nodeScrypt(
        password,
        salt,
        length,
        { N, r, p, maxmem: 256 * N * r + 128 * r * p + SPARE_MEMORY },
        (error, key) => {
          if (error === null) resolve(key);
          else reject(error);
        },
      );
    }),
);

/** A new private key, 32 bytes of hex. */
export function newPrivateKey(): string {
  return Wallet.createRandom().privateKey;
}

/** The account of a private key (EIP-55), or undefined when it is none: 32 bytes of hex, with or without 0x. */
export function accountOf(privateKey: string): string | undefined {
  try {
    return new Wallet(privateKey).address;
  } catch {
    return undefined;
  }
}

/**
 * @param privateKey 32 bytes of hex.
 * @param scryptN Cost of the key derivation: a power of two.
 * @returns JSON
 */
export async function sealKeystore(privateKey: string, password: string, scryptN = DEFAULT_SCRYPT_N): Promise<string> {
  const { address, privateKey: key } = new Wallet(privateKey);
  const options = { scrypt: { N: scryptN, r: SCRYPT_R, p: 1 } };
  return encryptKeystoreJson({ address, privateKey: key }, password, options);
}

/** The private key in a keystore, 32 bytes of hex. @throws KeystoreError */
export async function unsealKeystore(json: string, password: string): Promise<string> {
  keystoreAddress(json);
  try {
    return (await decryptKeystoreJson(json, password)).privateKey;
  } catch (error) {
    const message = error instanceof Error ? error.message : "";
    if (/incorrect password/.test(message)) throw new KeystoreError("wrong-password", "The password is wrong.");
    if (/address\/privateKey mismatch/.test(message)) {
      throw new KeystoreError("damaged", "The key inside is not that of the address that the file names.");
    }
    throw new KeystoreError("damaged", "The file is damaged: a part of it is missing or is not what it should be.", {
      cause: error,
    });
  }
}

/** @throws KeystoreError */
export async function openKeystore(json: string, password: string): Promise<OpenKeystore> {
  return new Wallet(await unsealKeystore(json, password));
}

/**
 * The address that a keystore names, without opening it; null when it names none, as the format allows.
 * @throws KeystoreError when it is no keystore, or none that can be opened with decent effort
 */
export function keystoreAddress(json: string): string | null {
  const file = parsed(json);
  const sealed = member(file, "crypto") ?? member(file, "Crypto");
  if (Number(file["version"]) !== 3) {
    throw new KeystoreError("unsupported", "Only keystores of version 3 are read.");
  }
  if (!isRecord(sealed))
    throw new KeystoreError("damaged", 'It has no part "crypto": it was cut off, or is no keystore.');
  for (const name of ["ciphertext", "cipherparams", "kdf", "kdfparams", "mac"]) {
    if (member(sealed, name) === undefined) {
      throw new KeystoreError("damaged", `It has no "crypto.${name}": it was cut off, or is no keystore.`);
    }
  }
  checkCost(sealed);
  const address = file["address"];
  if (typeof address !== "string") return null;
  try {
    return getAddress(address.startsWith("0x") ? address.toLowerCase() : `0x${address.toLowerCase()}`);
  } catch {
    throw new KeystoreError("damaged", 'Its "address" is no address.');
  }
}

function checkCost(sealed: Record<string, unknown>): void {
  const kdf = String(member(sealed, "kdf")).toLowerCase();
  const terms = member(sealed, "kdfparams");
  const number = (name: string): number => Number(isRecord(terms) ? member(terms, name) : NaN);
  if (kdf === "scrypt") {
    const bytes = 128 * number("n") * number("r") * number("p");
    if (!(bytes > 0)) throw new KeystoreError("damaged", 'Its "crypto.kdfparams" are not those of scrypt.');
    if (bytes > MAX_SCRYPT_BYTES)
      throw new KeystoreError("unsupported", `Opening it would take ${Math.ceil(bytes / 2 ** 20)} MiB of memory.`);
  } else if (kdf === "pbkdf2") {
    const rounds = number("c");
    if (!(rounds > 0)) throw new KeystoreError("damaged", 'Its "crypto.kdfparams" are not those of PBKDF2.');
    if (rounds > MAX_PBKDF2_ROUNDS) throw new KeystoreError("unsupported", `Opening it would take ${rounds} rounds.`);
  } else {
    throw new KeystoreError("unsupported", "Its key derivation is neither scrypt nor PBKDF2.");
  }
}

function parsed(json: string): Record<string, unknown> {
  let file: unknown;
  try {
    file = JSON.parse(json);
  } catch (error) {
    throw new KeystoreError("damaged", "It is no JSON: it was cut off, or is no keystore.", { cause: error });
  }
  if (!isRecord(file)) throw new KeystoreError("damaged", "It is no keystore.");
  return file;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Names are read without regard to case, as old files have them. */
function member(record: Record<string, unknown>, name: string): unknown {
  const key = Object.keys(record).find((one) => one.toLowerCase() === name.toLowerCase());
  return key === undefined ? undefined : record[key];
}
