import { ZERO_ADDRESS, type LedgerEvent } from "../chain/event-types.js";
import type { CashTransferArgs } from "../chain/exchange-event-types.js";
import { Amounts } from "./amounts.js";
import type { Findings, Place } from "./findings.js";
import type { Row } from "./rows.js";

/** Money, as the logs tell it. Amounts are in minor units of the settlement currency. */
export class CashState {
  readonly balances = new Amounts();
  readonly #findings: Findings;
  /** Of the transaction at hand: what came into being and what went, and what the bank said about it. */
  #made = 0n;
  #minted = 0n;
  #unmade = 0n;
  #paid = 0n;

  constructor(findings: Findings) {
    this.#findings = findings;
  }

  /** The sum of all balances is what there is. */
  supply(): bigint {
    return this.balances.sum();
  }

  apply(event: LedgerEvent): void {
    if (event.contract !== "SettlementCash") return;
    if (event.name === "Transfer") this.#transfer(event.args as unknown as CashTransferArgs, event);
    if (event.name === "Minted") this.#minted += BigInt(event.args.amount);
    if (event.name === "RedemptionPaid") this.#paid += BigInt(event.args.amount);
  }

  endTransaction(place: Place): void {
    if (this.#made !== this.#minted) {
      const detail = `the bank minted ${this.#minted}, and money came to ${this.#made}`;
      this.#findings.add({ kind: "thin-air", expected: this.#minted, found: this.#made, detail }, place);
    }
    if (this.#unmade !== this.#paid) {
      const detail = `the bank paid out ${this.#paid}, and ${this.#unmade} of money was taken away`;
      this.#findings.add({ kind: "cash-supply", expected: this.#paid, found: this.#unmade, detail }, place);
    }
    this.#made = this.#minted = this.#unmade = this.#paid = 0n;
  }

  *rows(): Generator<Row> {
    for (const [account, amount] of this.balances) yield ["cash", account, `${amount}`];
  }

  restore(rows: Iterable<Row>): void {
    for (const [tag, account = "", amount = ""] of rows) {
      if (tag === "cash") this.balances.set(account, BigInt(amount));
    }
  }

  #transfer({ from, to, value }: CashTransferArgs, place: Place): void {
    const amount = BigInt(value);
    if (from === ZERO_ADDRESS) this.#made += amount;
    else {
      const left = this.balances.add(from, -amount);
      if (left < 0n) {
        const detail = `${from} would have ${left} of money`;
        this.#findings.add({ kind: "cash-balance", account: from, expected: left, detail }, place);
      }
    }
    if (to === ZERO_ADDRESS) this.#unmade += amount;
    else this.balances.add(to, amount);
  }
}
