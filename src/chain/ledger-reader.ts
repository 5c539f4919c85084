import type { ContractRunner } from "ethers";

import { Participants__factory } from "../../types/ethers-contracts/factories/Participants__factory.js";
import { Registry__factory } from "../../types/ethers-contracts/factories/Registry__factory.js";
import { Retirements__factory } from "../../types/ethers-contracts/factories/Retirements__factory.js";
import { Units__factory } from "../../types/ethers-contracts/factories/Units__factory.js";
import { batchIdOf, decodeCode, encodeCode } from "./codes.js";
import {
  ACCOUNT_STATUSES,
  FIRST_TRANSFERS,
  ISSUANCE_STATUSES,
  PARTICIPANT_STATUSES,
  PROJECT_STATUSES,
  ZERO_ADDRESS,
} from "./event-types.js";
import type { LedgerAddresses } from "./events.js";
import { exchangeReader } from "./exchange-reader.js";

/** Reads the ledger's contracts as they were at a block. Answers are in the words of the read model; errors are the connection's. */
export type LedgerReader = ReturnType<typeof createLedgerReader>;

/** The contract gives at most this many blocks of a holding in one answer. */
const BLOCKS_PER_CALL = 1_000n;

/** @param runner The connection's provider. */
export function createLedgerReader(runner: ContractRunner, addresses: LedgerAddresses) {
  const contracts = {
    participants: Participants__factory.connect(addresses.Participants, runner),
    registry: Registry__factory.connect(addresses.Registry, runner),
    units: Units__factory.connect(addresses.Units, runner),
    retirements: Retirements__factory.connect(addresses.Retirements, runner),
  };
  return {
    ...unitsReader(contracts),
    ...registryReader(contracts),
    ...participantsReader(contracts),
    ...recordsReader(contracts),
    ...exchangeReader(runner, addresses),
  };
}

interface Contracts {
  readonly participants: ReturnType<typeof Participants__factory.connect>;
  readonly registry: ReturnType<typeof Registry__factory.connect>;
  readonly units: ReturnType<typeof Units__factory.connect>;
  readonly retirements: ReturnType<typeof Retirements__factory.connect>;
}

function unitsReader({ units }: Contracts) {
  return {
    async holding(account: string, batch: string, block: bigint) {
      const [tonnes, frozenTonnes] = await Promise.all([
        units.balanceOf(account, tokenIdOf(batch), { blockTag: block }),
        units.getFrozenTokens(account, tokenIdOf(batch), { blockTag: block }),
      ]);
      return { tonnes, frozenTonnes };
    },

    /** The serial blocks of a holding in the order of serials, adjacent ones made one. */
    async blocks(account: string, batch: string, block: bigint): Promise<{ start: bigint; end: bigint }[]> {
      const found: { start: bigint; end: bigint }[] = [];
      for (let offset = 0n; ; offset += BLOCKS_PER_CALL) {
        const page = await units.blocksOf(account, tokenIdOf(batch), offset, BLOCKS_PER_CALL, { blockTag: block });
        found.push(...page.map(({ start, end }) => ({ start, end })));
        if (page.length < BLOCKS_PER_CALL) return merged(found);
      }
    },

    async totals(batch: string, block: bigint) {
      const { issuedTonnes, heldTonnes, retiredTonnes, cancelledTonnes } = await units.totals(tokenIdOf(batch), {
        blockTag: block,
      });
      return { issuedTonnes, heldTonnes, retiredTonnes, cancelledTonnes };
    },

    batchPaused: (batch: string, block: bigint) => units.batchPaused(batchIdOf(batch), { blockTag: block }),
    paused: (block: bigint) => units.paused({ blockTag: block }),
  };
}

function registryReader({ registry }: Contracts) {
  return {
    async batch(batch: string, block: bigint) {
      const read = await registry.batch(batchIdOf(batch), { blockTag: block });
      return {
        project: decodeCode(read.projectCode),
        vintage: Number(read.vintage),
        authorisations: Number(read.authorisations),
        firstTransfer: nameOf(FIRST_TRANSFERS, read.firstTransfer),
        authorisationRevoked: read.authorisationRevoked,
        issuedTonnes: read.issuedTonnes,
      };
    },

    async project(project: string, block: bigint) {
      const read = await registry.project(encodeCode(project), { blockTag: block });
      return {
        status: nameOf(PROJECT_STATUSES, read.status),
        ownerId: Number(read.ownerId),
        bufferBasisPoints: Number(read.bufferBasisPoints),
        documentHash: read.documentHash,
      };
    },

    async statement(id: string, block: bigint) {
      const read = await registry.statement(id, { blockTag: block });
      return {
        project: decodeCode(read.projectCode),
        periodStart: read.periodStart,
        periodEnd: read.periodEnd,
        verifiedTonnes: read.verifiedTonnes,
        claimedTonnes: read.claimedTonnes,
      };
    },

    issuanceStatus: async (id: string, block: bigint) =>
      nameOf(ISSUANCE_STATUSES, await registry.issuanceStatus(id, { blockTag: block })),

    /** Null when none was ever set. */
    async bufferAccount(block: bigint): Promise<string | null> {
      const account = await registry.bufferAccount({ blockTag: block });
      return account === ZERO_ADDRESS ? null : account;
    },
  };
}

function participantsReader({ participants }: Contracts) {
  return {
    async participant(id: number, block: bigint) {
      const read = await participants.participant(id, { blockTag: block });
      return {
        status: nameOf(PARTICIPANT_STATUSES, read.status),
        capabilities: Number(read.capabilities),
        kycExpiresAt: read.kycExpiresAt,
        documentHash: read.documentHash,
        accountCount: read.accountCount,
      };
    },

    participantIdOfTaxCode: async (taxCode: string, block: bigint) =>
      Number(await participants.participantByTaxCode(taxCode, { blockTag: block })),

    async account(address: string, block: bigint) {
      const [participantId, status, successor] = await Promise.all([
        participants.participantOf(address, { blockTag: block }),
        participants.accountStatus(address, { blockTag: block }),
        participants.successorOf(address, { blockTag: block }),
      ]);
      return {
        participantId: Number(participantId),
        status: nameOf(ACCOUNT_STATUSES, status),
        successor: successor === ZERO_ADDRESS ? null : successor,
      };
    },

    participantCount: (block: bigint) => participants.participantCount({ blockTag: block }),
  };
}

function recordsReader({ retirements }: Contracts) {
  return {
    retirementHash: (id: bigint, block: bigint) => retirements.retirementHash(id, { blockTag: block }),
    cancellationHash: (id: bigint, block: bigint) => retirements.cancellationHash(id, { blockTag: block }),
    retirementCount: (block: bigint) => retirements.retirementCount({ blockTag: block }),
    cancellationCount: (block: bigint) => retirements.cancellationCount({ blockTag: block }),
  };
}

/** Ids that are no code (an officer may freeze any number in advance) stand in the read model as their word. */
function tokenIdOf(batch: string): bigint {
  return batch.startsWith("0x") ? BigInt(batch) : batchIdOf(batch);
}

function nameOf(names: readonly string[], value: bigint): string {
  return names[Number(value)] ?? value.toString();
}

function merged(blocks: { start: bigint; end: bigint }[]): { start: bigint; end: bigint }[] {
  const sorted = [...blocks].sort((a, b) => (a.start < b.start ? -1 : 1));
  const result: { start: bigint; end: bigint }[] = [];
  for (const block of sorted) {
    const last = result.at(-1);
    if (last !== undefined && last.end + 1n === block.start) last.end = block.end;
    else result.push({ ...block });
  }
  return result;
}
