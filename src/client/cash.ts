import { collection, read, remove, segment, write } from "./calls.js";
import type * as c from "./cash-types.js";
import { download, type FileOptions } from "./history.js";
import type { CashTransferInput, DepositInput, RedemptionInput } from "./market-requests.js";
import type { SignedBody, WriteOptions } from "./requests.js";
import type { Transport } from "./transport.js";
import type { Address, Day, Quantity } from "./types.js";

type Owner = { readonly account?: Address; readonly participantId?: number };

/** The settlement currency. Amounts are in its minor units. */
export function cashCalls(send: Transport) {
  const path = "/v1/cash";
  const balances = collection<c.CashBalance, Owner>(send, `${path}/balances`);
  return {
    get: () => read<c.Currency>(send, path),
    balances: { list: balances.list, all: balances.all },
    /** Opening balance, movements and closing balance of the days from `from` to `to`. */
    statement: (query: { account: Address; from: Day; to: Day; place?: "account" | "exchange"; minBlock?: number }) =>
      read<c.CashStatement>(send, `${path}/statement`, query),
    /** The same as a file, however long. */
    statementExport: (
      query: { account: Address; from: Day; to: Day; place?: "account" | "exchange"; minBlock?: number } & FileOptions,
    ) => download(send, `${path}/statement`, query),
    deposits: deposits(send),
    transfers: {
      create: (body: CashTransferInput | SignedBody, o?: WriteOptions) => write(send, `${path}/transfers`, body, o),
    },
    redemptions: redemptions(send),
    /** The emergency stop of all money. */
    pause: (reason?: string, o?: WriteOptions) => write(send, `${path}/pause`, { reason: reason ?? null }, o),
    unpause: (o?: WriteOptions) => write(send, `${path}/unpause`, {}, o),
    /** The amount up to which one officer of the bank is enough. Where the role has a delay, it must be scheduled first. */
    setLimit: (amount: Quantity, o?: WriteOptions) => write(send, `${path}/limit`, { amount }, o),
    scheduleLimit: (amount: Quantity, o?: WriteOptions) => write(send, `${path}/limit/schedule`, { amount }, o),
    /** Carries the money of a lost account to its successor. */
    recover: (lost: Address, o?: WriteOptions) => write(send, `/v1/accounts/${segment(lost)}/cash-recovery`, {}, o),
  };
}

function deposits(send: Transport) {
  const path = "/v1/cash/deposits";
  const at = (reference: string): string => `${path}/${segment(reference)}`;
  return {
    ...collection<c.CashDeposit, Owner & { status?: c.CashDeposit["status"] }>(send, path),
    /** Makes the money, or, above the limit for one officer, proposes it. */
    create: (body: DepositInput, o?: WriteOptions) => write(send, path, body, o),
    approve: (reference: string, terms: { account: Address; amount: Quantity }, o?: WriteOptions) =>
      write(send, `${at(reference)}/approval`, terms, o),
    withdraw: (reference: string, o?: WriteOptions) => remove(send, at(reference), o),
  };
}

function redemptions(send: Transport) {
  const path = "/v1/cash/redemptions";
  const at = (id: string): string => `${path}/${segment(id)}`;
  return {
    ...collection<c.Redemption, Owner & { status?: c.Redemption["status"] }>(send, path),
    /** What is signed names the payee by a hash only; the bank reads `payout`. */
    create: (body: (SignedBody | RedemptionInput) & { readonly payout: c.Payout }, o?: WriteOptions) =>
      write(send, path, body, o),
    approve: (id: string, o?: WriteOptions) => write(send, `${at(id)}/approval`, {}, o),
    pay: (id: string, reference: string, o?: WriteOptions) => write(send, `${at(id)}/payment`, { reference }, o),
    refuse: (id: string, reason: string, o?: WriteOptions) => write(send, `${at(id)}/refusal`, { reason }, o),
  };
}
