import { expect, it } from "vitest";

import { settlementGasRows } from "../../../scripts/bench/settlement-gas.js";

it("should settle under the ceilings of the benchmark", async () => {
  const rows = await settlementGasRows();

  expect(rows.length).toBeGreaterThan(0);
  expect(rows.filter(({ holds }) => !holds)).toEqual([]);
});
