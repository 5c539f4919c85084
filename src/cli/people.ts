import { Argument, type Command } from "commander";

import { judged } from "./acts.js";
import { hash, retirementNumber } from "./arguments.js";
import type { Io, Register } from "./io.js";
import { clientOf } from "./lists.js";
import { fieldLines, type Field } from "./table.js";

const HELP = `
The name of a natural person is never written on the chain, which forgets nothing. The service keeps it beside the chain, and gives a
commitment to it, which the retirement carries. Whoever has name and salt can prove the name for ever; keep the salt as you keep the name.

Examples:
  carbon people keep "Trần Thị Bình" --identifier 048199001234
  carbon retire VN-1-2024 10 --purpose voluntary --commitment 0x...
  carbon people show 7
  carbon people forget 0x...`;

interface Person {
  readonly identifier?: string;
  readonly salt?: string;
  readonly commitment?: string;
}

/** `carbon people`: natural persons whom units are retired for. */
export const registerPeople: Register = (program, io) => {
  const people = program
    .command("people")
    .description("natural persons whom units are retired for, kept beside the chain")
    .addHelpText("after", HELP);
  addKeep(people, io);
  people
    .command("show")
    .description("the person behind a retirement; that you have read it is written down")
    .addArgument(new Argument("<id>", "number of the retirement").argParser(retirementNumber))
    .action(async (id: string) => {
      const { commitment, name, identifier, salt } = await clientOf(io).retirements.beneficiary(id);
      io.json({ retirementId: id, commitment, name, identifier, salt });
      tell(io, [
        ["name", name],
        ["identifier", identifier],
        ["commitment", commitment],
        ["salt", salt],
      ]);
    });
  people
    .command("forget")
    .description("forget a person for good; totals, proofs and the certificate stay as they are")
    .addArgument(new Argument("<commitment>", "of the retirement, or as keep gave it").argParser(hash))
    .action(async (commitment: string) => {
      await judged(io, "The same command can be given again.", async () => {
        await clientOf(io).personalData.erase(commitment);
        io.json({ forgotten: commitment });
        io.out(`Whoever is behind ${commitment} is forgotten.`);
      });
    });
};

function addKeep(people: Command, io: Io): void {
  people
    .command("keep")
    .description("keep a name, and get the commitment for a retirement")
    .addArgument(new Argument("<name>", "of the natural person"))
    .option("--identifier <text>", "tax code or identity card, if the name alone does not say who it is")
    .option("--salt <hash>", "of an earlier try, to ask for the same again", hash)
    .option("--commitment <hash>", "what a retirement carries already: refused unless the name gives it", hash)
    .action(async (name: string, options: Person) => {
      await judged(io, "carbon people keep can be given again: a name that is kept twice does no harm.", async () => {
        const kept = await clientOf(io).personalData.keep({ name, ...options });
        io.json({ name, ...kept });
        tell(io, [
          ["commitment", kept.commitment],
          ["salt", kept.salt],
        ]);
        io.note(`Retire for this person with --commitment ${kept.commitment}`);
      });
    });
}

function tell(io: Io, fields: readonly Field[]): void {
  for (const line of fieldLines(fields, "")) io.out(line);
}
