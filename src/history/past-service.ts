import type { Db } from "../db/connection.js";
import { findDocuments, nameIn } from "../documents.js";
import { Problem } from "../errors.js";
import type { RowPages } from "../exports/ports.js";
import {
  holdingsAt,
  momentOf,
  participantsAt,
  positionsAt,
  supplyAt,
  type BatchAt,
  type Moment,
  type ParticipantAt,
  type PositionAt,
} from "../ledger/read/as-of.js";
import type { Page, PageRequest } from "../ledger/read/page.js";
import { scanCashStatement, type CashEntry, type StatementPlace } from "../ledger/read/cash-statement.js";
import { findRetirement, type RetirementView } from "../ledger/read/retirements.js";
import { serialLife, type SerialLife } from "../ledger/read/serial-life.js";
import {
  scanUnitStatement,
  unitStatement,
  type UnitEntry,
  type UnitStatement,
  type UnitStatementRequest,
} from "../ledger/read/unit-statement.js";
import type { HoldingView } from "../ledger/read/units.js";
import { mayReadParticipant, visibleParticipant, type Principal } from "../principal.js";
import type { Directory } from "./names.js";

export interface PastDeps {
  readonly db: Db;
  /** Address of the exchange, EIP-55. */
  readonly exchange: string;
  directory(): Promise<Directory>;
}

/** A block, or an instant (Unix seconds); neither: the latest block that is known. */
export interface AskedMoment {
  readonly block?: bigint | undefined;
  readonly at?: bigint | undefined;
}

export interface OwnerFilter {
  readonly account?: string | undefined;
  readonly participantId?: number | undefined;
  readonly batch?: string | undefined;
}

/** A page, and the moment that it shows. */
export interface PageAt<Item> extends Page<Item> {
  readonly moment: Moment;
}

export interface KnownParticipantAt extends ParticipantAt {
  /** From the public record that was in force. */
  readonly name: string | null;
}

export interface WholeStatementRequest extends Omit<UnitStatementRequest, "limit" | "cursor"> {
  readonly rowsAtOnce: number;
}

/** All of a statement, as of its last block. */
export interface WholeStatement<Entry> {
  readonly moment: Moment;
  readonly pages: RowPages<Entry>;
}

/** Days (`YYYY-MM-DD`, UTC), inclusive. */
export interface WholeCashRequest {
  readonly account: string;
  readonly place: StatementPlace;
  readonly from: string;
  readonly to: string;
  readonly rowsAtOnce: number;
}

/** The life of a tonne, as its reader may see it. */
export interface SeenLife {
  readonly life: SerialLife;
  readonly retirement: RetirementView | null;
  readonly names: Directory;
  /** True when the reader may see whose account that is. */
  maySee(account: string): boolean;
}

export type Past = ReturnType<typeof createPast>;

/** What was so. Public: supply, labels and participants; of holdings and positions, a participant sees its own. */
export function createPast({ db, exchange, directory }: PastDeps) {
  const at = async <Item>(asked: AskedMoment, read: (moment: Moment) => Promise<Page<Item>>): Promise<PageAt<Item>> => {
    const moment = await momentOf(db, asked);
    return { ...(await read(moment)), moment };
  };
  const own = (principal: Principal, filter: OwnerFilter): OwnerFilter => ({
    ...filter,
    participantId: visibleParticipant(principal, filter.participantId),
  });

  async function checkAccount(principal: Principal, account: string): Promise<void> {
    const owner = await db
      .selectFrom("accounts")
      .select("participant_id")
      .where("address", "=", account)
      .executeTakeFirst();
    if (owner === undefined || !mayReadParticipant(principal, owner.participant_id))
      throw new Problem("not-found", `There is no account ${account}.`);
  }

  return {
    /** @throws Problem `forbidden`, `as-of-future`, `as-of-too-early`: so do all that follow */
    async holdings(
      principal: Principal,
      asked: AskedMoment,
      filter: OwnerFilter,
      page: PageRequest,
    ): Promise<PageAt<HoldingView>> {
      const visible = own(principal, filter);
      return at(asked, (moment) => holdingsAt(db, moment, visible, page));
    },

    async positions(
      principal: Principal,
      asked: AskedMoment,
      filter: OwnerFilter,
      page: PageRequest,
    ): Promise<PageAt<PositionAt>> {
      const visible = own(principal, filter);
      return at(asked, (moment) => positionsAt(db, moment, visible, page));
    },

    supply: (
      asked: AskedMoment,
      filter: { readonly project?: string | undefined; readonly batch?: string | undefined },
      page: PageRequest,
    ): Promise<PageAt<BatchAt>> => at(asked, (moment) => supplyAt(db, moment, filter, page)),

    async participants(
      asked: AskedMoment,
      filter: { readonly id?: number | undefined },
      page: PageRequest,
    ): Promise<PageAt<KnownParticipantAt>> {
      const found = await at(asked, (moment) => participantsAt(db, moment, filter, page));
      const documents = await findDocuments(
        db,
        found.items.map(({ documentHash }) => documentHash),
      );
      const items = found.items.map((item) => ({ ...item, name: nameIn(documents.get(item.documentHash)) }));
      return { ...found, items };
    },

    /** @throws Problem `not-found`, also when the principal may not see the account */
    async statement(principal: Principal, request: UnitStatementRequest): Promise<UnitStatement> {
      await checkAccount(principal, request.account);
      return unitStatement(db, request);
    },

    /** @throws Problem `not-found`; `as-of-too-early` when no block is as old */
    async wholeStatement(principal: Principal, request: WholeStatementRequest): Promise<WholeStatement<UnitEntry>> {
      await checkAccount(principal, request.account);
      const { toBlock, pages } = await scanUnitStatement(db, request, request.rowsAtOnce);
      return { moment: await momentOf(db, { block: toBlock }), pages };
    },

    /** Of money. @throws as `wholeStatement` */
    async wholeCashStatement(principal: Principal, request: WholeCashRequest): Promise<WholeStatement<CashEntry>> {
      await checkAccount(principal, request.account);
      const { toBlock, pages } = await scanCashStatement(db, { ...request, exchange }, request.rowsAtOnce);
      return { moment: await momentOf(db, { block: toBlock }), pages };
    },

    /** @throws Problem `serial-unknown` */
    async life(principal: Principal, batch: string, serial: bigint): Promise<SeenLife> {
      const life = await serialLife(db, batch, serial, exchange);
      if (life === null) throw new Problem("serial-unknown", `There is no serial ${serial} of a batch ${batch}.`);
      const names = await directory();
      const { state, recordId } = life.end;
      const retirement = state === "retired" && recordId !== null ? await findRetirement(db, recordId) : null;
      return { life, retirement, names, maySee: (account) => mayReadParticipant(principal, names.firmOf(account)) };
    },
  };
}
