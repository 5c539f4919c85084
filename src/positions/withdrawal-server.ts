import { createHash } from "node:crypto";
import { sql } from "kysely";

import type { ExchangeCalls } from "../chain/exchange-calls.js";
import { institutionLaneOf } from "../chain/outbox/institution-lane.js";
import { ROLES } from "../chain/roles.js";
import type { Db } from "../db/connection.js";
import { jsonText } from "../db/json.js";
import type { Projector } from "../ledger/projector.js";
import type { Logger } from "../logger.js";
import type { Operations } from "../operations/service.js";

export interface WithdrawalServerOptions {
  readonly db: Db;
  readonly operations: Pick<Operations, "accept">;
  readonly calls: Pick<ExchangeCalls, "serveWithdrawal">;
  readonly projector: Pick<Projector, "onAdvance">;
  readonly logger: Pick<Logger, "warn">;
  /** Unix time in milliseconds. */
  readonly now?: () => number;
  /** How often to look for what nobody announced, in milliseconds. */
  readonly everyMs?: number;
}

/** Hands out what owners asked to withdraw, as soon as the chain knows of it, with the exchange operator's key. */
export interface WithdrawalServer {
  start(): void;
  /** Ends after the run under way. */
  stop(): Promise<void>;
  /** Serves what is leaving now; for tests. */
  run(): Promise<void>;
}

export const SERVE_KIND = "withdrawal.serve";

const EVERY_MS = 10_000;
const POSITIONS_AT_ONCE = 500;
/** A refused service (money is paused, the account is suspended) is tried again, more and more rarely. */
const MOST_ATTEMPTS = 32;
const FIRST_RETRY_MS = 10_000;
const LONGEST_RETRY_MS = 3_600_000;

const ANNOUNCING: ReadonlySet<string> = new Set([
  "UnitsWithdrawalRequested",
  "CashWithdrawalRequested",
  // Of units in very many blocks only a part goes at once.
  "UnitsWithdrawn",
]);

interface Leaving {
  readonly account: string;
  readonly batch_code: string;
  readonly participant_id: number | null;
  /** Where its latest movement is: what was served then is not served again. */
  readonly place: string;
}

/**
 * Every state of a position that is leaving has one operation, whose id follows from it: however often, and in however many processes, it
 * is looked at, it is asked for once.
 */
export function createWithdrawalServer(options: WithdrawalServerOptions): WithdrawalServer {
  const { db, projector, logger, everyMs = EVERY_MS } = options;
  let timer: NodeJS.Timeout | null = null;
  let unsubscribe: (() => void) | null = null;
  let underWay: Promise<void> | null = null;
  let isWanted = false;

  async function untilNothingIsWanted(): Promise<void> {
    while (isWanted) {
      isWanted = false;
      await serveAll(options).catch((error: unknown) =>
        logger.warn({ err: error }, "Withdrawals could not be served; it will be tried again"),
      );
    }
  }

  function run(): Promise<void> {
    isWanted = true;
    underWay ??= untilNothingIsWanted().finally(() => (underWay = null));
    return underWay;
  }

  return {
    run,
    start() {
      timer ??= setInterval(() => void run(), everyMs).unref();
      unsubscribe ??= projector.onAdvance(({ events }) => {
        if (events.some(({ name }) => ANNOUNCING.has(name))) void run();
      });
      void run();
    },
    async stop() {
      if (timer !== null) clearInterval(timer);
      timer = null;
      unsubscribe?.();
      unsubscribe = null;
      await underWay;
    },
  };

  async function serveAll({ operations, calls, now = Date.now }: WithdrawalServerOptions): Promise<void> {
    const leaving = await readLeaving(db);
    if (leaving.length === 0) return;
    const operator = await operatorAccount(db);
    if (operator === null) return;
    const attempts = await nextAttempts(db, leaving, now());
    for (const [place, position] of leaving.entries()) {
      const id = attempts[place];
      if (id === undefined || id === null) continue;
      const { account, batch_code, participant_id: participantId } = position;
      const batch = batch_code === "" ? null : batch_code;
      await operations.accept({
        id,
        kind: SERVE_KIND,
        lane: institutionLaneOf(operator),
        account: operator,
        role: "exchange-operator",
        participantId,
        request: { account, batch },
        payload: calls.serveWithdrawal(account, batch),
      });
    }
  }
}

async function readLeaving(db: Db): Promise<Leaving[]> {
  const result = await sql<Leaving>`
    select p.account, p.batch_code, a.participant_id, m.block_number || '-' || m.log_index as place
    from exchange_positions p
    left join accounts a on a.address = p.account
    cross join lateral (
      select block_number, log_index from exchange_movements where account = p.account and batch_code = p.batch_code
      order by block_number desc, log_index desc limit 1) m
    where p.leaving > 0 order by m.block_number, m.log_index limit ${POSITIONS_AT_ONCE}`.execute(db);
  return result.rows;
}

/** The exchange operator's account whose key is kept here; null: another process serves. */
async function operatorAccount(db: Db): Promise<string | null> {
  const row = await db
    .selectFrom("keystores")
    .innerJoin("role_grants", "role_grants.account", "keystores.address")
    .select("keystores.address")
    .where("role_grants.role", "=", ROLES.EXCHANGE_OPERATOR.toString())
    .orderBy("keystores.created_at")
    .orderBy("keystores.address")
    .executeTakeFirst();
  return row?.address ?? null;
}

/** For each position the id of the operation to make now; null when one is under way, or it is too early to try again. */
async function nextAttempts(db: Db, leaving: readonly Leaving[], now: number): Promise<(string | null)[]> {
  const ids = leaving.map((position) => Array.from({ length: MOST_ATTEMPTS }, (_, n) => attemptId(position, n)));
  const rows = await db
    .selectFrom("operations")
    .select(["id", "status", "updated_at"])
    .where(sql<boolean>`id in (select jsonb_array_elements_text(${jsonText(ids.flat())}::text::jsonb))`)
    .execute();
  const known = new Map(rows.map((row) => [row.id, row]));
  return ids.map((own) => {
    const made = own.findLastIndex((id) => known.has(id));
    const last = known.get(own[made] ?? "");
    if (last === undefined) return own[0] ?? null;
    const isDue = now >= last.updated_at.getTime() + Math.min(FIRST_RETRY_MS * 2 ** made, LONGEST_RETRY_MS);
    return last.status === "rejected" && isDue ? (own[made + 1] ?? null) : null;
  });
}

/** A UUID (version 8, RFC 9562) that follows from what is to be done. */
function attemptId({ account, batch_code, place }: Leaving, attempt: number): string {
  const digest = createHash("sha256").update(`${SERVE_KIND} ${account} ${batch_code} ${place} ${attempt}`).digest();
  digest[6] = ((digest[6] ?? 0) & 0x0f) | 0x80;
  digest[8] = ((digest[8] ?? 0) & 0x3f) | 0x80;
  const hex = digest.toString("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join("-");
}
