import { Argument, Option, type Command } from "commander";

import { CANCELLATION_REASONS, PURPOSES } from "../chain/event-types.js";
import type { Operation } from "../client/types.js";
import type { CancellationReason, Purpose } from "../client/unit-types.js";
import { textOf } from "./acts.js";
import { address, code, day, hash, lengthOf, quantity, serials, wholeNumber, type SerialBlock } from "./arguments.js";
import { CliError, type Io, type Register } from "./io.js";
import { clientOf } from "./lists.js";
import { performIntent, withSigning, type SigningOptions } from "./signing.js";
import type { Field } from "./table.js";
import { serialsText, type Wording } from "./wording.js";

const WHO = `
Who signs: with --sign-with a key of this machine (carbon keys), otherwise the service with the account that it keeps for the API key.
After an answer that was lost, the same command with the --nonce and --deadline (or --idempotency-key) that it named does nothing twice.`;

interface UnitsOptions extends SigningOptions {
  readonly serials?: readonly SerialBlock[];
}

/** `carbon transfer`: units to another account. */
export const registerTransfer: Register = (program, io) => {
  withUnits(program.command("transfer"))
    .description("give units to another account, or put them into trading")
    .requiredOption("--to <account>", "who receives them: an account, or the word exchange", recipient)
    .addHelpText(
      "after",
      `${WHO}\n\nExamples:
  carbon transfer VN-1-2024 100 --to 0x49d1cCB5139c1ae4dA9Cf47AfdDc4aB170F01024 --dry-run
  carbon transfer VN-1-2024 --serials 1-500,601 --to 0x49d1cCB5139c1ae4dA9Cf47AfdDc4aB170F01024
  carbon transfer VN-1-2024 100 --to exchange`,
    )
    .action(async (batch: string, tonnes: bigint | undefined, options: UnitsOptions & { readonly to: string }) => {
      const to = options.to === "exchange" ? (await clientOf(io).cash.get()).exchange : options.to;
      const units = unitsOf(batch, tonnes, options);
      const input = { ...units, to };
      await performIntent(io, options, {
        title: "Transfer units",
        kind: "transfer",
        fields: async (wording) => [["to", await wording.account(to)], ...(await unitFields(io, wording, units))],
        sign: (firm, terms) => firm.sign.transfer(input, terms),
        input,
        send: (client, body, write) => client.transfers.create(body, write),
      });
    });
};

interface Retirement extends UnitsOptions {
  readonly purpose: Purpose;
  readonly beneficiary?: string;
  readonly beneficiaryId?: string;
  readonly commitment?: string;
  readonly reason?: string;
  readonly details?: string;
  readonly country?: string;
  readonly from?: string;
  readonly until?: string;
}

/** `carbon retire`: units used for good. */
export const registerRetire: Register = (program, io) => {
  withUnits(program.command("retire"))
    .description("use units for good, for somebody and for a purpose")
    .addOption(new Option("--purpose <purpose>", "what for").choices(PURPOSES).makeOptionMandatory())
    .option("--beneficiary <name>", "the organisation that they are retired for")
    .option("--beneficiary-id <id>", "its LEI or tax code")
    .option("--commitment <hash>", "of a natural person, whose name is not written on the chain", hash)
    .option("--reason <text>", "why")
    .option("--details <text>", "what else the record shall say")
    .option("--country <code>", "where they are used up, as VN")
    .option("--from <day>", "first day of the period that they are used for", day)
    .option("--until <day>", "its last day", day)
    .addHelpText(
      "after",
      `${WHO}\n\nExamples:
  carbon retire VN-1-2024 100 --purpose voluntary --beneficiary "Firm" --beneficiary-id 0400101549 --dry-run
  carbon retire VN-1-2024 --serials 101-600 --purpose compliance --beneficiary "Firm" --country VN --from 2025-01-01 --until 2025-12-31
  carbon certificate 1      the certificate, by the number that the answer names`,
    )
    .action(async (batch: string, tonnes: bigint | undefined, options: Retirement) => {
      const units = unitsOf(batch, tonnes, options);
      if ((options.beneficiary === undefined) === (options.commitment === undefined)) {
        throw new CliError("For whom? Either --beneficiary, an organisation, or --commitment, to a person's name.");
      }
      const input = { ...units, ...recordOf(options) };
      await performIntent(io, options, {
        title: "Retire units, for good",
        kind: "retirement",
        fields: async (wording) => [...(await unitFields(io, wording, units)), ...retirementFields(options)],
        sign: (firm, terms) => firm.sign.retirement(input, terms),
        input,
        send: (client, body, write) => client.retirements.create(body, write),
        hint: ({ result }: Operation) => {
          const id = result?.["retirementId"];
          return id === undefined ? null : `Its certificate: carbon certificate ${textOf(id) ?? ""}`;
        },
      });
    });
};

/** `carbon cancel`: units taken out for another reason. */
export const registerCancel: Register = (program, io) => {
  withUnits(program.command("cancel"))
    .description("take units out for another reason than their use")
    .addOption(new Option("--reason <reason>", "why").choices(CANCELLATION_REASONS).makeOptionMandatory())
    .option("--details <text>", "what else the record shall say")
    .addHelpText(
      "after",
      `${WHO}\n\nExample:
  carbon cancel VN-1-2024 5 --reason registry-move --details "To the national registry of X" --dry-run`,
    )
    .action(async (batch: string, tonnes: bigint | undefined, options: UnitsOptions & Cancellation) => {
      const { reason, details } = options;
      const units = unitsOf(batch, tonnes, options);
      const input = { ...units, reason, ...(details === undefined ? {} : { details }) };
      await performIntent(io, options, {
        title: "Cancel units, for good",
        kind: "cancellation",
        fields: async (wording) => [
          ...(await unitFields(io, wording, units)),
          ["reason", reason],
          ["details", details ?? null],
        ],
        sign: (firm, terms) => firm.sign.cancellation(input, terms),
        input,
        send: (client, body, write) => client.cancellations.create(body, write),
      });
    });
};

interface Cancellation {
  readonly reason: CancellationReason;
  readonly details?: string;
}

/** `carbon revoke`: a signed intent made void. */
export const registerRevoke: Register = (program, io) => {
  withSigning(program.command("revoke"))
    .description("make void what was signed and did not happen yet")
    .addArgument(new Argument("<nonce>", "of what shall not happen").argParser(wholeNumber))
    .addHelpText(
      "after",
      `${WHO}\n\nExample:
  carbon revoke 51243 --sign-with office`,
    )
    .action(async (revokedNonce: bigint, options: SigningOptions) => {
      const input = { revokedNonce };
      await performIntent(io, options, {
        title: "Make a signed intent void",
        kind: "revocation",
        fields: async () => [["its nonce", String(revokedNonce)]],
        sign: (firm, terms) => firm.sign.revocation(input, terms),
        input,
        send: (client, body, write) => client.revocations.create(body, write),
      });
    });
};

function withUnits(command: Command): Command {
  return withSigning(
    command
      .addArgument(new Argument("<batch>", "code of the batch").argParser(code))
      .addArgument(new Argument("[tonnes]", "how many; may be left out with --serials").argParser(quantity))
      .option("--serials <list>", "exactly these, as 1-500,601; any when left out", serials),
  );
}

interface Units {
  readonly batch: string;
  readonly tonnes: bigint;
  readonly blocks?: readonly SerialBlock[];
}

function unitsOf(batch: string, tonnes: bigint | undefined, { serials: blocks }: UnitsOptions): Units {
  if (blocks === undefined) {
    if (tonnes === undefined) throw new CliError("How many tonnes, or which --serials?");
    return { batch, tonnes };
  }
  const length = lengthOf(blocks);
  if (tonnes !== undefined && tonnes !== length) {
    throw new CliError(`These serials are ${length} tonnes, not ${tonnes}.`);
  }
  return { batch, tonnes: length, blocks };
}

async function unitFields(io: Io, wording: Wording, { batch, tonnes, blocks }: Units): Promise<Field[]> {
  return [
    ["units", `${io.format.tonnes(tonnes)} of ${await wording.batch(batch)}`],
    ["serials", serialsText(blocks ?? [])],
  ];
}

function recordOf({
  purpose,
  beneficiary,
  beneficiaryId,
  commitment,
  reason,
  details,
  country,
  from,
  until,
}: Retirement) {
  return {
    purpose,
    ...(beneficiary === undefined ? {} : { beneficiary }),
    ...(beneficiaryId === undefined ? {} : { beneficiaryId }),
    ...(commitment === undefined ? {} : { beneficiaryCommitment: commitment }),
    ...(reason === undefined ? {} : { reason }),
    ...(details === undefined ? {} : { details }),
    ...(country === undefined ? {} : { consumptionCountry: country }),
    ...(from === undefined ? {} : { consumptionPeriodStart: from }),
    ...(until === undefined ? {} : { consumptionPeriodEnd: until }),
  };
}

function retirementFields(options: Retirement): Field[] {
  const { purpose, beneficiary, beneficiaryId, commitment, reason, details, country, from, until } = options;
  return [
    ["for", beneficiary ?? `a natural person, commitment ${commitment ?? ""}`],
    ["identified by", beneficiaryId ?? null],
    ["purpose", purpose],
    ["reason", reason ?? null],
    ["details", details ?? null],
    ["used up in", country ?? null],
    ["used for", from === undefined && until === undefined ? null : `${from ?? "?"} to ${until ?? "?"}`],
  ];
}

function recipient(text: string): string {
  return text === "exchange" ? text : address(text);
}
