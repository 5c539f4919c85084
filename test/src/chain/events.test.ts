import { AbiCoder, Interface, keccak256, toUtf8Bytes, ZeroAddress, ZeroHash } from "ethers";
import { describe, expect, it } from "vitest";

import { batchIdOf, encodeCode } from "../../../src/chain/codes.js";
import type { EventName, LedgerEvent } from "../../../src/chain/event-types.js";
import { createEventDecoder, eventNames } from "../../../src/chain/events.js";
import { Retirements__factory } from "../../../types/ethers-contracts/factories/Retirements__factory.js";
import { FAKE_ADDRESSES, fakeAccount, fakeLog, type FakeLog } from "../../support/fake-chain.js";

/** As the type says them; the compiler holds this list complete. */
const TYPED: Readonly<Record<EventName, true>> = {
  ParticipantAdmitted: true,
  ParticipantSuspended: true,
  ParticipantReinstated: true,
  ParticipantClosed: true,
  ParticipantUpdated: true,
  AccountAdded: true,
  AccountRemoved: true,
  AccountReplacementProposed: true,
  AccountReplacementWithdrawn: true,
  AccountReplaced: true,
  ProjectListed: true,
  ProjectStatusChanged: true,
  ProjectDocumentChanged: true,
  StatementRecorded: true,
  IssuanceProposed: true,
  IssuanceApproved: true,
  IssuanceRejected: true,
  BatchIssued: true,
  ForeignBlockRecorded: true,
  BatchAuthorised: true,
  BatchAuthorisationRevoked: true,
  BufferAccountChanged: true,
  BlocksMoved: true,
  BlocksMerged: true,
  BatchPaused: true,
  BatchUnpaused: true,
  Paused: true,
  Unpaused: true,
  Recovered: true,
  ForcedTransfer: true,
  Frozen: true,
  TransferSingle: true,
  TransferBatch: true,
  URI: true,
  ApprovalForAll: true,
  Retired: true,
  Cancelled: true,
  Transfer: true,
  Approval: true,
  Locked: true,
  Unlocked: true,
  BaseUriChanged: true,
  IntentExecuted: true,
  IntentFailed: true,
  NonceRevoked: true,
  Minted: true,
  MintProposed: true,
  MintWithdrawn: true,
  RedemptionRequested: true,
  RedemptionApproved: true,
  RedemptionPaid: true,
  RedemptionRefused: true,
  SingleApprovalLimitSet: true,
  CashRecovered: true,
  CashPaused: true,
  CashUnpaused: true,
  InstrumentListed: true,
  UnitsDeposited: true,
  CashDeposited: true,
  UnitsWithdrawalRequested: true,
  CashWithdrawalRequested: true,
  WithdrawalCancelled: true,
  UnitsWithdrawn: true,
  CashWithdrawn: true,
  TradeSettled: true,
  TradeFailed: true,
  OrderCancelled: true,
  OrdersCancelledBefore: true,
  DealCancelled: true,
  FeeSet: true,
  FeeAccountSet: true,
  PositionRecovered: true,
  RoleGranted: true,
  RoleRevoked: true,
  RoleLabel: true,
  RoleAdminChanged: true,
  RoleGuardianChanged: true,
  RoleGrantDelayChanged: true,
  TargetClosed: true,
  TargetFunctionRoleUpdated: true,
  TargetAdminDelayUpdated: true,
  OperationScheduled: true,
  OperationExecuted: true,
  OperationCanceled: true,
  AuthorityUpdated: true,
  EIP712DomainChanged: true,
};

const decode = createEventDecoder(FAKE_ADDRESSES);
const ALICE = fakeAccount(1);
const ID = batchIdOf("VN-1");

function decoded(log: FakeLog): LedgerEvent | null {
  return decode({ ...log, blockNumber: 7n, blockHash: ZeroHash, logIndex: 3, txHash: ZeroHash });
}

describe("event decoder", () => {
  it("should have a type for every event that a contract can emit, and for no other", () => {
    const emitted = new Set(Object.values(eventNames()).flat());
    expect([...emitted].sort()).toEqual(Object.keys(TYPED).sort());
  });

  it("should give codes, names and decimal strings", () => {
    const blocks = [
      [1, 5],
      [9, 2n ** 64n - 1n],
    ];
    expect(decoded(fakeLog("Units", "BlocksMoved", [ID, ZeroAddress, ALICE, blocks]))).toEqual({
      contract: "Units",
      name: "BlocksMoved",
      blockNumber: 7n,
      logIndex: 3,
      txHash: ZeroHash,
      args: {
        batchId: "VN-1",
        from: ZeroAddress,
        to: ALICE,
        blocks: [
          { start: "1", end: "5" },
          { start: "9", end: "18446744073709551615" },
        ],
      },
    });
    const status = fakeLog("Registry", "ProjectStatusChanged", [encodeCode("P-1"), 1, 2]);
    expect(decoded(status)?.args).toEqual({ projectCode: "P-1", from: "listed", to: "validated" });
    const batches = fakeLog("Units", "TransferBatch", [ALICE, ALICE, ALICE, [ID, ID], [1, 2n ** 200n]]);
    expect(decoded(batches)?.args).toMatchObject({ ids: ["VN-1", "VN-1"], values: ["1", (2n ** 200n).toString()] });
    const granted = fakeLog("AccessManager", "RoleGranted", [2n ** 64n - 1n, ALICE, 86_400, 1_767_225_600, true]);
    const role = "18446744073709551615";
    expect(decoded(granted)?.args).toEqual({
      roleId: role,
      account: ALICE,
      delay: 86_400,
      since: 1_767_225_600,
      newMember: true,
    });
  });

  it("should give a domestic issuance no foreign block, and an import its codes", () => {
    const issuance = (programme: string, series: string, start: number, end: number) => [
      ZeroHash,
      encodeCode("VN-1"),
      2024,
      100,
      ALICE,
      [programme, series, start, end],
      ZeroHash,
    ];
    const log = (value: unknown) =>
      fakeLog("Registry", "IssuanceProposed", [ZeroHash, encodeCode("VN-1"), ALICE, value]);
    const domestic = { programme: null, series: null, start: "0", end: "0" };
    expect(decoded(log(issuance(ZeroHash, ZeroHash, 0, 0)))?.args).toMatchObject({
      issuance: { foreignBlock: domestic },
    });
    const imported = { programme: "VCS", series: "13488", start: "1", end: "100" };
    const codes = [encodeCode("VCS"), encodeCode("13488")] as const;
    expect(decoded(log(issuance(...codes, 1, 100)))?.args).toMatchObject({ issuance: { foreignBlock: imported } });
  });

  it("should survive any bytes that a holder writes, and hash them as the contract does", () => {
    const types = Retirements__factory.createInterface().getEvent("Retired").inputs;
    const raw = `0x${"ff".repeat(3)}00${Buffer.from("é").toString("hex")}`;
    const order = [ID, 5, [[1, 5]], raw, "0x", ZeroHash, 2, "0x", "0x", "0x564e", 0, 0xffff_ffff];
    const event = new Interface([
      `event Retired(uint256 indexed, address indexed, uint256 indexed, uint32, uint64,
        tuple(uint256, uint256, tuple(uint64, uint64)[], bytes, bytes, bytes32, uint8, bytes, bytes, bytes2, uint32, uint32))`,
    ]);
    const { data, topics } = event.encodeEventLog("Retired", [1, ALICE, ID, 7, 99, order]);
    const topic = keccak256(toUtf8Bytes(Retirements__factory.createInterface().getEvent("Retired").format("sighash")));
    const log = decoded({ address: FAKE_ADDRESSES.Retirements, data, topics: [topic, ...topics.slice(1)] });
    expect(log?.args).toMatchObject({
      retirementId: "1",
      retiredAt: "99",
      order: {
        beneficiary: "\ufffd\ufffd\ufffd\ufffdé",
        purpose: "corsia",
        consumptionCountry: "VN",
        consumptionPeriodEnd: 0xffff_ffff,
        batchId: "VN-1",
      },
    });
    const hashed = types
      .filter(({ name }) => name !== "batchId")
      .map((type) => type.format().replaceAll("string", "bytes"));
    expect(log?.args).toHaveProperty(
      "recordHash",
      keccak256(AbiCoder.defaultAbiCoder().encode(hashed, [1, ALICE, 7, 99, order])),
    );
  });

  it("should keep what is no code as its word", () => {
    const frozen = decoded(fakeLog("Units", "Frozen", [ALICE, 12_345n, 1]));
    expect(frozen?.args).toMatchObject({ tokenId: `0x${12_345n.toString(16).padStart(64, "0")}`, amount: "1" });
  });

  it("should ignore other contracts, and refuse what its own contracts cannot emit", () => {
    const log = fakeLog("Units", "Paused", [ALICE]);
    expect(decoded({ ...log, address: fakeAccount(99) })).toBeNull();
    expect(decoded({ ...log, address: FAKE_ADDRESSES.Units.toUpperCase().replace("X", "x") })?.name).toBe("Paused");
    expect(() => decoded({ ...log, topics: [ZeroHash] })).toThrow("Unreadable log of Units at block 7, index 3");
    expect(() => decoded({ ...log, topics: [] })).toThrow("topic none");
  });
});
