import type { CancellationIntentJson, RetirementIntentJson } from "../chain/intent-json.js";
import type { Db } from "../db/connection.js";
import { nameIn } from "../documents.js";
import { Problem } from "../errors.js";
import type { Asker } from "../institution.js";
import type { Intents, IntentTerms } from "../intents/service.js";
import type { Page, PageRequest } from "../ledger/read/page.js";
import {
  findCancellation,
  findRetirement,
  listCancellations,
  listRetirements,
  type CancellationFilter,
  type CancellationView,
  type RetirementFilter,
  type RetirementView,
} from "../ledger/read/retirements.js";
import { checkCancellation, checkRetirement } from "./rules.js";

/** Without the terms, and with the account only when it is to be chosen: what a managed account is to retire or cancel. */
type Managed<Intent> = Omit<Intent, keyof IntentTerms> & { readonly account?: string | null | undefined };

/** Either signed by the holder, or to be signed for the holder. */
type SignedOrManaged<Intent> = { readonly intent: Intent; readonly signature: string } | Managed<Intent>;

/** A record with the name of the participant whose units they were. */
export type Named<View> = View & { readonly participantName: string | null };

export interface Retirements {
  /** @returns the operation's id */
  retire(body: SignedOrManaged<RetirementIntentJson>, asker: Asker): Promise<string>;
  /** @returns the operation's id */
  cancel(body: SignedOrManaged<CancellationIntentJson>, asker: Asker): Promise<string>;
  listRetirements(filter: RetirementFilter, page: PageRequest): Promise<Page<Named<RetirementView>>>;
  /** @throws Problem `not-found` */
  retirement(id: bigint): Promise<Named<RetirementView>>;
  listCancellations(filter: CancellationFilter, page: PageRequest): Promise<Page<Named<CancellationView>>>;
  /** @throws Problem `not-found` */
  cancellation(id: bigint): Promise<Named<CancellationView>>;
}

export function createRetirements({ db, intents }: { readonly db: Db; readonly intents: Intents }): Retirements {
  return {
    async retire(body, { principal, idempotency }) {
      if ("signature" in body) {
        checkRetirement(body.intent);
        return intents.acceptSigned({ kind: "retirement", json: body.intent }, body.signature, idempotency);
      }
      const { account, ...order } = body;
      checkRetirement(order);
      return intents.acceptManaged({ principal, account, idempotency }, (terms) => ({
        kind: "retirement",
        json: { ...order, ...terms },
      }));
    },

    async cancel(body, { principal, idempotency }) {
      if ("signature" in body) {
        checkCancellation(body.intent);
        return intents.acceptSigned({ kind: "cancellation", json: body.intent }, body.signature, idempotency);
      }
      const { account, ...order } = body;
      checkCancellation(order);
      return intents.acceptManaged({ principal, account, idempotency }, (terms) => ({
        kind: "cancellation",
        json: { ...order, ...terms },
      }));
    },

    async listRetirements(filter, page) {
      const { items, next } = await listRetirements(db, filter, page);
      return { items: await named(db, items), next };
    },

    async retirement(id) {
      const [found] = await named(db, present(await findRetirement(db, id)));
      if (found === undefined) throw new Problem("not-found", `There is no retirement ${id}.`);
      return found;
    },

    async listCancellations(filter, page) {
      const { items, next } = await listCancellations(db, filter, page);
      return { items: await named(db, items), next };
    },

    async cancellation(id) {
      const [found] = await named(db, present(await findCancellation(db, id)));
      if (found === undefined) throw new Problem("not-found", `There is no cancellation ${id}.`);
      return found;
    },
  };
}

function present<View>(found: View | null): View[] {
  return found === null ? [] : [found];
}

/** The names come from the participants' public documents, as they are now. */
async function named<View extends { readonly participantId: number }>(
  db: Db,
  views: readonly View[],
): Promise<Named<View>[]> {
  if (views.length === 0) return [];
  const rows = await db
    .selectFrom("participants")
    .innerJoin("documents", "documents.hash", "participants.document_hash")
    .select(["participants.id", "documents.body"])
    .where("participants.id", "in", [...new Set(views.map(({ participantId }) => participantId))])
    .execute();
  const names = new Map(rows.map(({ id, body }) => [id, nameIn(body)]));
  return views.map((view) => ({ ...view, participantName: names.get(view.participantId) ?? null }));
}
