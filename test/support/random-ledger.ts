import { getAddress, id, ZeroAddress, ZeroHash } from "ethers";

import { batchIdOf, encodeCode } from "../../src/chain/codes.js";
import { FAKE_ADDRESSES, FakeChain, fakeAccount, fakeLog, type FakeLog } from "./fake-chain.js";

export const EXCHANGE = getAddress(FAKE_ADDRESSES.Exchange);
export const FIRMS = [1, 2, 3, 4].map((n) => getAddress(fakeAccount(n)));
export const BATCHES = [
  { code: "VN-A-2023", project: "VN-P1", vintage: 2023 },
  { code: "VN-A-2024", project: "VN-P1", vintage: 2024 },
  { code: "VN-B-2024", project: "VN-P2", vintage: 2024 },
] as const;
export const SERIALS = 120;

export const NAMES = ["Cảng Đà Nẵng", "Électricité de l’Est", "Thép Đường 50%_\\", "Da Nang Steel"];
const REASONS = 3;
const DAY = 86_400n;
const RICH = 1_000_000n;

/** Everything that happened to one serial, told once more in the plainest way. */
export interface ToldStep {
  readonly block: bigint;
  readonly from: string | null;
  readonly to: string | null;
  readonly kind: string;
}

export interface ToldRecord {
  readonly id: bigint;
  readonly block: bigint;
  readonly firm: number;
  readonly batch: (typeof BATCHES)[number];
  readonly serials: readonly [number, number];
  readonly tonnes: bigint;
  readonly name: string;
  readonly beneficiaryId: string;
  /** Number of the purpose, or of the reason of a cancellation. */
  readonly purpose: number;
}

export interface ToldTransfer {
  readonly block: bigint;
  readonly from: string;
  readonly to: string;
  readonly batch: (typeof BATCHES)[number];
  readonly tonnes: bigint;
  readonly kind: string;
}

export interface ToldTrade {
  readonly block: bigint;
  readonly buyer: string;
  readonly seller: string;
  readonly batch: (typeof BATCHES)[number];
  readonly tonnes: bigint;
  readonly price: bigint;
}

/** What was so after a block: tonnes, frozen tonnes and positions by `<account> <batch>`. */
export interface Snapshot {
  readonly tonnes: ReadonlyMap<string, bigint>;
  readonly frozen: ReadonlyMap<string, bigint>;
  readonly positions: ReadonlyMap<string, bigint>;
  readonly supply: ReadonlyMap<string, readonly [retired: bigint, cancelled: bigint]>;
}

/** A ledger that acts at random, one act in a block and a day, and writes down what it did. */
export class RandomLedger {
  readonly chain = new FakeChain("random", DAY);
  readonly retirements: ToldRecord[] = [];
  readonly cancellations: ToldRecord[] = [];
  readonly transfers: ToldTransfer[] = [];
  readonly trades: ToldTrade[] = [];
  readonly lives = new Map<string, ToldStep[]>();
  readonly snapshots = new Map<bigint, Snapshot>();
  #tonnes = new Map<string, bigint>();
  #frozen = new Map<string, bigint>();
  #positions = new Map<string, bigint>();
  #supply = new Map<string, readonly [bigint, bigint]>();
  #block = 0n;
  #seed: number;

  constructor(seed: number) {
    this.#seed = seed;
    this.#mine(FIRMS.flatMap((account, i) => admission(i + 1, account)));
    for (const { code, project, vintage } of BATCHES) {
      const issue = [batchIdOf(code), encodeCode(project), id(code), vintage, SERIALS, this.#firm(0), 0, ZeroAddress];
      this.#move(code, null, this.#firm(0), 1, SERIALS, "issuance", [fakeLog("Registry", "BatchIssued", issue)], []);
    }
    for (const account of FIRMS) {
      this.#positions.set(`${account} `, RICH);
      this.#mine([fakeLog("Exchange", "CashDeposited", [account, RICH])]);
    }
  }

  get head(): bigint {
    return this.#block;
  }

  /** A number from 0 up to, and without, `limit`. */
  random(limit: number): number {
    this.#seed = (Math.imul(this.#seed, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((this.#seed / 2 ** 32) * limit);
  }

  act(): void {
    const acts = [this.#transfer, this.#transfer, this.#record, this.#record, this.#freeze, this.#deposit, this.#trade];
    acts[this.random(acts.length)]?.call(this);
  }

  #transfer(): void {
    const found = this.#somebodys(FIRMS);
    if (found === null) return;
    const to = this.#firm(this.random(4));
    const isForced = this.random(4) === 0;
    const tonnes = BigInt(found.end - found.start + 1);
    const token = batchIdOf(found.batch.code);
    const after = isForced ? [fakeLog("Units", "ForcedTransfer", [found.from, to, token, tonnes])] : [];
    const kind = isForced ? "forced" : "transfer";
    this.#move(found.batch.code, found.from, to, found.start, found.end, kind, [], after);
    this.transfers.push({ block: this.#block, from: found.from, to, batch: found.batch, tonnes, kind });
  }

  #record(): void {
    const found = this.#somebodys(FIRMS);
    if (found === null) return;
    const { batch, from, start, end } = found;
    const isRetirement = this.random(3) > 0;
    const list = isRetirement ? this.retirements : this.cancellations;
    const record = {
      id: BigInt(list.length + 1),
      block: this.#block + 1n,
      firm: FIRMS.indexOf(from) + 1,
      batch,
      serials: [start, end] as const,
      tonnes: BigInt(end - start + 1),
      name: NAMES[this.random(NAMES.length)] ?? "",
      beneficiaryId: `ID${this.random(3)}`,
      purpose: this.random(REASONS),
    };
    list.push(record);
    const at = 1_767_225_600n + record.block * DAY;
    const unit = batchIdOf(batch.code);
    const { tonnes, name, beneficiaryId, purpose } = record;
    const order = isRetirement
      ? [unit, tonnes, [[start, end]], name, beneficiaryId, ZeroHash, purpose, "because", "", "0x564e", 100, 200]
      : [unit, tonnes, [[start, end]], purpose, name];
    const [retired, cancelled] = this.#supply.get(batch.code) ?? [0n, 0n];
    const supply = isRetirement ? ([retired + tonnes, cancelled] as const) : ([retired, cancelled + tonnes] as const);
    this.#supply.set(batch.code, supply);
    const event = isRetirement ? "Retired" : "Cancelled";
    const log = fakeLog("Retirements", event, [record.id, from, unit, record.firm, at, order]);
    this.#move(batch.code, from, null, start, end, isRetirement ? "retirement" : "cancellation", [], [log]);
  }

  #freeze(): void {
    const account = this.#firm(this.random(4));
    const batch = BATCHES[this.random(BATCHES.length)] ?? BATCHES[0];
    const frozen = BigInt(this.random(3));
    this.#frozen.set(`${account} ${batch.code}`, frozen);
    this.#mine([fakeLog("Units", "Frozen", [account, batchIdOf(batch.code), frozen])]);
  }

  /** Into the exchange, or out of it again. */
  #deposit(): void {
    const isOut = this.random(3) === 0;
    const found = this.#somebodys(isOut ? [EXCHANGE] : FIRMS);
    if (found === null) return;
    const { batch, from, start, end } = found;
    const owner = isOut ? this.#firm(this.random(4)) : from;
    const tonnes = BigInt(end - start + 1);
    const key = `${owner} ${batch.code}`;
    const position = this.#positions.get(key) ?? 0n;
    if (isOut && position < tonnes) return;
    const unit = batchIdOf(batch.code);
    this.#positions.set(key, isOut ? position - tonnes : position + tonnes);
    const request = fakeLog("Exchange", "UnitsWithdrawalRequested", [owner, unit, tonnes, tonnes, 9]);
    const logs = [fakeLog("Exchange", isOut ? "UnitsWithdrawn" : "UnitsDeposited", [owner, unit, tonnes])];
    const to = isOut ? owner : EXCHANGE;
    this.#move(batch.code, from, to, start, end, "transfer", isOut ? [request] : [], logs);
    this.transfers.push({ block: this.#block, from, to, batch, tonnes, kind: "transfer" });
  }

  #trade(): void {
    const batch = BATCHES[this.random(BATCHES.length)] ?? BATCHES[0];
    const seller = FIRMS.find((account) => (this.#positions.get(`${account} ${batch.code}`) ?? 0n) > 0n);
    const buyer = this.#firm(this.random(4));
    if (seller === undefined || buyer === seller) return;
    const price = BigInt(1 + this.random(50));
    this.#shift(`${seller} ${batch.code}`, -1n);
    this.#shift(`${buyer} ${batch.code}`, 1n);
    this.#shift(`${buyer} `, -price);
    this.#shift(`${seller} `, price);
    const hashes = [id(`taker ${this.#block}`), id(`maker ${this.#block}`)];
    const unit = batchIdOf(batch.code);
    this.#mine([fakeLog("Exchange", "TradeSettled", [unit, ...hashes, buyer, seller, 1, price, 0, 0])]);
    this.trades.push({ block: this.#block, buyer, seller, batch, tonnes: 1n, price });
  }

  #shift(key: string, change: bigint): void {
    this.#positions.set(key, (this.#positions.get(key) ?? 0n) + change);
  }

  #firm(n: number): string {
    return FIRMS[n] ?? ZeroAddress;
  }

  /** A run of serials that one of these accounts has; null when the dice fell badly. */
  #somebodys(accounts: readonly string[]) {
    const batch = BATCHES[this.random(BATCHES.length)] ?? BATCHES[0];
    const start = 1 + this.random(SERIALS);
    const from = this.#ownerOf(batch.code, start);
    if (from === null || !accounts.includes(from)) return null;
    let end = start;
    const longest = 1 + this.random(20);
    while (end < SERIALS && end - start + 1 < longest && this.#ownerOf(batch.code, end + 1) === from) end++;
    return { batch, from, start, end };
  }

  #ownerOf(batch: string, serial: number): string | null {
    return this.lives.get(`${batch} ${serial}`)?.at(-1)?.to ?? null;
  }

  #move(
    batch: string,
    from: string | null,
    to: string | null,
    start: number,
    end: number,
    kind: string,
    before: readonly FakeLog[],
    after: readonly FakeLog[],
  ): void {
    const tonnes = BigInt(end - start + 1);
    for (const [account, change] of [
      [from, -tonnes],
      [to, tonnes],
    ] as const) {
      const key = `${account} ${batch}`;
      if (account !== null) this.#tonnes.set(key, (this.#tonnes.get(key) ?? 0n) + change);
    }
    for (let serial = start; serial <= end; serial++) {
      const key = `${batch} ${serial}`;
      this.lives.set(key, [...(this.lives.get(key) ?? []), { block: this.#block + 1n, from, to, kind }]);
    }
    const moved = [batchIdOf(batch), from ?? ZeroAddress, to ?? ZeroAddress, [[start, end]]];
    this.#mine([...before, fakeLog("Units", "BlocksMoved", moved), ...after]);
  }

  #mine(logs: readonly FakeLog[]): void {
    this.#block = this.chain.mine(logs).number;
    this.snapshots.set(this.#block, {
      tonnes: new Map(this.#tonnes),
      frozen: new Map(this.#frozen),
      positions: new Map(this.#positions),
      supply: new Map(this.#supply),
    });
  }
}

function admission(number: number, account: string): FakeLog[] {
  return [
    fakeLog("Participants", "ParticipantAdmitted", [number, `040010197${number}`, 7, 4_102_444_800, ZeroHash]),
    fakeLog("Participants", "AccountAdded", [number, account]),
  ];
}
