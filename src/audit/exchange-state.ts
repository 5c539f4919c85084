import type { LedgerEvent, LedgerEventOf } from "../chain/event-types.js";
import type { CashTransferArgs } from "../chain/exchange-event-types.js";
import { tonnesOf } from "../ledger/serial-partition.js";
import { Amounts } from "./amounts.js";
import type { Findings, Place } from "./findings.js";
import type { Row } from "./rows.js";

/** The asset of a position that is money. */
export const CASH = "";

/** What the exchange owes to an account: tonnes of a batch, or money in minor units. `availableAt` is Unix time. */
export interface Position {
  readonly amount: bigint;
  readonly leaving: bigint;
  readonly availableAt: bigint;
}

export const NO_POSITION: Position = { amount: 0n, leaving: 0n, availableAt: 0n };

/** Positions in the exchange, as the logs tell it. Only those that are not empty are kept. */
export class ExchangeState {
  readonly listed = new Set<string>();
  readonly #exchange: string;
  readonly #findings: Findings;
  /** By asset, then account. */
  readonly #positions = new Map<string, Map<string, Position>>();
  #feeAccount = "";
  /** Of the transaction at hand, by asset: what went to the exchange and came from it, less what the exchange says of that. */
  readonly #unexplained = new Amounts();

  constructor(exchange: string, findings: Findings) {
    this.#exchange = exchange;
    this.#findings = findings;
  }

  positionsOf(asset: string): ReadonlyMap<string, Position> {
    return this.#positions.get(asset) ?? new Map<string, Position>();
  }

  position(account: string, asset: string): Position {
    return this.#positions.get(asset)?.get(account) ?? NO_POSITION;
  }

  /** Money, and all that is or was traded or deposited. */
  assets(): string[] {
    return [...new Set([CASH, ...this.listed, ...this.#positions.keys()])];
  }

  /** What is owed of an asset to all. */
  owed(asset: string): bigint {
    let sum = 0n;
    for (const { amount } of this.positionsOf(asset).values()) sum += amount;
    return sum;
  }

  apply(event: LedgerEvent): void {
    switch (event.name) {
      case "BlocksMoved":
        this.#pass(event.args.batchId, event.args, tonnesOf(event.args.blocks.map(rangeOf)));
        return;
      case "Transfer":
        if (event.contract === "SettlementCash") this.#passCash(event.args as unknown as CashTransferArgs);
        return;
      case "InstrumentListed":
        this.listed.add(event.args.batchId);
        return;
      case "FeeAccountSet":
        this.#feeAccount = event.args.account;
        return;
      case "TradeSettled":
        this.#settle(event);
        return;
      case "PositionRecovered":
        this.#recover(event);
        return;
      default:
        this.#deposit(event);
    }
  }

  endTransaction(place: Place): void {
    for (const [asset, amount] of this.#unexplained) {
      const batch = asset === CASH ? null : asset;
      const detail = `the exchange has ${amount} that it says nothing of`;
      this.#findings.add({ kind: "owed", batch, expected: 0n, found: amount, detail }, place);
    }
    this.#unexplained.clear();
  }

  *rows(): Generator<Row> {
    yield ["fee-account", this.#feeAccount];
    for (const batch of this.listed) yield ["listed", batch];
    for (const [asset, positions] of this.#positions) {
      for (const [account, { amount, leaving, availableAt }] of positions)
        yield ["position", asset, account, `${amount}`, `${leaving}`, `${availableAt}`];
    }
  }

  restore(rows: Iterable<Row>): void {
    for (const [tag, first = "", account = "", ...numbers] of rows) {
      if (tag === "fee-account") this.#feeAccount = first;
      if (tag === "listed") this.listed.add(first);
      if (tag !== "position") continue;
      const [amount = 0n, leaving = 0n, availableAt = 0n] = numbers.map(BigInt);
      this.#put(account, first, { amount, leaving, availableAt });
    }
  }

  #deposit(event: LedgerEvent): void {
    switch (event.name) {
      case "UnitsDeposited": {
        this.#bring(event, event.args.batchId, BigInt(event.args.tonnes));
        return;
      }
      case "CashDeposited": {
        this.#bring(event, CASH, BigInt(event.args.amount));
        return;
      }
      case "UnitsWithdrawn": {
        this.#takeOut(event, event.args.batchId, BigInt(event.args.tonnes));
        return;
      }
      case "CashWithdrawn": {
        this.#takeOut(event, CASH, BigInt(event.args.amount));
        return;
      }
      case "UnitsWithdrawalRequested": {
        this.#request(event, event.args.batchId, BigInt(event.args.tonnes));
        return;
      }
      case "CashWithdrawalRequested": {
        this.#request(event, CASH, BigInt(event.args.amount));
        return;
      }
      case "WithdrawalCancelled": {
        const { account, batchId, amount } = event.args;
        this.#change(event, account, batchId ?? CASH, { leaving: -BigInt(amount) });
        return;
      }
      default:
    }
  }

  #bring(event: LedgerEventOf<"UnitsDeposited" | "CashDeposited">, asset: string, amount: bigint): void {
    this.#unexplained.add(asset, -amount);
    this.#change(event, event.args.account, asset, { amount });
  }

  #takeOut(event: LedgerEventOf<"UnitsWithdrawn" | "CashWithdrawn">, asset: string, amount: bigint): void {
    this.#unexplained.add(asset, amount);
    this.#change(event, event.args.account, asset, { amount: -amount, leaving: -amount });
  }

  #request(
    event: LedgerEventOf<"UnitsWithdrawalRequested" | "CashWithdrawalRequested">,
    asset: string,
    amount: bigint,
  ): void {
    const { account, availableAt } = event.args;
    this.#change(event, account, asset, { leaving: amount });
    this.#put(account, asset, { ...this.position(account, asset), availableAt: BigInt(availableAt) });
  }

  /** Units one way, money the other, fees to their account. */
  #settle(event: LedgerEventOf<"TradeSettled">): void {
    const { batchId, buyer, seller, tonnes: tonnesText, price, buyerFee, sellerFee } = event.args;
    const tonnes = BigInt(tonnesText);
    const value = tonnes * BigInt(price);
    const fees = BigInt(buyerFee) + BigInt(sellerFee);
    this.#change(event, seller, batchId, { amount: -tonnes });
    this.#change(event, buyer, batchId, { amount: tonnes });
    this.#change(event, buyer, CASH, { amount: -value - BigInt(buyerFee) });
    this.#change(event, seller, CASH, { amount: value - BigInt(sellerFee) });
    if (fees !== 0n) this.#change(event, this.#feeAccount, CASH, { amount: fees });
  }

  /** Nothing of it is leaving any more. */
  #recover(event: LedgerEventOf<"PositionRecovered">): void {
    const { lostAccount, newAccount, batchId, amount: text } = event.args;
    const asset = batchId ?? CASH;
    const amount = BigInt(text);
    this.#change(event, lostAccount, asset, { amount: -amount, leaving: -this.position(lostAccount, asset).leaving });
    this.#change(event, newAccount, asset, { amount });
  }

  #change(place: Place, account: string, asset: string, by: { amount?: bigint; leaving?: bigint }): void {
    const before = this.position(account, asset);
    const amount = before.amount + (by.amount ?? 0n);
    const leaving = before.leaving + (by.leaving ?? 0n);
    if (amount < 0n || leaving < 0n || leaving > amount) {
      const finding = { kind: "position", batch: asset === CASH ? null : asset, account } as const;
      const detail = `${account} would have ${amount} in the exchange, ${leaving} of it leaving`;
      this.#findings.add({ ...finding, expected: amount, detail }, place);
    }
    this.#put(account, asset, { amount, leaving, availableAt: leaving === 0n ? 0n : before.availableAt });
  }

  #put(account: string, asset: string, position: Position): void {
    const positions = this.#positions.get(asset) ?? new Map<string, Position>();
    if (position.amount === 0n && position.leaving === 0n) positions.delete(account);
    else positions.set(account, position);
    this.#positions.set(asset, positions);
  }

  #passCash({ from, to, value }: CashTransferArgs): void {
    this.#pass(CASH, { from, to }, BigInt(value));
  }

  #pass(asset: string, { from, to }: { readonly from: string; readonly to: string }, amount: bigint): void {
    if (from === to) return;
    if (to === this.#exchange) this.#unexplained.add(asset, amount);
    if (from === this.#exchange) this.#unexplained.add(asset, -amount);
  }
}

function rangeOf({ start, end }: { readonly start: string; readonly end: string }) {
  return { start: BigInt(start), end: BigInt(end) };
}
