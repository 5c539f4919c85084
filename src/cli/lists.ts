import type { Command } from "commander";

import { createClient, type Client } from "../client/client.js";
import { createTransport, type Query, type TransportOptions } from "../client/transport.js";
import type { Page } from "../client/types.js";
import { fetchOf } from "./api.js";
import { count } from "./arguments.js";
import type { Io } from "./io.js";
import { createTable, type Column } from "./table.js";

/** Rows that are shown when nothing is said. */
const DEFAULT_LIMIT = 50;

/** The SDK for the service and the key in force. */
export function clientOf(io: Io): Client {
  return createClient(transportOf(io));
}

export interface ListOptions {
  readonly limit: number;
  readonly after?: string;
  readonly all?: true;
}

/** Adds what every list understands. */
export function withPages(command: Command): Command {
  return command
    .option("--limit <rows>", "how many rows", count, DEFAULT_LIMIT)
    .option("--after <cursor>", "go on after an earlier page")
    .option("--all", "all pages, one after the other");
}

export interface Listing<Item> {
  readonly columns: readonly Column<Item>[];
  /** One page. */
  readonly list: (page: { readonly limit: number; readonly cursor?: string }) => Promise<Page<Item>>;
}

/** Shows a page, or, with `--all`, every page as it comes. */
export async function showList<Item>(io: Io, options: ListOptions, { columns, list }: Listing<Item>): Promise<void> {
  const table = createTable(columns);
  const items: Item[] = [];
  let cursor = options.after;
  let shown = 0;
  // Rows that come one after the other are progress themselves.
  const progress = io.isJson ? io.progress("Rows") : undefined;
  try {
    do {
      const page = await list({ limit: options.limit, ...(cursor === undefined ? {} : { cursor }) });
      const rows = io.isJson ? [] : table.rows(page.items);
      if (shown === 0 && rows.length > 0) io.out(io.paint("bold", table.heading()));
      for (const row of rows) io.out(row);
      shown += page.items.length;
      progress?.set(shown, 0);
      if (io.isJson) items.push(...page.items);
      cursor = page.next ?? undefined;
    } while (options.all === true && cursor !== undefined);
  } finally {
    progress?.end();
  }
  io.json({ items, next: cursor ?? null });
  if (io.isJson) return;
  if (shown === 0) io.note("There is nothing to show.");
  if (cursor !== undefined) io.note(`There is more: --after ${cursor}, or --all.`);
}

/** Asks for something that the SDK has no name for. @param path Below `/v1`. */
export function readPath<Answer>(io: Io, path: string, query: Query = {}): Promise<Answer> {
  const send = createTransport(transportOf(io));
  return send<Answer>({ method: "GET", path: `/v1${path}`, query, repeatable: true });
}

function transportOf(io: Io): TransportOptions {
  const key = io.key === undefined ? {} : { apiKey: io.key };
  return { baseUrl: io.url, attempts: io.tries, fetch: fetchOf(io), ...key };
}
