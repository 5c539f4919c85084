import type { Client } from "../client/client.js";
import { ApiProblem } from "../client/problem.js";
import type { Block } from "../client/types.js";
import type { Money } from "./format.js";

/** Names for what a signature has as numbers, as far as the service knows them. Addresses and codes stay beside the names. */
export interface Wording {
  account(address: string): Promise<string>;
  batch(code: string): Promise<string>;
  currency(): Promise<Money>;
}

/** Blocks that are written out before the rest is only counted. */
const SHOWN_BLOCKS = 12;

export function createWording(client: Client): Wording {
  const chain = memo(async () => client.chain.get());
  const currency = memo(async () => client.cash.get());
  return {
    async account(address) {
      const { contracts } = await chain();
      if (contracts["exchange"]?.toLowerCase() === address.toLowerCase()) return `${address}, the exchange (trading)`;
      const account = await found(client.accounts.get(address));
      if (account === undefined) return `${address}, which is no account of the ledger`;
      const participant = await found(client.participants.get(account.participantId));
      const state = [account.status, participant?.status].find((status) => status !== undefined && status !== "active");
      const who = `${participant?.name ?? "no name"}, participant ${account.participantId}`;
      return `${address} (${who}${state === undefined ? "" : `, ${state}`})`;
    },
    async batch(code) {
      const batch = await found(client.batches.get(code));
      if (batch === undefined) return `${code}, which is no batch of the ledger`;
      const project = await found(client.projects.get(batch.projectCode));
      return `${code} (${project?.name ?? batch.projectCode}, vintage ${batch.vintage})`;
    },
    currency: async () => currency(),
  };
}

export function serialsText(blocks: readonly Block[]): string {
  if (blocks.length === 0) return "any";
  const shown = blocks.slice(0, SHOWN_BLOCKS).map(({ start, end }) => (start === end ? start : `${start}-${end}`));
  const more = blocks.length - shown.length;
  return more === 0 ? shown.join(", ") : `${shown.join(", ")} and ${more} blocks more`;
}

/** What is not there, or not for this key to see, has no name; everything else goes on. */
async function found<Value>(asked: Promise<Value>): Promise<Value | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof ApiProblem && error.status >= 400 && error.status < 500) return undefined;
    throw error;
  }
}

function memo<Value>(ask: () => Promise<Value>): () => Promise<Value> {
  let asked: Promise<Value> | undefined;
  return () => (asked ??= ask());
}
