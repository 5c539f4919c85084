import { readFileSync } from "node:fs";

import { Interface } from "ethers";
import { describe, expect, it } from "vitest";

import { Intents__factory } from "../../types/ethers-contracts/factories/Intents__factory.js";
import { Participants__factory } from "../../types/ethers-contracts/factories/Participants__factory.js";
import { Registry__factory } from "../../types/ethers-contracts/factories/Registry__factory.js";
import { Retirements__factory } from "../../types/ethers-contracts/factories/Retirements__factory.js";
import { Units__factory } from "../../types/ethers-contracts/factories/Units__factory.js";

/** Reachable only through another contract of the ledger, so the handlers reach them through that one. */
const REACHED_THROUGH: Record<string, string> = {
  issue: "approveIssuance",
  burn: "retire",
  executeOne: "executeBatch",
};

/** Entry points that move nothing: the certificate refuses them always, or they concern the access manager alone. */
const OUT_OF_SCOPE = new Set(["approve", "transferFrom", "setAuthority"]);

const handlers = ["HolderHandler", "InstitutionHandler"]
  .map((name) => readFileSync(new URL(`${name}.sol`, import.meta.url), "utf8"))
  .join("\n");

describe("the handlers of the invariant tests", () => {
  const factories = {
    Participants__factory,
    Registry__factory,
    Units__factory,
    Retirements__factory,
    Intents__factory,
  };
  for (const [name, { abi }] of Object.entries(factories)) {
    it(`reach every state-changing function of ${name.replace("__factory", "")}`, () => {
      const writes = new Interface(abi).fragments.filter(
        (fragment) => fragment.type === "function" && !fragment.format("full").match(/ (view|pure)\b/),
      );
      const names = new Set(writes.map((fragment) => /function (\w+)/.exec(fragment.format("full"))?.[1] ?? ""));
      expect(names.size).toBeGreaterThan(0);

      const missing = [...names].filter((write) => {
        if (OUT_OF_SCOPE.has(write)) return false;
        const handler = REACHED_THROUGH[write] ?? write;
        return (
          !new RegExp(`function ${handler}\\(`).test(handlers) &&
          !(write === "setApprovalForAll" && name.startsWith("Retirements"))
        );
      });

      expect(missing).toEqual([]);
    });
  }
});
