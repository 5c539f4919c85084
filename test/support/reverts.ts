import type { BaseContract, ContractTransactionResponse, LogDescription } from "ethers";
import { expect } from "vitest";

/** A contract, or just its interface: what knows the errors and events in question. */
type Knows = Pick<BaseContract, "interface">;

/**
 * Expects a call or transaction to revert with a custom error that `contract` declares, with exactly these arguments when given.
 * Numbers in `args` may be `number` or `bigint`.
 */
export async function expectRevert(
  act: Promise<unknown>,
  contract: Knows,
  name: string,
  args?: readonly unknown[],
): Promise<void> {
  const revert = await revertOf(act, contract);
  expect(revert.name).toBe(name);
  if (args !== undefined) expect(plain(revert.args)).toEqual(plain(args));
}

/** Expects the transaction's logs of `contract` with this name to have exactly these arguments, one list for each. */
export async function expectEvents(
  sent: Promise<ContractTransactionResponse>,
  contract: BaseContract,
  name: string,
  args: readonly (readonly unknown[])[],
): Promise<void> {
  const found = (await eventsOf(sent, contract)).filter((event) => event.name === name);
  expect(found.map((event) => plain(event.args))).toEqual(args.map(plain));
}

/** The transaction's decoded logs of `contract`, in order. */
export async function eventsOf(
  sent: Promise<ContractTransactionResponse>,
  contract: BaseContract,
): Promise<LogDescription[]> {
  const [receipt, address] = await Promise.all([(await sent).wait(), contract.getAddress()]);
  return (receipt?.logs ?? [])
    .filter((log) => log.address === address)
    .map((log) => contract.interface.parseLog(log))
    .filter((event) => event !== null);
}

async function revertOf(act: Promise<unknown>, contract: Knows): Promise<{ name: string; args: unknown }> {
  try {
    await act;
  } catch (error) {
    const data = revertData(error);
    if (data === undefined) throw error;
    const parsed = contract.interface.parseError(data);
    return parsed === null ? { name: `unknown error ${data}`, args: [] } : parsed;
  }
  throw new Error("It should have reverted, but it did not.");
}

/** Nodes and libraries put the revert data at different depths. */
function revertData(error: unknown): string | undefined {
  if (typeof error !== "object" || error === null) return undefined;
  const { data, cause, error: inner, info } = error as Record<string, unknown>;
  if (typeof data === "string" && data.startsWith("0x")) return data;
  return revertData(data) ?? revertData(cause) ?? revertData(inner) ?? revertData(info);
}

/** Numbers as bigints and results as arrays, so that only values are compared. */
function plain(value: unknown): unknown {
  if (typeof value === "number") return BigInt(value);
  if (Array.isArray(value)) return Array.from(value, plain);
  if (typeof value === "object" && value !== null && Symbol.iterator in value) return plain([...(value as [])]);
  return value;
}
