import { id } from "ethers";
import { beforeEach, describe, expect, it } from "vitest";

import { encodeCode } from "../../../src/chain/codes.js";
import { deployTestLedger } from "../../support/ledger.js";
import { expectEvents, expectRevert } from "../../support/reverts.js";

const ledger = await deployTestLedger();
const { registry, firms } = ledger;
const CODE = encodeCode("VCS-1");
await ledger.registerProject("VCS-1", await ledger.admit(null, firms[0]!), 100);
await ledger.checkpoint();
const DOCUMENT = id("another document");

describe("Registry.setProjectDocument", () => {
  beforeEach(ledger.reset);

  it("changes the document and nothing else, and says so", async () => {
    const sent = registry.setProjectDocument(CODE, DOCUMENT);
    await expectEvents(sent, registry, "ProjectDocumentChanged", [[CODE, DOCUMENT]]);
    expect([...(await registry.project(CODE))]).toEqual([3n, 1n, 100n, DOCUMENT]);
  });

  it("refuses an unknown project", async () => {
    const unknown = encodeCode("VCS-2");
    await expectRevert(registry.setProjectDocument(unknown, DOCUMENT), registry, "RegistryProjectUnknown", [unknown]);
  });

  it("refuses a caller who is no registrar", async () => {
    const act = registry.connect(firms[0]).setProjectDocument(CODE, DOCUMENT);
    await expectRevert(act, registry, "AccessManagedUnauthorized", [firms[0]!.address]);
  });
});
