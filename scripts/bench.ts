import { gasRows } from "./bench/gas.js";
import { formatTable } from "./bench/table.js";

console.log(formatTable(await gasRows()));
