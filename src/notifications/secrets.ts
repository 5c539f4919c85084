import { createCipheriv, createDecipheriv, createHash, createHmac, hkdfSync, randomBytes } from "node:crypto";

/** Keeps the secrets of webhooks: they are needed again and again, and must not be worth anything in a copy of the database. */
export interface SecretBox {
  seal(secret: string): Promise<string>;
  /** @throws Error when it was sealed by another service account, or changed */
  open(sealed: string): Promise<string>;
}

const PURPOSE = "carbon-ledger: secrets of webhooks, version 1";
const IV_BYTES = 12;
const TAG_BYTES = 16;

/**
 * AES-256-GCM under a key that only the service's account can derive: from its signature over a text that it signs for nothing else, and
 * shows nobody. That account's keystore is encrypted, so whoever has the database alone has nothing.
 * @param signDigest Deterministic (RFC 6979): 32 bytes as hex to 65 bytes as hex.
 */
export function createSecretBox(signDigest: (digest: string) => Promise<string>): SecretBox {
  let derived: Promise<Buffer> | undefined;

  async function derive(): Promise<Buffer> {
    const digest = createHash("sha256").update(PURPOSE).digest("hex");
    const signature = await signDigest(`0x${digest}`);
    return Buffer.from(hkdfSync("sha256", Buffer.from(signature.slice(2), "hex"), "", PURPOSE, 32));
  }

  return {
    async seal(secret) {
      const iv = randomBytes(IV_BYTES);
      const cipher = createCipheriv("aes-256-gcm", await (derived ??= derive()), iv);
      const text = Buffer.concat([cipher.update(secret, "utf8"), cipher.final()]);
      return Buffer.concat([iv, cipher.getAuthTag(), text]).toString("base64");
    },

    async open(sealed) {
      const bytes = Buffer.from(sealed, "base64");
      const decipher = createDecipheriv("aes-256-gcm", await (derived ??= derive()), bytes.subarray(0, IV_BYTES));
      decipher.setAuthTag(bytes.subarray(IV_BYTES, IV_BYTES + TAG_BYTES));
      return decipher.update(bytes.subarray(IV_BYTES + TAG_BYTES), undefined, "utf8") + decipher.final("utf8");
    },
  };
}

const SECRET_PREFIX = "whsec_";
const SECRET_BYTES = 32;

/** A secret as Standard Webhooks writes it: `whsec_` and base64. */
export function newSecret(): string {
  return `${SECRET_PREFIX}${randomBytes(SECRET_BYTES).toString("base64")}`;
}

/** What is signed: the message's name, the second in which it is sent, its bytes. */
export interface SignedMessage {
  readonly id: string;
  /** Unix time in seconds. */
  readonly timestamp: number;
  readonly body: string;
}

/** The header `webhook-signature` of Standard Webhooks 1.0: one `v1,…` per secret, so that a receiver may change its own in peace. */
export function signatureHeader({ id, timestamp, body }: SignedMessage, secrets: readonly string[]): string {
  return secrets
    .map((secret) => {
      const key = Buffer.from(secret.slice(SECRET_PREFIX.length), "base64");
      return `v1,${createHmac("sha256", key).update(`${id}.${timestamp}.${body}`).digest("base64")}`;
    })
    .join(" ");
}
