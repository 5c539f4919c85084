/** Calls of institutions to `Participants`, encoded for the lane of the account that signs them. The rules are in `IParticipants`. */
import { IParticipants__factory } from "../../types/ethers-contracts/factories/interfaces/IParticipants__factory.js";
import { IUnits__factory } from "../../types/ethers-contracts/factories/interfaces/IUnits__factory.js";
import { batchIdOf } from "./codes.js";
import type { LedgerAddresses } from "./events.js";
import type { CallPayload } from "./outbox/payloads.js";

const PARTICIPANTS = IParticipants__factory.createInterface();
const UNITS = IUnits__factory.createInterface();

export interface ParticipantTerms {
  /** Bit set of `Capabilities.sol`. */
  readonly capabilities: number;
  /** Unix time in seconds. */
  readonly kycExpiresAt: number;
  readonly documentHash: string;
}

export type ParticipantsCalls = ReturnType<typeof createParticipantsCalls>;

export function createParticipantsCalls(addresses: Pick<LedgerAddresses, "Participants" | "Units">) {
  const call = (data: string): CallPayload => ({ to: addresses.Participants, data });
  return {
    admit: (taxCode: string, terms: ParticipantTerms, firstAccount: string) =>
      call(PARTICIPANTS.encodeFunctionData("admit", [taxCode, ...valuesOf(terms), firstAccount])),
    update: (id: number, terms: ParticipantTerms) =>
      call(PARTICIPANTS.encodeFunctionData("update", [id, ...valuesOf(terms)])),
    suspend: (id: number, reasonHash: string) => call(PARTICIPANTS.encodeFunctionData("suspend", [id, reasonHash])),
    reinstate: (id: number) => call(PARTICIPANTS.encodeFunctionData("reinstate", [id])),
    close: (id: number) => call(PARTICIPANTS.encodeFunctionData("close", [id])),
    addAccount: (id: number, account: string) => call(PARTICIPANTS.encodeFunctionData("addAccount", [id, account])),
    removeAccount: (id: number, account: string) =>
      call(PARTICIPANTS.encodeFunctionData("removeAccount", [id, account])),
    proposeReplacement: (lost: string, successor: string) =>
      call(PARTICIPANTS.encodeFunctionData("proposeReplacement", [lost, successor])),
    approveReplacement: (lost: string, successor: string) =>
      call(PARTICIPANTS.encodeFunctionData("approveReplacement", [lost, successor])),
    withdrawReplacement: (lost: string) => call(PARTICIPANTS.encodeFunctionData("withdrawReplacement", [lost])),

    /** What a replaced account holds of a batch goes to its successor. */
    recover: (lost: string, batch: string): CallPayload => ({
      to: addresses.Units,
      data: UNITS.encodeFunctionData("recover", [lost, batchIdOf(batch)]),
    }),
  };
}

function valuesOf({ capabilities, kycExpiresAt, documentHash }: ParticipantTerms): [number, number, string] {
  return [capabilities, kycExpiresAt, documentHash];
}
