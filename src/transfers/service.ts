import type { UnitsCalls } from "../chain/units-calls.js";
import type { Db } from "../db/connection.js";
import { Problem } from "../errors.js";
import type { Asker, Institution } from "../institution.js";
import type { Intents } from "../intents/service.js";
import type { Page, PageRequest } from "../ledger/read/page.js";
import {
  findHolding,
  findTransfer,
  listBlocks,
  listHoldings,
  listTransfers,
  type HoldingFilter,
  type HoldingView,
  type TransferFilter,
  type TransferView,
} from "../ledger/read/units.js";
import type { SerialRange } from "../ledger/serial-partition.js";
import { mayReadParticipant, visibleParticipant, type Principal } from "../principal.js";
import type { SerialBlockJson } from "../chain/event-types.js";

export interface TransfersOptions {
  readonly db: Db;
  readonly intents: Intents;
  readonly institution: Pick<Institution, "act">;
  readonly calls: UnitsCalls;
}

/** Of which account, of which batch. */
export interface HoldingKey {
  readonly account: string;
  readonly batch: string;
}

/** A transfer that the service signs for a managed account. */
export interface TransferRequest {
  readonly account?: string | null | undefined;
  readonly to: string;
  readonly batch: string;
  readonly tonnes: string;
  readonly blocks: SerialBlockJson[];
}

export interface TransferIntentRequest extends TransferRequest {
  readonly account: string;
  readonly nonce: string;
  readonly deadline: string;
}

export interface RevocationRequest {
  readonly account?: string | null | undefined;
  readonly revokedNonce: string;
}

export interface RevocationIntentRequest extends RevocationRequest {
  readonly account: string;
  readonly nonce: string;
  readonly deadline: string;
}

/** Either signed by the holder, or to be signed for the holder. */
export type SignedOr<Intent, Managed> = { readonly intent: Intent; readonly signature: string } | Managed;

export interface Transfers {
  /** @returns the operation's id */
  transfer(body: SignedOr<TransferIntentRequest, TransferRequest>, asker: Asker): Promise<string>;
  /** Makes an intent void that was not executed yet. @returns the operation's id */
  revoke(body: SignedOr<RevocationIntentRequest, RevocationRequest>, asker: Asker): Promise<string>;
  /** Sets the amount that the holder may not move. @returns the operation's id */
  freeze(holding: HoldingKey, tonnes: bigint, asker: Asker): Promise<string>;
  forceTransfer(holding: HoldingKey, to: string, tonnes: bigint, asker: Asker): Promise<string>;
  /** Announces a forced transfer, for the delay of the enforcement role to begin. */
  scheduleForcedTransfer(holding: HoldingKey, to: string, tonnes: bigint, asker: Asker): Promise<string>;
  /** Stops every movement of all units. @returns the operation's id */
  pause(reason: string | null, asker: Asker): Promise<string>;
  unpause(asker: Asker): Promise<string>;

  /** What the principal may see: a participant its own, institutions all. @throws Problem `forbidden` */
  holdings(principal: Principal, filter: HoldingFilter, page: PageRequest): Promise<Page<HoldingView>>;
  /** @throws Problem `not-found`, also when the principal may not see it */
  holding(principal: Principal, key: HoldingKey): Promise<HoldingView>;
  blocks(principal: Principal, key: HoldingKey, page: PageRequest): Promise<Page<SerialRange>>;
  transfers(principal: Principal, filter: TransferFilter, page: PageRequest): Promise<Page<TransferView>>;
  /** @throws Problem `not-found`, also when the principal may not see it */
  oneTransfer(principal: Principal, id: string): Promise<TransferView>;
}

export function createTransfers({ db, intents, institution, calls }: TransfersOptions): Transfers {
  async function holding(principal: Principal, key: HoldingKey): Promise<HoldingView> {
    const found = await findHolding(db, key.account, key.batch);
    if (found !== null && mayReadParticipant(principal, found.participantId)) return found;
    throw new Problem("not-found", `There is no holding of ${key.account} in ${key.batch}.`);
  }

  return {
    async transfer(body, asker) {
      if ("signature" in body) {
        return intents.acceptSigned({ kind: "transfer", json: body.intent }, body.signature, asker.idempotency);
      }
      const { account, to, batch, tonnes, blocks } = body;
      return intents.acceptManaged({ ...asker, account }, (terms) => ({
        kind: "transfer",
        json: { ...terms, to, batch, tonnes, blocks },
      }));
    },

    async revoke(body, asker) {
      if ("signature" in body) {
        return intents.acceptSigned({ kind: "revocation", json: body.intent }, body.signature, asker.idempotency);
      }
      const { account, revokedNonce } = body;
      return intents.acceptManaged({ ...asker, account }, (terms) => ({
        kind: "revocation",
        json: { ...terms, revokedNonce },
      }));
    },

    async freeze({ account, batch }, tonnes, asker) {
      const call = calls.setFrozenTokens(account, batch, tonnes);
      return institution.act(asker, { kind: "holding.freeze", call, request: { account, batch, tonnes } });
    },

    async forceTransfer({ account, batch }, to, tonnes, asker) {
      const call = calls.forcedTransfer(account, to, batch, tonnes);
      const request = { account, to, batch, tonnes };
      return institution.act(asker, { kind: "holding.forced-transfer", call, request });
    },

    async scheduleForcedTransfer({ account, batch }, to, tonnes, asker) {
      const call = calls.scheduleForcedTransfer(account, to, batch, tonnes);
      const request = { account, to, batch, tonnes };
      return institution.act(asker, { kind: "holding.forced-transfer.schedule", call, request });
    },

    async pause(reason, asker) {
      return institution.act(asker, { kind: "pause", call: calls.pause(), request: { reason } });
    },

    async unpause(asker) {
      return institution.act(asker, { kind: "unpause", call: calls.unpause(), request: {} });
    },

    async holdings(principal, filter, page) {
      return listHoldings(db, { ...filter, participantId: visibleParticipant(principal, filter.participantId) }, page);
    },

    holding,

    async blocks(principal, key, page) {
      await holding(principal, key);
      return listBlocks(db, key.account, key.batch, page);
    },

    async transfers(principal, filter, page) {
      return listTransfers(db, { ...filter, participantId: visibleParticipant(principal, filter.participantId) }, page);
    },

    async oneTransfer(principal, id) {
      const found = await findTransfer(db, id);
      if (found === null || !(await mayReadTransfer(db, principal, found))) {
        throw new Problem("not-found", `There is no transfer ${id}.`);
      }
      return found;
    },
  };
}

async function mayReadTransfer(db: Db, principal: Principal, { from, to }: TransferView): Promise<boolean> {
  if (principal.kind !== "key" || principal.scope !== "participant") return mayReadParticipant(principal, null);
  const row = await db
    .selectFrom("accounts")
    .select("address")
    .where("address", "in", [from, to])
    .where("participant_id", "=", principal.participantId ?? 0)
    .executeTakeFirst();
  return row !== undefined;
}
