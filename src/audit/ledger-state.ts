import { ZERO_ADDRESS, type LedgerEvent } from "../chain/event-types.js";
import type { CashTransferArgs } from "../chain/exchange-event-types.js";
import { CashState } from "./cash-state.js";
import { ExchangeState } from "./exchange-state.js";
import type { Findings, Place } from "./findings.js";
import { ForeignBlocks } from "./foreign-blocks.js";
import type { Row } from "./rows.js";
import { UnitsState } from "./units-state.js";

/** What grows with the history, and so has no place in memory. */
export interface HistorySink {
  record(kind: "retired" | "cancelled", id: bigint, hash: string, block: bigint): void;
  fill(orderHash: string, tonnes: bigint, block: bigint): void;
  deal(dealHash: string, block: bigint): void;
}

/** The whole ledger as the logs tell it, after each transaction. */
export class LedgerState {
  readonly units: UnitsState;
  readonly cash: CashState;
  readonly exchange: ExchangeState;
  readonly foreign: ForeignBlocks;
  /** Every account that was ever named. */
  readonly accounts = new Set<string>();
  readonly #sink: HistorySink | null;
  #open: Place | null = null;

  /** @param sink Null when nobody asks about the history. */
  constructor(exchange: string, findings: Findings, sink: HistorySink | null) {
    this.units = new UnitsState(findings);
    this.cash = new CashState(findings);
    this.exchange = new ExchangeState(exchange, findings);
    this.foreign = new ForeignBlocks(findings);
    this.#sink = sink;
    this.accounts.add(exchange);
  }

  apply(event: LedgerEvent): void {
    if (this.#open !== null && this.#open.txHash !== event.txHash) this.endTransaction();
    this.#open = event;
    this.units.apply(event);
    this.cash.apply(event);
    this.exchange.apply(event);
    this.foreign.apply(event);
    this.#meet(event);
    if (this.#sink !== null) remember(this.#sink, event);
  }

  /** To be called where no further event of the last transaction can come. */
  endTransaction(): void {
    if (this.#open === null) return;
    for (const part of [this.units, this.cash, this.exchange]) part.endTransaction(this.#open);
    this.#open = null;
  }

  *rows(): Generator<Row> {
    for (const part of [this.units, this.cash, this.exchange, this.foreign]) yield* part.rows();
    for (const account of this.accounts) yield ["account", account];
  }

  restore(rows: readonly Row[]): void {
    for (const part of [this.units, this.cash, this.exchange, this.foreign]) part.restore(rows);
    for (const [tag, account = ""] of rows) if (tag === "account") this.accounts.add(account);
  }

  #meet(event: LedgerEvent): void {
    const accounts =
      event.name === "AccountAdded" || event.name === "Frozen"
        ? [event.args.account]
        : event.name === "AccountReplaced"
          ? [event.args.lostAccount, event.args.newAccount]
          : event.name === "BlocksMoved"
            ? [event.args.from, event.args.to]
            : event.name === "Transfer" && event.contract === "SettlementCash"
              ? partiesOf(event.args as unknown as CashTransferArgs)
              : [];
    for (const account of accounts) if (account !== ZERO_ADDRESS) this.accounts.add(account);
  }
}

function partiesOf({ from, to }: CashTransferArgs): string[] {
  return [from, to];
}

function remember(sink: HistorySink, { name, args, blockNumber }: LedgerEvent): void {
  switch (name) {
    case "Retired":
      sink.record("retired", BigInt(args.retirementId), args.recordHash, blockNumber);
      return;
    case "Cancelled":
      sink.record("cancelled", BigInt(args.cancellationId), args.recordHash, blockNumber);
      return;
    case "TradeSettled": {
      const { takerHash, makerHash, tonnes } = args;
      if (takerHash === makerHash) {
        sink.deal(takerHash, blockNumber);
        return;
      }
      sink.fill(takerHash, BigInt(tonnes), blockNumber);
      sink.fill(makerHash, BigInt(tonnes), blockNumber);
      return;
    }
    default:
  }
}
