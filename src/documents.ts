import canonicalize from "canonicalize";

import { keccak256OfText } from "./chain/keccak.js";
import type { Db } from "./db/connection.js";
import type { JsonObject } from "./db/inbox-tables.js";
import { jsonText } from "./db/json.js";
import type { NewDocument } from "./operations/service.js";

/**
 * A public record as it is stored, and the hash that goes on the chain: keccak-256 of its RFC 8785 canonical JSON. Hand it to the
 * operation that carries the hash, so that both are written together.
 * @param body Parsed JSON.
 */
export function newDocument(kind: string, body: object): NewDocument {
  const canonical = canonicalize(body);
  if (canonical === undefined) throw new TypeError("A document is a JSON object");
  return { hash: keccak256OfText(canonical), kind, body: body as JsonObject, canonical };
}

/** Keeps a document whose hash others put on the chain. */
export async function keepDocument(db: Db, { hash, kind, body, canonical }: NewDocument): Promise<void> {
  await db
    .insertInto("documents")
    .values({ hash, kind, body: jsonText(body), canonical })
    .onConflict((conflict) => conflict.column("hash").doNothing())
    .execute();
}

/** True when the database can keep the JSON: no zero character, no half of a surrogate pair, in no text and no name. */
export function isStorable(body: unknown): boolean {
  const text = JSON.stringify(body);
  return !/(?<!\\)(?:\\\\)*\\u(?:0000|d[89a-f][0-9a-f]{2})/i.test(text);
}

/** Documents by hash; those that this service does not know are left out. */
export async function findDocuments(
  db: Db,
  hashes: readonly (string | null)[],
): Promise<ReadonlyMap<string, JsonObject>> {
  const wanted = [...new Set(hashes.filter((hash) => hash !== null))];
  if (wanted.length === 0) return new Map();
  const rows = await db.selectFrom("documents").select(["hash", "body"]).where("hash", "in", wanted).execute();
  return new Map(rows.map((row) => [row.hash, row.body]));
}

/** The name that a document gives; null when it gives none, or is not known. */
export function nameIn(document: JsonObject | undefined): string | null {
  const name = document?.["name"];
  return typeof name === "string" ? name : null;
}
