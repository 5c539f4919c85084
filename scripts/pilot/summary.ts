import { DEFAULT_URL } from "../../src/cli/io.js";
import type { Batch, Participant } from "../../src/client/types.js";
import type { Offices, Refusal, Stage } from "./stage.js";

/** What happened, and where to look. Read from the service, not from the scenario. */
export interface PilotSummary {
  readonly baseUrl: string;
  readonly name: string;
  readonly notice: string;
  readonly organisations: { readonly active: number; readonly suspended: number };
  readonly projects: number;
  readonly batches: number;
  readonly transfers: number;
  readonly retirements: number;
  readonly cancellations: number;
  /** In tonnes, over all batches. */
  readonly tonnes: {
    readonly issued: bigint;
    readonly held: bigint;
    readonly retired: bigint;
    readonly cancelled: bigint;
  };
  readonly trading: TradingSummary;
  readonly refusals: readonly Refusal[];
  readonly head: { readonly number: number; readonly hash: string };
  readonly lastRetirementId: string | null;
  /** API keys for trying, with what each may do. */
  readonly keys: readonly { readonly label: string; readonly key: string }[];
  readonly keysFile: string;
}

/** The day on the exchange. Money is in minor units of the settlement currency. */
export interface TradingSummary {
  readonly settled: number;
  readonly failed: number;
  readonly tonnes: bigint;
  readonly value: bigint;
  readonly currency: string;
  /** Where most was traded, and its last price there. */
  readonly batch: string;
  readonly lastPrice: string | null;
}

const KEYS_OF_FIRMS = 2;

export async function summarise(stage: Stage, { auditor }: Offices): Promise<PilotSummary> {
  const participants = await all(auditor.participants.all({ limit: 200 }));
  const batches = await all(auditor.batches.all({ limit: 200 }));
  const retirements = await all(auditor.retirements.all({ limit: 200 }));
  const ids = retirements.map((one) => BigInt(one.id)).sort((a, b) => (a < b ? -1 : 1));
  const { head } = await stage.open.chain.get();
  return {
    baseUrl: stage.baseUrl,
    name: stage.scenario.name,
    notice: stage.scenario.notice,
    organisations: { active: countOf(participants, "active"), suspended: countOf(participants, "suspended") },
    projects: (await all(auditor.projects.all({ limit: 200 }))).length,
    batches: batches.length,
    transfers: (await all(auditor.transfers.all({ limit: 200 }))).length,
    retirements: retirements.length,
    cancellations: (await all(auditor.cancellations.all({ limit: 200 }))).length,
    tonnes: {
      issued: sum(batches, (one) => one.issuedTonnes),
      held: sum(batches, (one) => one.heldTonnes),
      retired: sum(batches, (one) => one.retiredTonnes),
      cancelled: sum(batches, (one) => one.cancelledTonnes),
    },
    trading: await tradingSummary(stage),
    refusals: stage.state.refusals,
    head: { number: head.number, hash: head.hash },
    lastRetirementId: ids.at(-1)?.toString() ?? null,
    keys: keysForTrying(stage),
    keysFile: stage.keysFile,
  };
}

async function tradingSummary({ open, scenario }: Stage): Promise<TradingSummary> {
  const perMarket = await Promise.all(
    scenario.market.instruments.map(async ({ batch }) => ({
      batch,
      trades: await all(open.instruments.allTrades(batch, { limit: 200 })),
    })),
  );
  const trades = perMarket.flatMap((market) => market.trades);
  const settled = trades.filter(({ status }) => status === "settled");
  const busiest = perMarket.toSorted((a, b) => b.trades.length - a.trades.length)[0];
  return {
    settled: settled.length,
    failed: trades.filter(({ status }) => status === "failed").length,
    tonnes: settled.reduce((total, { tonnes }) => total + BigInt(tonnes), 0n),
    value: settled.reduce((total, { value }) => total + BigInt(value), 0n),
    currency: (await open.cash.get()).symbol,
    batch: busiest?.batch ?? "",
    lastPrice: busiest?.trades.find(({ status }) => status === "settled")?.price ?? null,
  };
}

/** The summary as lines for a terminal. */
export function formatSummary(summary: PilotSummary): string[] {
  const { organisations, tonnes, trading, baseUrl } = summary;
  const rows: [string, string][] = [
    ["organisations", `${organisations.active} active, ${organisations.suspended} suspended`],
    ["projects, batches", `${summary.projects}, ${summary.batches}`],
    ["transfers, retirements, cancellations", `${summary.transfers}, ${summary.retirements}, ${summary.cancellations}`],
    ["issued", tonnesText(tonnes.issued)],
    ["= held", tonnesText(tonnes.held)],
    ["+ retired", tonnesText(tonnes.retired)],
    ["+ cancelled", tonnesText(tonnes.cancelled)],
    ["trades", `${trading.settled} settled, ${trading.failed} failed`],
    ["traded", `${tonnesText(trading.tonnes)} for ${trading.value.toLocaleString("en-US")} ${trading.currency}`],
    ...(trading.lastPrice === null
      ? []
      : [
          [
            `last price of ${trading.batch}`,
            `${BigInt(trading.lastPrice).toLocaleString("en-US")} ${trading.currency}/t`,
          ] as [string, string],
        ]),
    ["chain head", `block ${summary.head.number} ${summary.head.hash}`],
    ...summary.refusals.map((one): [string, string] => [`refused: ${one.code}`, `${one.what}. ${one.detail}`]),
  ];
  const certificate = summary.lastRetirementId;
  const places: [string, string][] = [
    ["API reference", `${baseUrl}/docs`],
    ["retirements", `${baseUrl}/v1/retirements`],
    ...(certificate === null
      ? []
      : [["a certificate", `${baseUrl}/v1/retirements/${certificate}/certificate`] as [string, string]]),
    ["totals per batch", `${baseUrl}/v1/batches`],
    ["the day's trading", `${baseUrl}/v1/market/daily`],
    ["candles, book", `${baseUrl}/v1/instruments/${trading.batch}/candles?interval=1m  …/book`],
    ["readiness, metrics", `${baseUrl}/health/ready  ${baseUrl}/metrics`],
  ];
  return [
    summary.name,
    ...table(rows),
    "",
    "Where to look",
    ...table(places),
    "",
    ...checkLines(summary),
    "Keys for trying (Authorization: Bearer …)",
    ...table(summary.keys.map(({ label, key }) => [label, key])),
    `  All keys of the pilot: ${summary.keysFile}`,
    "",
    summary.notice,
  ];
}

/** What the certificate of a retirement is good for: two commands, of which the second asks nobody. */
function checkLines({ lastRetirementId, baseUrl }: PilotSummary): string[] {
  if (lastRetirementId === null) return [];
  const url = baseUrl === DEFAULT_URL ? "" : `--url ${baseUrl} `;
  return [
    "A certificate, checked",
    ...table([
      ["fetch it", `npm run carbon -- ${url}certificate ${lastRetirementId} --out certificate.pdf`],
      ["check it", "npm run carbon -- verify certificate.pdf --trust carbon-trust.json"],
    ]),
    "  The check needs neither network nor database: stop the service first, or take both files to another machine.",
    "",
  ];
}

function table(rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, value]) => `  ${name.padEnd(width)}  ${value}`);
}

function tonnesText(tonnes: bigint): string {
  return `${tonnes.toLocaleString("en-US").padStart(12)} t`;
}

function keysForTrying(stage: Stage): { label: string; key: string }[] {
  const names = Object.keys(stage.state.apiKeys);
  const firms = names.filter((name) => name.startsWith("firm:")).slice(0, KEYS_OF_FIRMS);
  return [...firms, "auditor"].flatMap((name) => {
    const key = stage.state.apiKeys[name];
    return key === undefined ? [] : [{ label: labelOf(stage, name), key }];
  });
}

function labelOf(stage: Stage, name: string): string {
  const id = name.replace(/^firm:/, "");
  return stage.scenario.organisations.find((one) => one.id === id)?.name ?? name;
}

function countOf(participants: readonly Participant[], status: Participant["status"]): number {
  return participants.filter((one) => one.status === status).length;
}

function sum(batches: readonly Batch[], tonnesOf: (batch: Batch) => string): bigint {
  return batches.reduce((total, batch) => total + BigInt(tonnesOf(batch)), 0n);
}

async function all<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const list: Item[] = [];
  for await (const item of items) list.push(item);
  return list;
}
