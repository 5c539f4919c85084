import { Problem } from "../errors.js";
import { CASH, type Availability, type Reservations, type ReservationView } from "./ports.js";

/** What an account has on the exchange. */
export interface Position {
  readonly amount: bigint;
  readonly leaving: bigint;
}

/** Positions of the read model, as of the last projected block. */
export interface Positions {
  /** Resolves once `of` knows the accounts' positions. */
  load(accounts: Iterable<string>): Promise<void>;
  /** Undefined: not loaded, or no longer. */
  of(account: string, asset: string): Position | undefined;
}

interface Held {
  readonly account: string;
  readonly asset: string;
  amount: bigint;
}

interface Ledger {
  readonly totals: Map<string, bigint>;
  readonly keys: Set<string>;
}

/** Reservations with what the host needs besides: everything in one turn of the event loop. */
export interface HostReservations extends Reservations {
  /**
   * Reserves at once, out of positions that are loaded.
   * @param credit A key whose reservation will be given back in the same step, as that of an order that is replaced.
   * @returns why not; undefined when it is done
   */
  tryReserve(key: string, account: string, asset: string, amount: bigint, credit?: string): Problem | undefined;
  /** Makes a key hold exactly this; zero forgets it. */
  set(key: string, account: string, asset: string, amount: bigint): void;
  held(key: string): bigint;
  /** As `shortfall`, of a position that is loaded. */
  shortfallNow(account: string, asset: string): bigint;
  /** Forgets everything: a start begins again. */
  clear(): void;
}

export function createReservations(positions: Positions): HostReservations {
  const keys = new Map<string, Held>();
  const accounts = new Map<string, Ledger>();

  function reserved(account: string, asset: string): bigint {
    return accounts.get(account)?.totals.get(asset) ?? 0n;
  }

  function availability(account: string, asset: string, credit = 0n): Availability {
    const { amount, leaving } = positions.of(account, asset) ?? { amount: 0n, leaving: 0n };
    const promised = reserved(account, asset);
    const free = amount - leaving - promised + credit;
    return { amount, leaving, reserved: promised, available: free > 0n ? free : 0n };
  }

  function shortfallNow(account: string, asset: string): bigint {
    const { amount, leaving } = positions.of(account, asset) ?? { amount: 0n, leaving: 0n };
    let bound = 0n;
    for (const key of accounts.get(account)?.keys ?? []) {
      const held = keys.get(key);
      if (held?.asset === asset && !isOfTrade(key)) bound += held.amount;
    }
    const missing = bound - (amount - leaving);
    return missing > 0n ? missing : 0n;
  }

  /** Changes what a key holds by `by`; `account` and `asset` count when the key is new. */
  function change(key: string, account: string, asset: string, by: bigint): void {
    let held = keys.get(key);
    if (held === undefined) {
      held = { account, asset, amount: 0n };
      keys.set(key, held);
    }
    held.amount += by;
    let ledger = accounts.get(held.account);
    if (ledger === undefined) accounts.set(held.account, (ledger = { totals: new Map(), keys: new Set() }));
    const total = (ledger.totals.get(held.asset) ?? 0n) + by;
    if (total === 0n) ledger.totals.delete(held.asset);
    else ledger.totals.set(held.asset, total);
    if (held.amount > 0n) {
      ledger.keys.add(key);
      return;
    }
    keys.delete(key);
    ledger.keys.delete(key);
    if (ledger.keys.size === 0) accounts.delete(held.account);
  }

  function release(key: string, amount?: bigint): void {
    const held = keys.get(key);
    if (held === undefined) return;
    const by = amount === undefined || amount > held.amount ? held.amount : amount;
    change(key, held.account, held.asset, -by);
  }

  function tryReserve(key: string, account: string, asset: string, amount: bigint, credit?: string) {
    const credited = credit === undefined ? undefined : keys.get(credit);
    const given = credited?.account === account && credited.asset === asset ? credited.amount : 0n;
    const state = availability(account, asset, given);
    if (amount > state.available) return insufficient(account, asset, amount, state);
    if (amount > 0n) change(key, account, asset, amount);
    return undefined;
  }

  return {
    async reserve(key, account, asset, amount) {
      await positions.load([account]);
      const refusal = tryReserve(key, account, asset, amount);
      if (refusal !== undefined) throw refusal;
    },
    hold(key, account, asset, amount) {
      if (amount > 0n) change(key, account, asset, amount);
    },
    release,
    async available(account, asset) {
      await positions.load([account]);
      return availability(account, asset);
    },
    list(account) {
      return [...(accounts.get(account)?.keys ?? [])].flatMap((key): ReservationView[] => {
        const held = keys.get(key);
        return held === undefined ? [] : [{ key, ...held }];
      });
    },
    async shortfall(account, asset) {
      await positions.load([account]);
      return shortfallNow(account, asset);
    },
    shortfallNow,
    tryReserve,
    set(key, account, asset, amount) {
      const by = amount - (keys.get(key)?.amount ?? 0n);
      if (by !== 0n) change(key, account, asset, by);
    },
    clear() {
      keys.clear();
      accounts.clear();
    },
    held: (key) => keys.get(key)?.amount ?? 0n,
  };
}

/** @param key Of a reservation (`keysOf` in `desk.ts`, `order:<hash>`, or of an intent) */
export function isOfTrade(key: string): boolean {
  return key.startsWith("trade:");
}

function insufficient(account: string, asset: string, needed: bigint, state: Availability): Problem {
  const unit = asset === CASH ? "in cash" : `t of ${asset}`;
  const detail = `${account} has ${state.available} ${unit} free, ${needed} are needed.`;
  return new Problem("position-insufficient", detail, {
    evidence: {
      account,
      batch: asset === CASH ? null : asset,
      needed: needed.toString(),
      available: state.available.toString(),
      reserved: state.reserved.toString(),
      leaving: state.leaving.toString(),
    },
  });
}
