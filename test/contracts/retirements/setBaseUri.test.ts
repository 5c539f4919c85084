import { beforeAll, describe, expect, it } from "vitest";

import { eventsOf, expectRevert } from "../../support/revert.js";
import { BASE_URI, deployRetirements, sampleRetirement, type RetirementsFixture } from "../../support/retirements.js";

describe("Retirements.setBaseUri and tokenURI", () => {
  let fixture: RetirementsFixture;
  beforeAll(async () => {
    fixture = await deployRetirements();
    await fixture.retirements.retire(fixture.holder, sampleRetirement());
  });

  it("should lead to the retirement's number", async () => {
    const { retirements, admin } = fixture;
    expect(await retirements.tokenURI(1n)).toBe(`${BASE_URI}1`);

    const transaction = await retirements.connect(admin).setBaseUri("ipfs://certificates/");

    expect(eventsOf(await transaction.wait(), retirements)).toMatchObject([
      { name: "BaseUriChanged", args: ["ipfs://certificates/"] },
    ]);
    expect(await retirements.tokenURI(1n)).toBe("ipfs://certificates/1");
  });

  it("should revert for a retirement that is not", async () => {
    await expectRevert(fixture.retirements.tokenURI(2n), fixture.retirements, "ERC721NonexistentToken", [2n]);
  });

  it("should refuse whoever is not allowed", async () => {
    const { retirements, stranger } = fixture;
    const attempt = retirements.connect(stranger).setBaseUri("https://elsewhere.example/");
    await expectRevert(attempt, retirements, "AccessManagedUnauthorized", [stranger.address]);
  });

  it("should take 200 bytes, and refuse more and none", async () => {
    const { retirements, admin } = fixture;
    const asAdmin = retirements.connect(admin);
    await asAdmin.setBaseUri("u".repeat(200));
    await expectRevert(asAdmin.setBaseUri("u".repeat(201)), retirements, "RetirementsBaseUriInvalid");
    await expectRevert(asAdmin.setBaseUri(""), retirements, "RetirementsBaseUriInvalid");
  });
});
