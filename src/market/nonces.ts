import { sql } from "kysely";

import type { Db } from "../db/connection.js";
import { jsonText } from "../db/json.js";
import { toInteger } from "../integers.js";

/** Nonces of an account in a batch. */
export interface NoncePair {
  readonly account: string;
  readonly batch: string;
}

/** Which nonces are used up. In memory, as ranges: who counts up has one. */
export interface OrderNonces {
  /** Resolves once the pairs are known. Orders of a pair are only admitted after that. */
  load(pairs: readonly NoncePair[]): Promise<void>;
  isUsed(pair: NoncePair, nonce: number): boolean;
  /** For an order on its way into the log: nobody else gets the nonce until it is used, or freed. */
  claim(pair: NoncePair, nonce: number): void;
  free(pair: NoncePair, nonce: number): void;
  /** Uses it up, for ever. */
  use(pair: NoncePair, nonce: number): void;
  /** The first that is above all used ones, and not below `floor`. @param isTaken It is for an order that the service signs: nobody else gets it. */
  next(pair: NoncePair, floor: number, isTaken: boolean): number;
}

interface Known {
  readonly used: RangeSet;
  readonly claimed: Set<number>;
  /** The first that was not given out yet. */
  given: number;
}

export function createOrderNonces(db: Db): OrderNonces {
  const pairs = new Map<string, Known>();
  const loading = new Map<string, Promise<void>>();
  const keyOf = ({ account, batch }: NoncePair): string => `${account} ${batch}`;

  function known(pair: NoncePair): Known {
    const found = pairs.get(keyOf(pair));
    if (found === undefined) throw new RangeError("The nonces of this account are not loaded");
    return found;
  }

  async function loadNew(wanted: readonly NoncePair[]): Promise<void> {
    const ranges = await queryRanges(db, wanted);
    for (const pair of wanted) {
      const used = new RangeSet();
      for (const [first, last] of ranges.get(keyOf(pair)) ?? []) used.addRange(first, last);
      pairs.set(keyOf(pair), { used, claimed: new Set(), given: 0 });
    }
  }

  return {
    async load(wanted) {
      const missing = new Map<string, NoncePair>();
      const waits = new Set<Promise<void>>();
      for (const pair of wanted) {
        const key = keyOf(pair);
        if (pairs.has(key)) continue;
        const other = loading.get(key);
        if (other === undefined) missing.set(key, pair);
        else waits.add(other);
      }
      if (missing.size > 0) {
        const load = loadNew([...missing.values()]).finally(() => {
          for (const key of missing.keys()) loading.delete(key);
        });
        for (const key of missing.keys()) loading.set(key, load);
        waits.add(load);
      }
      await Promise.all(waits);
    },
    isUsed(pair, nonce) {
      const { used, claimed } = known(pair);
      return used.has(nonce) || claimed.has(nonce);
    },
    claim: (pair, nonce) => void known(pair).claimed.add(nonce),
    free: (pair, nonce) => void known(pair).claimed.delete(nonce),
    use(pair, nonce) {
      const state = pairs.get(keyOf(pair));
      state?.claimed.delete(nonce);
      state?.used.addRange(nonce, nonce);
    },
    next(pair, floor, isTaken) {
      const state = known(pair);
      const next = Math.max(state.used.end, state.given, floor, ...[...state.claimed].map((nonce) => nonce + 1));
      if (isTaken) state.given = next + 1;
      return next;
    },
  };
}

/** Numbers as ranges without gaps between them, sorted. */
class RangeSet {
  readonly #firsts: number[] = [];
  readonly #lasts: number[] = [];

  /** One more than the greatest. */
  get end(): number {
    return (this.#lasts.at(-1) ?? -1) + 1;
  }

  has(value: number): boolean {
    const place = this.#placeOf(value);
    return place >= 0 && value <= (this.#lasts[place] ?? -1);
  }

  /** Of numbers that are not in it yet. */
  addRange(first: number, last: number): void {
    const place = this.#placeOf(first);
    if (place >= 0 && first <= (this.#lasts[place] ?? -1)) return;
    const meetsBefore = place >= 0 && this.#lasts[place] === first - 1;
    const meetsAfter = this.#firsts[place + 1] === last + 1;
    if (meetsBefore && meetsAfter) {
      this.#lasts[place] = this.#lasts[place + 1] ?? last;
      this.#firsts.splice(place + 1, 1);
      this.#lasts.splice(place + 1, 1);
    } else if (meetsBefore) this.#lasts[place] = last;
    else if (meetsAfter) this.#firsts[place + 1] = first;
    else {
      this.#firsts.splice(place + 1, 0, first);
      this.#lasts.splice(place + 1, 0, last);
    }
  }

  /** Of the last range that begins at the value or before; -1: none. */
  #placeOf(value: number): number {
    let low = 0;
    let high = this.#firsts.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#firsts[middle] ?? 0) <= value) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }
}

type Ranges = Map<string, [number, number][]>;

/** Of all orders that were ever accepted, and of those that were cancelled on the chain, unknown here or not. */
async function queryRanges(db: Db, pairs: readonly NoncePair[]): Promise<Ranges> {
  const { rows } = await sql<{ account: string; batch: string; first: bigint; last: bigint }>`
    with used as (
      select o.account, o.batch_code as batch, o.nonce
      from json_to_recordset(${jsonText(pairs)}::text::json) as q(account text, batch text)
      join orders o on o.account = q.account and o.batch_code = q.batch
      union
      select c.account, c.batch_code, c.nonce
      from json_to_recordset(${jsonText(pairs)}::text::json) as q(account text, batch text)
      join cancelled_orders c on c.account = q.account and c.batch_code = q.batch)
    select account, batch, min(nonce) as first, max(nonce) as last
    from (select *, nonce - row_number() over (partition by account, batch order by nonce) as island from used) as islands
    group by account, batch, island
    order by account, batch, first`.execute(db);
  const ranges: Ranges = new Map();
  for (const { account, batch, first, last } of rows) {
    const key = `${account} ${batch}`;
    const own = ranges.get(key);
    const range: [number, number] = [toInteger(first), toInteger(last)];
    if (own === undefined) ranges.set(key, [range]);
    else own.push(range);
  }
  return ranges;
}
