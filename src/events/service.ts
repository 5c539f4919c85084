import type { EventName, LedgerContractName } from "../chain/event-types.js";
import type { Db } from "../db/connection.js";
import { listEvents, type EventView } from "../ledger/read/chain.js";
import type { Page, PageRequest } from "../ledger/read/page.js";

/** An event, as the API shows it. */
export interface ShownEvent extends Omit<EventView, "blockNumber"> {
  readonly blockNumber: number;
  readonly links: { readonly transaction: string };
}

export interface EventQuery {
  readonly contract?: LedgerContractName | undefined;
  /** A name that no event has finds none. */
  readonly name?: string | undefined;
  readonly fromBlock?: bigint | undefined;
  readonly toBlock?: bigint | undefined;
  readonly txHash?: string | undefined;
}

/** What the ledger's contracts logged, as the read model keeps it. */
export interface Events {
  /** In chain order. @throws Problem `cursor-invalid` */
  list(query: EventQuery, page: PageRequest): Promise<Page<ShownEvent>>;
}

export function createEvents(db: Db): Events {
  return {
    async list({ name, ...filter }, page) {
      // Events are named by the contracts: the column holds whatever they are called, the query compares text.
      const { items, next } = await listEvents(db, { ...filter, name: name as EventName | undefined }, page);
      return { items: items.map(shownEvent), next };
    },
  };
}

export function shownEvent(event: EventView): ShownEvent {
  const { contract, name, args, logIndex, txHash } = event;
  const links = { transaction: `/v1/transactions/${txHash}` };
  return { contract, name, args, blockNumber: Number(event.blockNumber), logIndex, txHash, links };
}
