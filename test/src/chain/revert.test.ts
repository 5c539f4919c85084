import { AbiCoder, Interface, concat, id } from "ethers";
import { describe, expect, it } from "vitest";

import { batchIdOf, encodeCode } from "../../../src/chain/codes.js";
import { decodeRevert, isExecutionFailure, knownErrors, revertDataOf } from "../../../src/chain/revert.js";
import { RpcError } from "../../../src/chain/rpc-errors.js";
import { codeOfSolidityError, isErrorCode } from "../../../src/errors.js";

const ACCOUNT = "0x52908400098527886E0F7030069857D2E4169EE7";
const encode = (signature: string, args: readonly unknown[]): string => {
  const abi = new Interface([`error ${signature}`]);
  return abi.encodeErrorResult(signature.split("(", 1)[0]!, [...args]);
};

describe("decodeRevert", () => {
  it("should name the error of a contract and its evidence", () => {
    const data = encode("UnitsInsufficientBalance(address,uint256,uint256,uint256)", [
      ACCOUNT,
      batchIdOf("VN-1"),
      3n,
      1n << 60n,
    ]);
    expect(decodeRevert(data)).toEqual({
      name: "UnitsInsufficientBalance",
      args: { account: ACCOUNT, batchId: "VN-1", balance: "3", tonnes: "1152921504606846976" },
    });
  });

  it("should read codes and small numbers", () => {
    expect(decodeRevert(encode("RegistryProjectNotRegistered(bytes32,uint8)", [encodeCode("VN-CC-1"), 2]))).toEqual({
      name: "RegistryProjectNotRegistered",
      args: { projectCode: "VN-CC-1", status: 2 },
    });
  });

  it("should read the language's own errors", () => {
    expect(decodeRevert(encode("Error(string)", ["because"]))).toEqual({ name: "Error", args: { reason: "because" } });
    expect(decodeRevert(encode("Panic(uint256)", [0x11n]))).toEqual({ name: "Panic", args: { code: "17" } });
  });

  it("should read the errors of the access manager and of OpenZeppelin's tokens", () => {
    expect(decodeRevert(encode("AccessManagedUnauthorized(address)", [ACCOUNT]))?.args).toEqual({ caller: ACCOUNT });
  });

  it("given data that was cut, it should still name the error", () => {
    const data = encode("UnitsInsufficientBalance(address,uint256,uint256,uint256)", [ACCOUNT, 1n, 3n, 5n]);
    expect(decodeRevert(data.slice(0, 60))).toEqual({ name: "UnitsInsufficientBalance", args: {} });
  });

  for (const [what, data] of [
    ["nothing", "0x"],
    ["an unknown error", concat([id("Unheard()").slice(0, 10), AbiCoder.defaultAbiCoder().encode(["uint256"], [1n])])],
    ["text", "reverted"],
  ] as const) {
    it(`given ${what}, it should decode nothing`, () => expect(decodeRevert(data)).toBeNull());
  }
});

it("every error of a contract of the ledger should have a row in the error table", () => {
  const own = knownErrors().filter(({ name }) =>
    /^(Participants|Registry|Units|Retirements|Intents|AccessManage|ERC)(?!\w*Mock)/.test(name),
  );
  expect(own.length).toBeGreaterThan(60);
  expect(own.filter(({ name }) => !isErrorCode(codeOfSolidityError(name)))).toEqual([]);
});

describe("revertDataOf", () => {
  it("should find the data wherever nodes and libraries put it", () => {
    expect(revertDataOf({ data: "0xAB" })).toBe("0xab");
    expect(revertDataOf({ data: { data: "0xab", message: "reverted" } })).toBe("0xab");
    expect(revertDataOf({ info: { error: { data: "0xab" } } })).toBe("0xab");
    expect(revertDataOf({ error: { data: "0xab" } })).toBe("0xab");
  });

  it("given none, it should say so", () => {
    expect(revertDataOf(new Error("connection refused"))).toBeNull();
    expect(revertDataOf("0xab")).toBeNull();
  });
});

describe("isExecutionFailure", () => {
  it("should tell a call that failed from a node that failed", () => {
    expect(isExecutionFailure(new RpcError("eth_call", 3, "execution reverted", "0x"))).toBe(true);
    expect(isExecutionFailure(new RpcError("eth_call", -32000, "out of gas", null))).toBe(true);
    expect(isExecutionFailure(new RpcError("eth_call", -32005, "Request rate exceeded", null))).toBe(false);
    expect(isExecutionFailure(new RpcError("eth_call", -32603, "Internal error", null))).toBe(false);
  });
});
