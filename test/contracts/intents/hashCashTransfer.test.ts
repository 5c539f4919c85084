import { describe } from "vitest";

import { describeHash } from "../../support/intent-hash.js";

describe("Intents.hashCashTransfer", () => {
  describeHash("cash-transfer");
});
