import { sql } from "kysely";

import type { AccountStatus, LedgerEvent, ParticipantStatus } from "../chain/event-types.js";
import type { Db } from "../db/connection.js";
import { jsonText } from "../db/json.js";
import { Problem } from "../errors.js";
import { toInteger } from "../integers.js";
import { feeAt, readFeeSchedule, type FeeSchedule } from "../ledger/fee-schedule.js";
import type { Advance } from "../ledger/projector.js";
import type { InstrumentKind, MarketRules, TradingRights } from "./ports.js";
import type { Position, Positions } from "./reservations.js";
import { SETTLEMENT_SECONDS } from "./rules.js";

/** What the chain knows about an account, as far as it trades. */
export interface AccountFacts {
  /** Null: no participant's. */
  readonly participantId: number | null;
  readonly accountStatus: AccountStatus | null;
  readonly participantStatus: ParticipantStatus | null;
  readonly capabilities: number;
  /** Unix seconds. */
  readonly kycExpiresAt: number;
  /** Orders with a lower nonce are void. */
  readonly firstValidNonce: number;
  readonly positions: ReadonlyMap<string, Position>;
}

interface Globals {
  readonly isPaused: boolean;
  readonly pausedBatches: ReadonlySet<string>;
  readonly fees: FeeSchedule;
  readonly feeAccount: string | null;
}

/** Facts of the read model in memory: asked for once, and again after a block that changed them. */
export interface MarketFacts extends Positions {
  account(address: string): AccountFacts | undefined;
  /**
   * The highest fee, in basis points, that what matches at an instant (Unix milliseconds) may have to pay: one may begin before it has
   * settled. Loaded with the accounts.
   */
  feeAt(at: number): number;
  /** Why the contracts would not let the account trade the batch now. Of loaded accounts. */
  refusalOf(address: string, batch: string, kind: InstrumentKind, at: number): Problem | undefined;
  /** Forgets what the block changed. @returns the accounts that it concerns; null: any */
  advance(advance: Advance): ReadonlySet<string> | null;
}

const CAPABILITY: Readonly<Record<InstrumentKind, { bit: number; name: string }>> = {
  allowance: { bit: 1, name: "trade-allowances" },
  credit: { bit: 2, name: "trade-credits" },
};

/** Events after which everything known about instruments and fees is asked for again. */
const GLOBAL_EVENTS = new Set(["Paused", "Unpaused", "BatchPaused", "BatchUnpaused", "FeeSet", "FeeAccountSet"]);

export function createMarketFacts(db: Db): MarketFacts {
  const known = new Map<string, AccountFacts>();
  let globals: Globals | undefined;
  let globalsVersion = 0;
  /** Of each question under way: the accounts that a block has changed meanwhile. */
  const underWay = new Set<{ changed: Set<string>; all: boolean }>();

  async function loadAccounts(accounts: readonly string[]): Promise<void> {
    const question = { changed: new Set<string>(), all: false };
    underWay.add(question);
    try {
      for (const [account, facts] of await queryAccounts(db, accounts)) {
        if (!question.all && !question.changed.has(account)) known.set(account, facts);
      }
    } finally {
      underWay.delete(question);
    }
  }

  async function loadGlobals(): Promise<void> {
    while (globals === undefined) {
      const version = globalsVersion;
      const found = await queryGlobals(db);
      if (version === globalsVersion) globals = found;
    }
  }

  async function load(accounts: Iterable<string>): Promise<void> {
    await loadGlobals();
    const wanted = [...accounts];
    for (;;) {
      const missing = wanted.filter((account) => !known.has(account));
      if (missing.length === 0) return;
      await loadAccounts([...new Set(missing)]);
    }
  }

  function forget(account: string): void {
    known.delete(account);
    for (const question of underWay) question.changed.add(account);
  }

  function forgetAll(): void {
    known.clear();
    for (const question of underWay) question.all = true;
  }

  return {
    load,
    of: (account, asset) => known.get(account)?.positions.get(asset),
    account: (address) => known.get(address),
    feeAt(at) {
      if (globals === undefined) return 0;
      const now = BigInt(at) / 1_000n;
      return Math.max(feeAt(globals.fees, now), feeAt(globals.fees, now + BigInt(SETTLEMENT_SECONDS)));
    },

    refusalOf(address, batch, kind, at) {
      if (globals?.isPaused) return new Problem("units-paused");
      if (globals?.pausedBatches.has(batch))
        return new Problem("units-batch-paused", undefined, { evidence: { batchId: batch } });
      return refusalOfStanding(address, known.get(address), kind, at);
    },

    advance({ kind, events }) {
      if (kind === "rolled-back" || events.some(({ name }) => GLOBAL_EVENTS.has(name))) {
        globals = undefined;
        globalsVersion += 1;
      }
      if (kind === "rolled-back" || events.some(({ contract }) => contract === "Participants")) {
        forgetAll();
        return null;
      }
      const accounts = new Set(events.flatMap(accountsOf));
      const feeAccount = globals?.feeAccount ?? null;
      if (feeAccount !== null && accounts.size > 0) accounts.add(feeAccount);
      for (const account of accounts) forget(account);
      return accounts;
    },
  };
}

/** @returns the accounts whose position or orders an event of the exchange concerns */
function accountsOf(event: LedgerEvent): string[] {
  if (event.contract !== "Exchange") return [];
  const args = event.args as Readonly<Record<string, unknown>>;
  return ["account", "buyer", "seller", "lostAccount", "newAccount"].flatMap((name) => {
    const value = args[name];
    return typeof value === "string" ? [value] : [];
  });
}

function refusalOfStanding(
  account: string,
  facts: AccountFacts | undefined,
  kind: InstrumentKind,
  at: number,
): Problem | undefined {
  if (facts === undefined || facts.participantId === null || facts.accountStatus !== "active") {
    const detail = `${account} is no active account of a participant.`;
    return new Problem("account-unknown", detail, { evidence: { account } });
  }
  const { participantId, participantStatus, kycExpiresAt } = facts;
  if (participantStatus !== "active" || kycExpiresAt * 1_000 <= at) {
    return new Problem("participant-suspended", undefined, {
      evidence: { account, participantId, status: participantStatus, kycExpiresAt: kycExpiresAt.toString() },
    });
  }
  const { bit, name } = CAPABILITY[kind];
  if ((facts.capabilities & bit) !== 0) return undefined;
  return new Problem("account-not-allowed", undefined, { evidence: { account, participantId, capability: name } });
}

/** The same for deals and bids. */
export function createTradingRights(facts: MarketFacts, rules: MarketRules, now: () => number): TradingRights {
  return {
    async check(account, batch) {
      const instrument = rules.instrument(batch);
      if (instrument === undefined) throw new Problem("instrument-unknown", undefined, { evidence: { batch } });
      await facts.load([account]);
      const refusal = facts.refusalOf(account, batch, instrument.kind, now());
      if (refusal !== undefined) throw refusal;
      return facts.account(account)?.participantId ?? 0;
    },
  };
}

interface AccountRow {
  readonly account: string;
  readonly participant_id: number | null;
  readonly account_status: AccountStatus | null;
  readonly participant_status: ParticipantStatus | null;
  readonly capabilities: number | null;
  readonly kyc_expires_at: bigint | null;
  readonly first_valid_nonce: bigint | null;
  readonly positions: readonly [string, string, string][];
}

async function queryAccounts(db: Db, accounts: readonly string[]): Promise<[string, AccountFacts][]> {
  const { rows } = await sql<AccountRow>`
    select q.account, a.participant_id, a.status as account_status, p.status as participant_status, p.capabilities,
      p.kyc_expires_at, f.first_valid_nonce,
      coalesce((select jsonb_agg(jsonb_build_array(e.batch_code, e.amount::text, e.leaving::text))
        from exchange_positions e where e.account = q.account), '[]') as positions
    from jsonb_array_elements_text(${jsonText(accounts)}::text::jsonb) as q(account)
    left join accounts a on a.address = q.account
    left join participants p on p.id = a.participant_id
    left join order_floors f on f.account = q.account`.execute(db);
  return rows.map((row) => [
    row.account,
    {
      participantId: row.participant_id,
      accountStatus: row.account_status,
      participantStatus: row.participant_status,
      capabilities: row.capabilities ?? 0,
      kycExpiresAt: toInteger(row.kyc_expires_at ?? 0n),
      firstValidNonce: toInteger(row.first_valid_nonce ?? 0n),
      positions: new Map(
        row.positions.map(([asset, amount, leaving]) => [asset, { amount: BigInt(amount), leaving: BigInt(leaving) }]),
      ),
    },
  ]);
}

async function queryGlobals(db: Db): Promise<Globals> {
  const { rows } = await sql<{ state: Record<string, string> | null; paused: string[] | null }>`
    select (select jsonb_object_agg(name, value) from ledger_state
        where name in ('paused', 'feeSchedule', 'feeAccount')) as state,
      (select jsonb_agg(code) from batches where paused) as paused`.execute(db);
  const state = rows[0]?.state ?? {};
  return {
    isPaused: state["paused"] === "true",
    pausedBatches: new Set(rows[0]?.paused ?? []),
    fees: readFeeSchedule(state["feeSchedule"]),
    feeAccount: state["feeAccount"] ?? null,
  };
}
