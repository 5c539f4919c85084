import hre from "hardhat";
import { ZeroHash } from "ethers";

import { batchIdOf } from "../../src/chain/codes.js";
import type { CancellationOrder, RetirementOrder } from "../../src/chain/intents.js";

export const RETIREMENT_BATCH_ID = batchIdOf("VN-2026.1");
export const PARTICIPANT_ID = 7;
export const BASE_URI = "https://ledger.example/v1/retirements/";
/** Amount that `UnitsMock` refuses. */
export const REFUSED_TONNES = 13n;

/** `Retirements` before neighbours that answer what a test tells them; `intents` is a key, so that a test can act as the contract. */
export async function deployRetirements() {
  const { ethers } = await hre.network.create();
  const [admin, holder, intents, stranger] = await ethers.getSigners();
  if (admin === undefined || holder === undefined || intents === undefined || stranger === undefined) {
    throw new Error("No signers");
  }

  const access = await ethers.deployContract("LedgerAccess", [admin.address]);
  const participants = await ethers.deployContract("ParticipantsMock");
  const registry = await ethers.deployContract("RegistryMock");
  const units = await ethers.deployContract("UnitsMock");
  const retirements = await ethers.deployContract("Retirements", [
    access.target,
    participants.target,
    registry.target,
    units.target,
    intents.address,
    BASE_URI,
  ]);
  await participants.set(holder.address, PARTICIPANT_ID, true);

  return {
    ethers,
    access,
    participants,
    registry,
    units,
    retirements: retirements.connect(holder),
    admin,
    holder,
    intents,
    stranger,
  };
}
export type RetirementsFixture = Awaited<ReturnType<typeof deployRetirements>>;

/** A retirement that is good in every way. */
export function sampleRetirement(changes: Partial<RetirementOrder> = {}): RetirementOrder {
  return {
    batchId: RETIREMENT_BATCH_ID,
    tonnes: 5n,
    blocks: [],
    beneficiary: "Cảng Đà Nẵng",
    beneficiaryId: "0400101972",
    beneficiaryCommitment: ZeroHash,
    purpose: 0,
    reason: "Scope 1 emissions of 2025",
    details: "Verified by the auditor on 2026-02-01, statement 12",
    consumptionCountry: "0x564e",
    consumptionPeriodStart: 20_089,
    consumptionPeriodEnd: 20_453,
    ...changes,
  };
}

export function sampleCancellation(changes: Partial<CancellationOrder> = {}): CancellationOrder {
  return { batchId: RETIREMENT_BATCH_ID, tonnes: 5n, blocks: [], reason: 1, details: "Measured twice", ...changes };
}
