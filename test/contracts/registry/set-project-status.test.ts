import { beforeEach, describe, expect, it } from "vitest";

import { encodeCode } from "../../../src/chain/codes.js";
import { deployTestLedger, PROJECT_STATUS } from "../../support/ledger.js";
import { expectEvents, expectRevert } from "../../support/reverts.js";

type Status = keyof typeof PROJECT_STATUS;

const ledger = await deployTestLedger();
const { registry, parts, firms } = ledger;
const CODE = encodeCode("VCS-1");
await registry.listProject(CODE, await ledger.admit(null, firms[0]!), 0, CODE);
await ledger.checkpoint();

/** The life of a project as the interface tells it, written out. */
const ALLOWED: Record<Exclude<Status, "None">, readonly Status[]> = {
  Listed: ["Validated", "Rejected", "Withdrawn"],
  Validated: ["Registered", "Rejected", "Withdrawn"],
  Registered: ["Completed", "Inactive", "Withdrawn"],
  Inactive: ["Registered", "Withdrawn"],
  Completed: [],
  Rejected: [],
  Withdrawn: [],
};
/** How to get from `Listed` to each status. */
const PATHS: Record<keyof typeof ALLOWED, readonly Status[]> = {
  Listed: [],
  Validated: ["Validated"],
  Registered: ["Validated", "Registered"],
  Inactive: ["Validated", "Registered", "Inactive"],
  Completed: ["Validated", "Registered", "Completed"],
  Rejected: ["Rejected"],
  Withdrawn: ["Withdrawn"],
};
const statuses = Object.keys(ALLOWED) as (keyof typeof ALLOWED)[];
const set = (status: Status) => registry.setProjectStatus(CODE, PROJECT_STATUS[status]);

describe("Registry.setProjectStatus", () => {
  beforeEach(ledger.reset);

  describe.each(statuses)("given a project in the status %s", (from) => {
    beforeEach(async () => {
      for (const status of PATHS[from]) await set(status);
    });

    const targets = Object.keys(PROJECT_STATUS) as Status[];
    it.each(targets.filter((to) => ALLOWED[from].includes(to)))("may become %s", async (to) => {
      const change = [CODE, PROJECT_STATUS[from], PROJECT_STATUS[to]];
      await expectEvents(set(to), registry, "ProjectStatusChanged", [change]);
      expect((await registry.project(CODE)).status).toBe(BigInt(PROJECT_STATUS[to]));
    });

    it.each(targets.filter((to) => !ALLOWED[from].includes(to)))("may not become %s", async (to) => {
      const change = [CODE, PROJECT_STATUS[from], PROJECT_STATUS[to]];
      await expectRevert(set(to), registry, "RegistryProjectTransitionForbidden", change);
    });
  });

  it("refuses an unknown project", async () => {
    const unknown = encodeCode("VCS-2");
    await expectRevert(registry.setProjectStatus(unknown, 2), registry, "RegistryProjectUnknown", [unknown]);
  });

  it("refuses a caller who is no registrar", async () => {
    const act = registry.connect(parts.compliance1).setProjectStatus(CODE, 2);
    await expectRevert(act, registry, "AccessManagedUnauthorized", [parts.compliance1.address]);
  });
});
