import { randomBytes } from "node:crypto";

import type { Db } from "../db/connection.js";
import { findDocuments, keepDocument, newDocument } from "../documents.js";
import { Problem } from "../errors.js";
import type { Asker } from "../institution.js";
import type { Intents } from "../intents/service.js";
import {
  findDeposit,
  findRedemption,
  listCashBalances,
  listDeposits,
  listRedemptions,
  readCashTotals,
  type CashBalanceView,
  type CashDepositView,
  type CashTotals,
  type DepositFilter,
  type OwnerFilter,
  type RedemptionFilter,
  type RedemptionView,
} from "../ledger/read/cash.js";
import { readStatement, type CashStatement, type StatementPlace } from "../ledger/read/cash-statement.js";
import type { Page, PageRequest } from "../ledger/read/page.js";
import { findAccount } from "../ledger/read/participants.js";
import { mayReadParticipant, visibleParticipant, type Principal } from "../principal.js";
import type { PayoutBody, RedemptionBody, TransferBody } from "./schemas.js";

export interface CashDeps {
  readonly db: Db;
  readonly intents: Intents;
  /** Address of the exchange. */
  readonly exchange: string;
}

/** A redemption with what only this service knows: where the money goes, and why it was refused. */
export interface KnownRedemption extends RedemptionView {
  readonly payout: object | null;
  readonly reason: string | null;
}

export interface StatementQuery {
  readonly account: string;
  readonly from: string;
  readonly to: string;
  readonly place: StatementPlace;
}

export type Cash = ReturnType<typeof createCash>;

/** The most movements in a statement. */
const LONGEST_STATEMENT = 5_000;

/** What holders do with their money, and what everybody may see of it. */
export function createCash(deps: CashDeps) {
  return { ...holderActs(deps), ...reads(deps) };
}

function holderActs({ db, intents }: CashDeps) {
  const keepPayout = async (payout: PayoutBody): Promise<string> => {
    const document = newDocument("payout", payout);
    await keepDocument(db, document);
    return document.hash;
  };

  return {
    /** @returns the operation's id */
    async transfer(body: TransferBody, asker: Asker): Promise<string> {
      if ("signature" in body) {
        return intents.acceptSigned({ kind: "cash-transfer", json: body.intent }, body.signature, asker.idempotency);
      }
      const { account, to, amount } = body;
      return intents.acceptManaged({ ...asker, account }, (terms) => ({
        kind: "cash-transfer",
        json: { ...terms, to, amount },
      }));
    },

    /** @returns the operation's id */
    async redeem(body: RedemptionBody, asker: Asker): Promise<string> {
      if ("signature" in body) {
        const { intent, signature, payout } = body;
        const { hash } = newDocument("payout", payout);
        if (hash !== intent.payoutHash) {
          throw new Problem("cash-payout-mismatch", undefined, { evidence: { payoutHash: hash } });
        }
        const id = await intents.acceptSigned({ kind: "redemption", json: intent }, signature, asker.idempotency);
        // Not before: whoever has no account must not be able to fill the shelf.
        await keepPayout(payout);
        return id;
      }
      if (asker.principal.kind === "anonymous") throw new Problem("unauthorized");
      const { account, amount, payout } = body;
      // Before: the request that is repeated under its idempotency key does not come here again.
      const payoutHash = await keepPayout({ ...payout, salt: payout.salt ?? randomBytes(24).toString("base64url") });
      return intents.acceptManaged({ ...asker, account }, (terms) => ({
        kind: "redemption",
        json: { ...terms, amount, payoutHash },
      }));
    },
  };
}

function reads({ db, exchange }: CashDeps) {
  /** Whether the principal may see what an account has. */
  const mayRead = async (principal: Principal, address: string): Promise<boolean> => {
    const account = await findAccount(db, address);
    return mayReadParticipant(principal, account?.participantId ?? null);
  };
  /** Narrowed to what the principal may see. @throws Problem `forbidden` */
  const visible = <Filter extends OwnerFilter>(principal: Principal, filter: Filter): Filter => ({
    ...filter,
    participantId: visibleParticipant(principal, filter.participantId),
  });

  return {
    totals: (): Promise<CashTotals> => readCashTotals(db),

    balances: async (principal: Principal, filter: OwnerFilter, page: PageRequest): Promise<Page<CashBalanceView>> =>
      listCashBalances(db, visible(principal, filter), page),

    deposits: async (principal: Principal, filter: DepositFilter, page: PageRequest): Promise<Page<CashDepositView>> =>
      listDeposits(db, visible(principal, filter), page),

    /** @throws Problem `not-found`, also when the principal may not see it */
    async deposit(principal: Principal, reference: string): Promise<CashDepositView> {
      const found = await findDeposit(db, reference);
      if (found !== null && (await mayRead(principal, found.account))) return found;
      throw new Problem("not-found", `There is no deposit ${reference}.`);
    },

    async redemptions(
      principal: Principal,
      filter: RedemptionFilter,
      page: PageRequest,
    ): Promise<Page<KnownRedemption>> {
      const { items, next } = await listRedemptions(db, visible(principal, filter), page);
      return { items: await withDocuments(db, items), next };
    },

    /** @throws Problem `not-found`, also when the principal may not see it */
    async redemption(principal: Principal, id: bigint): Promise<KnownRedemption> {
      const found = await findRedemption(db, id);
      const [known] =
        found !== null && (await mayRead(principal, found.account)) ? await withDocuments(db, [found]) : [];
      if (known === undefined) throw new Problem("not-found", `There is no redemption ${id}.`);
      return known;
    },

    /** @throws Problem `not-found` when the principal may not see the account, `cash-statement-too-long` */
    async statement(principal: Principal, query: StatementQuery): Promise<CashStatement> {
      const { account, from, to } = query;
      if (!(await mayRead(principal, account))) throw new Problem("not-found", `There is no account ${account}.`);
      if (from > to) {
        const message = "must not be before `from`";
        throw new Problem("validation-failed", `/query/to: ${message}`, { errors: [{ path: "/query/to", message }] });
      }
      const statement = await readStatement(db, { ...query, exchange, limit: LONGEST_STATEMENT });
      if (statement === null) {
        throw new Problem("cash-statement-too-long", undefined, { evidence: { limit: LONGEST_STATEMENT } });
      }
      return statement;
    },
  };
}

async function withDocuments(db: Db, redemptions: readonly RedemptionView[]): Promise<KnownRedemption[]> {
  const hashes = redemptions.flatMap(({ payoutHash, reasonHash }) => [payoutHash, reasonHash]);
  const documents = await findDocuments(db, hashes);
  return redemptions.map((redemption) => {
    const reason = documents.get(redemption.reasonHash ?? "")?.["reason"];
    return {
      ...redemption,
      payout: documents.get(redemption.payoutHash) ?? null,
      reason: typeof reason === "string" ? reason : null,
    };
  });
}
