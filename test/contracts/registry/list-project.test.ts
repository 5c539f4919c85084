import { id } from "ethers";
import { beforeEach, describe, expect, it } from "vitest";

import { encodeCode } from "../../../src/chain/codes.js";
import { CAPABILITIES, deployTestLedger } from "../../support/ledger.js";
import { expectEvents, expectRevert } from "../../support/reverts.js";

const ledger = await deployTestLedger();
const { registry, participants, parts, firms } = ledger;
const owner = await ledger.admit("0100109106", firms[0]!, CAPABILITIES.DEVELOP_PROJECTS);
await ledger.admit("0100109107", firms[1]!, CAPABILITIES.ALL - CAPABILITIES.DEVELOP_PROJECTS);
await ledger.checkpoint();
const CODE = encodeCode("VCS-1");
const DOCUMENT = id("document");

describe("Registry.listProject", () => {
  beforeEach(ledger.reset);

  it("lists a project of an owner who may develop projects, and says so", async () => {
    const sent = registry.listProject(CODE, owner, 1_250, DOCUMENT);
    await expectEvents(sent, registry, "ProjectListed", [[CODE, owner, 1_250, DOCUMENT]]);
    expect([...(await registry.project(CODE))]).toEqual([1n, 1n, 1_250n, DOCUMENT]);
  });

  it("takes a buffer share up to one half", async () => {
    await registry.listProject(CODE, owner, 5_000, DOCUMENT);
    const more = registry.listProject(encodeCode("VCS-2"), owner, 5_001, DOCUMENT);
    await expectRevert(more, registry, "RegistryBufferShareInvalid", [5_001]);
  });

  it("refuses a code that is malformed or taken", async () => {
    const word = `0x${"61".padEnd(64, "0")}`;
    await expectRevert(registry.listProject(word, owner, 0, DOCUMENT), registry, "RegistryCodeInvalid", [word]);
    await registry.listProject(CODE, owner, 0, DOCUMENT);
    await expectRevert(registry.listProject(CODE, owner, 0, DOCUMENT), registry, "RegistryCodeTaken", [CODE]);
    await registry.setProjectStatus(CODE, 7);
    await expectRevert(registry.listProject(CODE, owner, 0, DOCUMENT), registry, "RegistryCodeTaken", [CODE]);
  });

  it("refuses an owner who is unknown, lacks the capability, is suspended, or whose due diligence lapsed", async () => {
    await expectRevert(registry.listProject(CODE, 9, 0, DOCUMENT), participants, "ParticipantsUnknown", [9]);
    await expectRevert(registry.listProject(CODE, 2, 0, DOCUMENT), registry, "RegistryOwnerNotCapable", [2]);
    await participants.update(owner, CAPABILITIES.ALL, (await ledger.now()) + 100, DOCUMENT);
    await ledger.increaseTime(200);
    await expectRevert(registry.listProject(CODE, owner, 0, DOCUMENT), registry, "RegistryOwnerNotCapable", [owner]);
    await ledger.reset();
    await participants.connect(parts.compliance1).suspend(owner, DOCUMENT);
    await expectRevert(registry.listProject(CODE, owner, 0, DOCUMENT), registry, "RegistryOwnerNotCapable", [owner]);
  });

  it("refuses a caller who is no registrar", async () => {
    const act = registry.connect(parts.verifier).listProject(CODE, owner, 0, DOCUMENT);
    await expectRevert(act, registry, "AccessManagedUnauthorized", [parts.verifier.address]);
  });
});
