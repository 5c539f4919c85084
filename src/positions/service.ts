import type { ExchangeCalls } from "../chain/exchange-calls.js";
import type { Db } from "../db/connection.js";
import { Problem } from "../errors.js";
import type { Asker, Institution } from "../institution.js";
import type { Intents } from "../intents/service.js";
import type { Page, PageRequest } from "../ledger/read/page.js";
import { findAccount } from "../ledger/read/participants.js";
import {
  findWithdrawal,
  listPositions,
  listWithdrawals,
  type PositionFilter,
  type PositionView,
  type WithdrawalFilter,
  type WithdrawalView,
} from "../ledger/read/positions.js";
import type { Reservations } from "../market/ports.js";
import { mayReadParticipant, visibleParticipant, type Principal } from "../principal.js";
import type { WithdrawalBody } from "./schemas.js";

export interface PositionsDeps {
  readonly db: Db;
  readonly intents: Intents;
  readonly institution: Pick<Institution, "act">;
  readonly calls: Pick<ExchangeCalls, "recoverPosition">;
  readonly reservations: Pick<Reservations, "available">;
}

/** A position with what of it is promised. */
export interface KnownPosition extends PositionView {
  readonly reserved: bigint;
  readonly available: bigint;
}

export type Positions = ReturnType<typeof createPositions>;

/** What accounts have on the exchange, and how it leaves. */
export function createPositions({ db, intents, institution, calls, reservations }: PositionsDeps) {
  const withAvailability = async (position: PositionView): Promise<KnownPosition> => {
    const { reserved } = await reservations.available(position.account, position.batch ?? "");
    const free = position.amount - position.leaving - reserved;
    return { ...position, reserved, available: free > 0n ? free : 0n };
  };

  return {
    /** A participant's key sees its own. @throws Problem `forbidden` */
    async positions(principal: Principal, filter: PositionFilter, page: PageRequest): Promise<Page<KnownPosition>> {
      const participantId = visibleParticipant(principal, filter.participantId);
      const { items, next } = await listPositions(db, { ...filter, participantId }, page);
      return { items: await Promise.all(items.map(withAvailability)), next };
    },

    /** A participant's key sees its own. @throws Problem `forbidden` */
    async withdrawals(
      principal: Principal,
      filter: WithdrawalFilter,
      page: PageRequest,
    ): Promise<Page<WithdrawalView>> {
      const participantId = visibleParticipant(principal, filter.participantId);
      return listWithdrawals(db, { ...filter, participantId }, page);
    },

    /** @throws Problem `not-found`, also when the principal may not see it */
    async withdrawal(principal: Principal, id: string): Promise<WithdrawalView> {
      const found = await findWithdrawal(db, id);
      const account = found === null ? null : await findAccount(db, found.account);
      if (found !== null && mayReadParticipant(principal, account?.participantId ?? null)) return found;
      throw new Problem("not-found", `There is no withdrawal ${id}.`);
    },

    /** @returns the operation's id */
    async withdraw(body: WithdrawalBody, asker: Asker): Promise<string> {
      if ("signature" in body) {
        const intent = { kind: "exchange-withdrawal", json: body.intent } as const;
        return intents.acceptSigned(intent, body.signature, asker.idempotency);
      }
      const { account, batch, amount } = body;
      return intents.acceptManaged({ ...asker, account }, (terms) => ({
        kind: "exchange-withdrawal",
        json: { ...terms, batch, amount },
      }));
    },

    /** Moves the position of a replaced account to its successor. @returns the operation's id */
    async recover(asker: Asker, account: string, batch: string | null): Promise<string> {
      const call = calls.recoverPosition(account, batch);
      return institution.act(asker, { kind: "position.recover", call, request: { account, batch } });
    },
  };
}
