import { createHash } from "node:crypto";

/** Namespace for names that are URLs, RFC 9562 §6.6. */
const URL_NAMESPACE = Buffer.from("6ba7b8119dad11d180b400c04fd430c8", "hex");

/** UUID of version 5 (RFC 9562 §5.5) of a name in the URL namespace: the same name gives the same UUID, for ever. */
export function uuid5(name: string): string {
  const bytes = createHash("sha1").update(URL_NAMESPACE).update(name).digest().subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x50, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = bytes.toString("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

/** Ids of records in a report: by deployment, table and what the record is about. */
export type RecordIds = (table: string, key: string) => string;

/** @param registry Address of the registry's contract. */
export function recordIds(chainId: string, registry: string): RecordIds {
  return (table, key) => uuid5(`carbon-ledger:${chainId}:${registry.toLowerCase()}:${table}:${key}`);
}
