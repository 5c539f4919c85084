import { auditRows } from "./bench/audit.js";
import { gasRows } from "./bench/gas.js";
import { historyRows } from "./bench/history.js";
import { settlementGasRows } from "./bench/settlement-gas.js";
import { matchingRows } from "./bench/matching.js";
import { exchangeRows } from "./bench/orders.js";
import { packRows } from "./bench/packs.js";
import { projectorRows } from "./bench/projector.js";
import { formatTable } from "./bench/table.js";
import { throughputRows } from "./bench/throughput.js";

console.log("Gas, on one chain, all contracts compiled with the same settings:\n");
console.log(formatTable([...(await gasRows()), ...(await settlementGasRows())]));
console.log("\nMatching, in one process (the ratio is what counts, the rates are this machine's):\n");
console.log(formatTable(matchingRows()));
console.log("\nThroughput, on one machine in one run (the ratio is what counts, the rates are this machine's):\n");
console.log(formatTable([...(await throughputRows()), ...(await exchangeRows())]));
console.log("\nAudit and proof (the ratio is what counts, the rates are this machine's):\n");
console.log(
  formatTable([...(await packRows()), ...(await projectorRows()), ...(await historyRows()), ...(await auditRows())]),
);
