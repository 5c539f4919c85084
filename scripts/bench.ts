import { parseArgs } from "node:util";

import { auditRows } from "./bench/audit.js";
import { eventRows } from "./bench/events.js";
import { gasRows } from "./bench/gas.js";
import { historyRows } from "./bench/history.js";
import { importRows } from "./bench/imports.js";
import { settlementGasRows } from "./bench/settlement-gas.js";
import { matchingRows } from "./bench/matching.js";
import { exchangeRows } from "./bench/orders.js";
import { packRows } from "./bench/packs.js";
import { projectorRows } from "./bench/projector.js";
import { formatTable, type Row } from "./bench/table.js";
import { throughputRows } from "./bench/throughput.js";

interface Part {
  readonly title: string;
  rows(): Row[] | Promise<Row[]>;
}

const ONE_RUN = "in one run: the ratio is what counts, the rates are this machine's";

/** In the order in which they are measured and printed. */
const PARTS: Readonly<Record<string, Part>> = {
  gas: {
    title: "Gas, on one chain, all contracts compiled with the same settings",
    rows: async () => [...(await gasRows()), ...(await settlementGasRows())],
  },
  matching: { title: `Matching, in one process, ${ONE_RUN}`, rows: matchingRows },
  throughput: { title: `Transfers, ${ONE_RUN}`, rows: throughputRows },
  exchange: { title: `Orders and trades, ${ONE_RUN}`, rows: exchangeRows },
  packs: { title: `Proof packs, ${ONE_RUN}`, rows: packRows },
  projector: { title: `The projector, ${ONE_RUN}`, rows: projectorRows },
  history: { title: `Questions and exports of a long history, ${ONE_RUN}`, rows: historyRows },
  audit: { title: `The audit, ${ONE_RUN}`, rows: () => auditRows() },
  imports: { title: `Imports, ${ONE_RUN}`, rows: () => importRows() },
  events: { title: `Events, ${ONE_RUN}`, rows: eventRows },
};

const USAGE = `Usage: npm run bench [-- PART…]

Measures each part beside a baseline and prints a table. Without a part: all of them, which takes long.
Parts: ${Object.keys(PARTS).join(", ")}
Ends with 1 when a part could not be measured. A limit that is not held is said in the table, as OVER.`;

/** @returns whether it could be measured */
async function print(name: string): Promise<boolean> {
  const part = PARTS[name];
  if (part === undefined) throw new Error(`There is no part ${name}.`);
  console.log(`\n${part.title}:\n`);
  try {
    console.log(formatTable(await part.rows()));
    return true;
  } catch (error) {
    console.error(`${name} could not be measured:`, error);
    return false;
  }
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { help: { type: "boolean", short: "h", default: false } },
});
const unknown = positionals.filter((name) => !Object.hasOwn(PARTS, name));
if (values.help || unknown.length > 0) {
  if (unknown.length > 0) console.error(`Unknown: ${unknown.join(", ")}\n`);
  console.log(USAGE);
  process.exit(unknown.length > 0 ? 2 : 0);
}
let isWhole = true;
for (const name of Object.keys(PARTS)) {
  if (positionals.length > 0 && !positionals.includes(name)) continue;
  isWhole = (await print(name)) && isWhole;
}
process.exit(isWhole ? 0 : 1);
