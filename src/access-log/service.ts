import type { Db } from "../db/connection.js";
import { readPage, type Page, type PageRequest } from "../ledger/read/page.js";
import type { PrivilegedRead } from "../principal.js";

/** One privileged read, as it was written down before it was answered. */
export interface AccessEntry extends Omit<PrivilegedRead, "scope" | "role"> {
  /** Counts the reads; a number that is missing was taken by a read that never began. */
  readonly seq: bigint;
  /** ISO 8601, UTC. */
  readonly at: string;
  /** As it was called then. */
  readonly scope: string;
  readonly role: string | null;
}

/** Times are ISO 8601; `from` is inclusive, `to` is not. */
export interface AccessFilter {
  readonly keyId?: string | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

/** Who read what is not public, with more rights than a participant has. Rows are only ever added. */
export interface AccessLog {
  /** Resolves once it is durable: whoever answers the read waits for it. */
  record(read: PrivilegedRead): Promise<void>;
  /** The newest first. @throws Problem `cursor-invalid` */
  list(filter: AccessFilter, page: PageRequest): Promise<Page<AccessEntry>>;
}

export function createAccessLog(db: Db): AccessLog {
  return {
    async record({ keyId, requestId, ...read }) {
      await db
        .insertInto("access_log")
        .values({ ...read, key_id: keyId, request_id: requestId })
        .execute();
    },

    async list({ keyId, from, to }, page) {
      const query = db
        .selectFrom("access_log")
        .selectAll()
        .$if(keyId !== undefined, (q) => q.where("key_id", "=", keyId ?? ""))
        .$if(from !== undefined, (q) => q.where("at", ">=", new Date(from ?? 0)))
        .$if(to !== undefined, (q) => q.where("at", "<", new Date(to ?? 0)));
      return await readPage(query, [{ column: "seq", kind: "int8" }], "desc", page, (row) => ({
        seq: row.seq,
        at: row.at.toISOString(),
        keyId: row.key_id,
        scope: row.scope,
        role: row.role,
        method: row.method,
        route: row.route,
        url: row.url,
        requestId: row.request_id,
      }));
    },
  };
}
