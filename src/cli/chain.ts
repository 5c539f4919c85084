import type { Io, Register } from "./io.js";
import { clientOf } from "./lists.js";
import { fieldLines, type Field } from "./table.js";

const HELP = `
Example:
  carbon chain      also: which accounts hold which role, for carbon api-keys create --account`;

/** `carbon chain`: where the ledger is, and who holds its roles. */
export const registerChain: Register = (program, io) => {
  program
    .command("chain")
    .description("the chain, the contracts on it, and the accounts that hold each role")
    .addHelpText("after", HELP)
    .action(async () => tellChain(io));
};

async function tellChain(io: Io): Promise<void> {
  const chain = await clientOf(io).chain.get();
  io.json(chain);
  const { name, chainId, head, projected, genesisHash, confirmations, contracts, roles, bufferAccount, paused } = chain;
  const state: Field[] = [
    ["chain", `${name} (chain id ${chainId})`],
    ["genesis", genesisHash],
    ["latest block", `${io.format.integer(head.number)}, ${io.format.time(head.timestamp)}`],
    ["readable up to", io.format.integer(projected.number)],
    ["blocks until final", io.format.integer(confirmations)],
    ["units", paused ? "stopped: nothing moves" : "may move"],
    ["buffer account", bufferAccount],
  ];
  for (const line of fieldLines(state, "")) io.out(line);
  const part = (title: string, fields: readonly Field[]): void => {
    io.out("");
    io.out(io.paint("bold", title));
    for (const line of fieldLines(fields)) io.out(line);
  };
  part("Contracts", Object.entries(contracts));
  const held = Object.entries(roles).flatMap(([role, accounts]) => accounts.map((account): Field => [role, account]));
  part("Roles", held);
}
