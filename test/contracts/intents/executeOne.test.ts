import { beforeAll, describe, it } from "vitest";

import { deployIntents, transferItem, type IntentsFixture } from "../../support/intents.js";
import { expectRevert } from "../../support/revert.js";

describe("Intents.executeOne", () => {
  let fixture: IntentsFixture;
  beforeAll(async () => {
    fixture = await deployIntents();
  });

  it("should refuse any caller but the contract itself", async () => {
    const item = await transferItem(fixture);
    await expectRevert(fixture.intents.executeOne(item), fixture.intents, "IntentsOnlySelf");
  });
});
