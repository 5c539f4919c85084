import { readFileSync } from "node:fs";

import { Interface } from "ethers";
import { describe, expect, it } from "vitest";

import { Exchange__factory } from "../../types/ethers-contracts/factories/Exchange__factory.js";
import { Intents__factory } from "../../types/ethers-contracts/factories/Intents__factory.js";
import { Participants__factory } from "../../types/ethers-contracts/factories/Participants__factory.js";
import { Registry__factory } from "../../types/ethers-contracts/factories/Registry__factory.js";
import { Retirements__factory } from "../../types/ethers-contracts/factories/Retirements__factory.js";
import { SettlementCash__factory } from "../../types/ethers-contracts/factories/SettlementCash__factory.js";
import { Units__factory } from "../../types/ethers-contracts/factories/Units__factory.js";

const LEDGER_HANDLERS = ["HolderHandler", "InstitutionHandler"];
const MARKET_HANDLERS = ["TraderHandler", "OperatorHandler", "MarketInstitutionHandler"];

/**
 * Functions that a handler reaches under another name: because only another contract of the ledger may call them, or because two
 * contracts have one of the same name. For the access manager alone: null.
 */
const CONTRACTS: Record<
  string,
  { abi: readonly unknown[]; handlers: readonly string[]; reachedBy?: Record<string, string | null> }
> = {
  Participants: { abi: Participants__factory.abi, handlers: LEDGER_HANDLERS },
  Registry: { abi: Registry__factory.abi, handlers: LEDGER_HANDLERS },
  Units: {
    abi: Units__factory.abi,
    handlers: LEDGER_HANDLERS,
    reachedBy: { issue: "approveIssuance", burn: "retire" },
  },
  Retirements: {
    abi: Retirements__factory.abi,
    handlers: LEDGER_HANDLERS,
    // A certificate moves never, whoever is approved: refused always.
    reachedBy: { approve: null, transferFrom: null, setApprovalForAll: null, safeTransferFrom: null },
  },
  Intents: {
    abi: Intents__factory.abi,
    handlers: [...LEDGER_HANDLERS, ...MARKET_HANDLERS],
    reachedBy: { executeOne: "executeBatch" },
  },
  SettlementCash: {
    abi: SettlementCash__factory.abi,
    handlers: MARKET_HANDLERS,
    reachedBy: {
      transferFor: "executeCashTransfer",
      recover: "recoverCash",
      pause: "pauseCash",
      unpause: "unpauseCash",
    },
  },
  Exchange: {
    abi: Exchange__factory.abi,
    handlers: MARKET_HANDLERS,
    reachedBy: {
      settleWhole: "settleMany",
      onCashReceived: "transfer",
      onERC1155Received: "depositUnits",
      onERC1155BatchReceived: "safeBatchTransferFrom",
      recover: "recoverPosition",
    },
  },
};

const sourceOf = (handler: string): string => readFileSync(new URL(`${handler}.sol`, import.meta.url), "utf8");

describe("the handlers of the invariant tests", () => {
  for (const [contract, { abi, handlers, reachedBy = {} }] of Object.entries(CONTRACTS)) {
    it(`reach every state-changing function of ${contract}`, () => {
      const sources = handlers.map(sourceOf).join("\n");
      const writes = new Interface(abi as string[]).fragments.filter(
        (fragment) => fragment.type === "function" && !/ (view|pure)\b/.test(fragment.format("full")),
      );
      const names = new Set(writes.map((fragment) => /function (\w+)/.exec(fragment.format("full"))?.[1] ?? ""));
      expect(names.size).toBeGreaterThan(0);

      const missing = [...names].filter((name) => {
        const handler = name === "setAuthority" ? null : name in reachedBy ? reachedBy[name] : name;
        return handler !== null && !new RegExp(`function ${handler}\\(`).test(sources);
      });

      expect(missing).toEqual([]);
    });
  }
});
