import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import type { Selectable } from "kysely";
import type { Db } from "../db/connection.js";
import type { ApiKeysTable } from "../db/inbox-tables.js";
import { Problem } from "../errors.js";
import { roleNumber } from "../roles.js";
import { INSTITUTIONAL_ROLES, type ApiKeyScope, type InstitutionalRole, type KeyHolder } from "../principal.js";

/** What may be told about a key; the secret never is. */
export interface ApiKeyInfo {
  readonly id: string;
  readonly scope: ApiKeyScope;
  readonly participantId: number | null;
  readonly role: InstitutionalRole | null;
  readonly account: string | null;
  readonly label: string;
  readonly createdAt: string;
  /** From then on it is worth nothing; null: never. */
  readonly expiresAt: string | null;
  readonly revokedAt: string | null;
}

export interface NewApiKey extends Omit<ApiKeyInfo, "revokedAt"> {
  /** `cl_<id>_<secret>`: shown this once. */
  readonly key: string;
}

export interface ApiKeyRequest {
  readonly scope: ApiKeyScope;
  readonly participantId?: number | undefined;
  readonly role?: InstitutionalRole | undefined;
  readonly account?: string | undefined;
  /** ISO 8601, in the future. */
  readonly expiresAt?: string | undefined;
  readonly label: string;
}

/** Sort key of a list: newest first, the id settles ties. */
export interface ApiKeyPosition {
  readonly createdAt: string;
  readonly id: string;
}

export interface ApiKeys {
  /** The holder of a key; undefined when it is malformed, unknown, revoked or expired. */
  find(token: string): Promise<KeyHolder | undefined>;
  /** @throws Problem `validation-failed` when the scope and the rest do not fit, or name somebody that is not there */
  create(request: ApiKeyRequest): Promise<NewApiKey>;
  list(limit: number, after: ApiKeyPosition | undefined): Promise<ApiKeyInfo[]>;
  /** Revoking again changes nothing. @throws Problem `not-found` */
  revoke(id: string): Promise<void>;
  /** True when there is a key of scope `admin` that is neither revoked nor expired. */
  hasAdmin(): Promise<boolean>;
}

const TOKEN = /^cl_([0-9a-f]{16})_([\w-]{43})$/;
const SECRET_BYTES = 32;

/** @param now Milliseconds, as `Date.now` has them. */
export function createApiKeys(db: Db, now: () => number = Date.now): ApiKeys {
  return {
    async find(token) {
      const [, id, secret] = TOKEN.exec(token) ?? [];
      if (id === undefined || secret === undefined) return undefined;
      const row = await db
        .selectFrom("api_keys")
        .selectAll()
        .where("id", "=", id)
        .where("revoked_at", "is", null)
        .executeTakeFirst();
      if (row === undefined || !equal(row.secret_hash, hashOf(secret))) return undefined;
      if (row.expires_at !== null && row.expires_at.getTime() <= now()) return undefined;
      const { scope, participantId, role, account } = toInfo(row);
      return { kind: "key", keyId: id, scope, participantId, role, account };
    },

    async create(request) {
      const { expiresAt } = request;
      if (expiresAt !== undefined && Date.parse(expiresAt) <= now()) throw invalid("expiresAt", "is not in the future");
      const account = await accountOf(db, request);
      const id = randomBytes(8).toString("hex");
      const secret = randomBytes(SECRET_BYTES).toString("base64url");
      const row = await db
        .insertInto("api_keys")
        .values({
          id,
          secret_hash: hashOf(secret),
          scope: request.scope,
          participant_id: request.participantId ?? null,
          role: request.role ?? null,
          account,
          label: request.label,
          // In milliseconds, as the cursor of a list carries it: the database's own clock is finer.
          created_at: new Date(now()),
          expires_at: expiresAt === undefined ? null : new Date(expiresAt),
        })
        .returningAll()
        .executeTakeFirstOrThrow();
      const { revokedAt: _, ...info } = toInfo(row);
      return { ...info, key: `cl_${id}_${secret}` };
    },

    async list(limit, after) {
      let query = db.selectFrom("api_keys").selectAll();
      if (after !== undefined) {
        query = query.where(({ eb, refTuple, tuple }) =>
          eb(refTuple("created_at", "id"), "<", tuple(new Date(after.createdAt), after.id)),
        );
      }
      const rows = await query.orderBy("created_at", "desc").orderBy("id", "desc").limit(limit).execute();
      return rows.map(toInfo);
    },

    async revoke(id) {
      const row = await db.selectFrom("api_keys").select("revoked_at").where("id", "=", id).executeTakeFirst();
      if (row === undefined) throw new Problem("not-found", `There is no API key ${id}.`);
      if (row.revoked_at !== null) return;
      await db.updateTable("api_keys").set({ revoked_at: new Date() }).where("id", "=", id).execute();
    },

    async hasAdmin() {
      const query = db
        .selectFrom("api_keys")
        .select("id")
        .where("scope", "=", "admin")
        .where("revoked_at", "is", null)
        .where((eb) => eb.or([eb("expires_at", "is", null), eb("expires_at", ">", new Date(now()))]));
      return (await query.limit(1).executeTakeFirst()) !== undefined;
    },
  };
}

/**
 * A key must name exactly what its scope is about, and its account must be one that this service signs for.
 * @returns the account that the key acts with; null when the participant's only one is meant, or none
 */
async function accountOf(db: Db, { scope, participantId, role, account }: ApiKeyRequest): Promise<string | null> {
  const needs = (field: string, isGiven: boolean, isNeeded: boolean): void => {
    if (isGiven === isNeeded) return;
    throw invalid(field, isNeeded ? `is needed for the scope ${scope}` : `does not go with the scope ${scope}`);
  };
  needs("participantId", participantId !== undefined, scope === "participant");
  needs("role", role !== undefined, scope === "role");
  if (scope === "admin" || scope === "auditor" || scope === "regulator") needs("account", account !== undefined, false);
  if (scope === "role") needs("account", account !== undefined, true);

  if (account !== undefined) {
    const keystore = await db
      .selectFrom("keystores")
      .select("address")
      .where("address", "=", account)
      .executeTakeFirst();
    if (keystore === undefined) throw invalid("account", "the service holds no key for this account");
  }
  if (participantId !== undefined) await checkParticipant(db, participantId, account);
  if (role !== undefined) await checkRole(db, role, account);
  return account ?? null;
}

async function checkParticipant(db: Db, participantId: number, account: string | undefined): Promise<void> {
  const found = await db.selectFrom("participants").select("id").where("id", "=", participantId).executeTakeFirst();
  if (found === undefined) throw invalid("participantId", "there is no such participant");
  if (account === undefined) return;
  const owner = await db
    .selectFrom("accounts")
    .select("participant_id")
    .where("address", "=", account)
    .executeTakeFirst();
  if (owner?.participant_id !== participantId) throw invalid("account", "is not an account of this participant");
}

/** The ledger decides who holds a role; a key for one that the account does not hold would only disappoint. */
async function checkRole(db: Db, role: InstitutionalRole, account: string | undefined): Promise<void> {
  const number = roleNumber(role).toString();
  const grants = await db.selectFrom("role_grants").select("account").where("role", "=", number).execute();
  if (!grants.some((grant) => grant.account === account)) throw invalid("account", `does not hold the role ${role}`);
}

function invalid(field: string, message: string): Problem {
  return new Problem("validation-failed", `/body/${field}: ${message}`, {
    errors: [{ path: `/body/${field}`, message }],
  });
}

function hashOf(secret: string): string {
  return createHash("sha256").update(secret).digest("hex");
}

/** In constant time, so that nobody guesses a hash character by character. */
function equal(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}

function toInfo(row: Selectable<ApiKeysTable>): ApiKeyInfo {
  return {
    id: row.id,
    scope: row.scope,
    participantId: row.participant_id,
    role: INSTITUTIONAL_ROLES.find((role) => role === row.role) ?? null,
    account: row.account,
    label: row.label,
    createdAt: row.created_at.toISOString(),
    expiresAt: row.expires_at?.toISOString() ?? null,
    revokedAt: row.revoked_at?.toISOString() ?? null,
  };
}
