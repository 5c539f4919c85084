import { readFile } from "node:fs/promises";

import { AbiCoder, type FunctionFragment, type ParamType } from "ethers";
import { describe, expect, it } from "vitest";

import { functionRoles } from "../../../src/chain/deploy.js";
import { ROLES } from "../../../src/chain/roles.js";
import { deployTestLedger } from "../../support/ledger.js";

const ledger = await deployTestLedger();
const stranger = ledger.firms[0]!;
const contracts = {
  Participants: ledger.participants,
  Registry: ledger.registry,
  Units: ledger.units,
  Retirements: ledger.retirements,
  Intents: ledger.intents,
  SettlementCash: ledger.cash,
  Exchange: ledger.exchange,
};

/** A value of the type that decodes: what a function says of its caller comes before what it says of its arguments. */
function zeroOf(type: ParamType): unknown {
  if (type.isArray()) return [];
  if (type.isTuple()) return type.components.map(zeroOf);
  if (type.baseType === "string") return "";
  if (type.baseType === "bytes") return "0x";
  if (type.baseType === "bool") return false;
  if (type.baseType === "address") return `0x${"0".repeat(40)}`;
  return type.baseType.startsWith("bytes") ? `0x${"00".repeat(Number(type.baseType.slice(5)))}` : 0;
}

/** True when the access manager is what stops a stranger from calling the function. */
async function isRestricted(contract: keyof typeof contracts, fragment: FunctionFragment): Promise<boolean> {
  const target = contracts[contract];
  const data =
    fragment.selector + AbiCoder.defaultAbiCoder().encode(fragment.inputs, fragment.inputs.map(zeroOf)).slice(2);
  const refusal = ledger.participants.interface.getError("AccessManagedUnauthorized")!.selector;
  return stranger.call({ to: target, data }).then(
    () => false,
    (error: unknown) => JSON.stringify(error, Object.getOwnPropertyNames(error)).includes(refusal),
  );
}

describe("ROLES", () => {
  it("are the numbers of Roles.sol", async () => {
    const source = await readFile("contracts/libraries/Roles.sol", "utf8");
    const found = [...source.matchAll(/uint64 internal constant (\w+) = (\d+);/g)];
    expect(Object.fromEntries(found.map(([, name, number]) => [name, BigInt(number!)]))).toEqual(ROLES);
  });
});

describe("FUNCTION_ROLES", () => {
  const rows = functionRoles();

  it.each(Object.keys(contracts) as (keyof typeof contracts)[])(
    "names every restricted function of %s, once",
    async (name) => {
      const table = rows.filter(({ contract }) => contract === name).flatMap(({ selectors }) => selectors);
      const functions: FunctionFragment[] = [];
      contracts[name].interface.forEachFunction((fragment) => void functions.push(fragment));
      const restricted: string[] = [];
      for (const fragment of functions) {
        // Only the access manager itself may move a contract to another manager.
        if (fragment.name !== "setAuthority" && (await isRestricted(name, fragment)))
          restricted.push(fragment.selector);
      }
      expect(table.toSorted()).toEqual(restricted.toSorted());
    },
  );

  it("is what the access manager knows", async () => {
    for (const { contract, role, selectors } of rows) {
      for (const selector of selectors) {
        const known = await ledger.access.getTargetFunctionRole(contracts[contract], selector);
        expect([contract, selector, known]).toEqual([contract, selector, ROLES[role]]);
      }
    }
  });
});
