// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IRegistry} from "../../contracts/interfaces/IRegistry.sol";
import {IRetirements} from "../../contracts/interfaces/IRetirements.sol";
import {IUnits} from "../../contracts/interfaces/IUnits.sol";
import {SerialBlock} from "../../contracts/libraries/SerialBlock.sol";
import {Participants} from "../../contracts/Participants.sol";
import {Registry} from "../../contracts/Registry.sol";
import {Units} from "../../contracts/Units.sol";
import {LedgerActors, LedgerFixture} from "./LedgerSetup.sol";
import {Vm, vm} from "./Vm.sol";

/// @notice What the ledger must look like, kept tonne by tonne from its events alone.
/// @dev A broken rule is noted, not reverted: a revert inside a handler would only discard the call that found it.
contract LedgerModel is LedgerActors {
    /// @dev Where a tonne is that was retired or cancelled.
    address internal constant GONE = address(1);

    Participants internal immutable participants;
    Registry private immutable registry;
    Units internal immutable units;
    /// @dev Holds units for others without being a participant.
    address internal immutable EXCHANGE;

    uint256[] public batchIds;
    /// @dev Accounts that belong, or once belonged, to a participant: the first so many keys.
    uint256 public accountsKnown = ACCOUNTS;
    mapping(uint256 batchId => uint256) internal issuedTonnes;
    mapping(uint256 batchId => mapping(uint256 serial => address)) internal placeOf;
    IRegistry.ForeignBlock[] internal foreignBlocks;
    mapping(uint256 batchId => uint256) internal retiredTonnes;
    mapping(uint256 batchId => uint256) internal cancelledTonnes;
    /// @dev The number of the first rule that was broken, as in INV-n; zero while all hold.
    uint256 public brokenInvariant;
    string public brokenDetail;
    /// @dev How often each entry point did something, so that a test can demand that all were reached.
    mapping(bytes32 act => uint256) public done;

    constructor(LedgerFixture ledger) {
        participants = ledger.participants();
        registry = ledger.registry();
        units = ledger.units();
        EXCHANGE = address(ledger.exchange());
    }

    function noteBroken(uint256 invariantNumber, string memory detail) public {
        if (brokenInvariant == 0) {
            brokenInvariant = invariantNumber;
            brokenDetail = detail;
        }
    }

    function note(bytes32 act) public {
        done[act]++;
    }

    function learnAccount() external {
        accountsKnown++;
    }

    function learnBatch(uint256 batchId) external {
        batchIds.push(batchId);
    }

    /// @notice The greatest start below `start` of a foreign block that was accepted; zero when there is none.
    function foreignStartBefore(uint64 start) external view returns (uint64 before) {
        for (uint256 i = 0; i < foreignBlocks.length; i++) {
            uint64 candidate = foreignBlocks[i].start;
            if (candidate < start && candidate > before) before = candidate;
        }
    }

    function batchCount() external view returns (uint256) {
        return batchIds.length;
    }

    /// @notice Replays the events of the act that just succeeded.
    /// @param enforced True when the act may take units from an inactive account.
    function replay(bytes32 act, bool enforced) external {
        note(act);
        Vm.Log[] memory logs = _recordedLogs();
        for (uint256 i = 0; i < logs.length; i++) {
            bytes32 topic = logs[i].topics[0];
            if (topic == IUnits.BlocksMoved.selector) _replayMove(logs[i], enforced);
            else if (topic == IRetirements.Retired.selector) _replayRetired(logs[i]);
            else if (topic == IRetirements.Cancelled.selector) _replayCancelled(logs[i]);
            else if (topic == IRegistry.ForeignBlockRecorded.selector) _replayForeignBlock(logs[i]);
            else _replayOther(logs[i], enforced);
        }
        _endReplay();
    }

    function _recordedLogs() internal virtual returns (Vm.Log[] memory) {
        return vm.getRecordedLogs();
    }

    /// @dev What a model of more than the units makes of the other events.
    function _replayOther(Vm.Log memory entry, bool enforced) internal virtual {}

    function _endReplay() internal virtual {}

    function _mayMove(address holder) internal view returns (bool) {
        return holder == EXCHANGE || participants.isActive(holder);
    }

    function _replayMove(Vm.Log memory entry, bool enforced) private {
        uint256 batchId = uint256(entry.topics[1]);
        address from = address(uint160(uint256(entry.topics[2])));
        address to = address(uint160(uint256(entry.topics[3])));
        SerialBlock[] memory blocks = abi.decode(entry.data, (SerialBlock[]));
        if (to != address(0) && !_mayMove(to)) noteBroken(4, "units moved to an inactive account");
        if (from != address(0) && !enforced && !_mayMove(from)) {
            noteBroken(4, "units moved by the will of an inactive account");
        }
        for (uint256 i = 0; i < blocks.length; i++) {
            for (uint256 serial = blocks[i].start; serial <= blocks[i].end; serial++) {
                address place = placeOf[batchId][serial];
                if (place == GONE) noteBroken(8, "a tonne that was gone moved");
                if (place != from) noteBroken(2, "a tonne moved from where it was not");
                placeOf[batchId][serial] = to == address(0) ? GONE : to;
                if (from == address(0)) issuedTonnes[batchId]++;
            }
        }
    }

    /// @dev All foreign blocks of these tests are of one programme and series.
    function _replayForeignBlock(Vm.Log memory entry) private {
        (uint64 start, uint64 end) = abi.decode(entry.data, (uint64, uint64));
        for (uint256 i = 0; i < foreignBlocks.length; i++) {
            if (start <= foreignBlocks[i].end && foreignBlocks[i].start <= end) {
                noteBroken(2, "a foreign serial was accepted twice");
            }
        }
        foreignBlocks.push(IRegistry.ForeignBlock(entry.topics[1], entry.topics[2], start, end));
    }

    function _replayRetired(Vm.Log memory entry) private {
        (, , IRetirements.RetirementOrder memory order) = abi.decode(
            entry.data,
            (uint32, uint64, IRetirements.RetirementOrder)
        );
        retiredTonnes[order.batchId] += order.tonnes;
    }

    function _replayCancelled(Vm.Log memory entry) private {
        (, , IRetirements.CancellationOrder memory order) = abi.decode(
            entry.data,
            (uint32, uint64, IRetirements.CancellationOrder)
        );
        cancelledTonnes[order.batchId] += order.tonnes;
    }

    /// @dev INV-1: issued = held + retired + cancelled, by the contract's totals, the model's, and the sum of balances.
    function checkTotals() external {
        for (uint256 i = 0; i < batchIds.length; i++) {
            uint256 batchId = batchIds[i];
            IUnits.Totals memory totals = units.totals(batchId);
            uint256 balances = units.balanceOf(EXCHANGE, batchId);
            for (uint256 index = 0; index < accountsKnown; index++)
                balances += units.balanceOf(account(index), batchId);
            if (totals.issuedTonnes != totals.heldTonnes + totals.retiredTonnes + totals.cancelledTonnes) {
                noteBroken(1, "totals do not add up");
            }
            if (totals.issuedTonnes != issuedTonnes[batchId]) noteBroken(1, "issued differs from what the events say");
            if (totals.heldTonnes != balances) noteBroken(1, "held differs from the sum of balances");
            if (totals.retiredTonnes != retiredTonnes[batchId]) noteBroken(1, "retired differs");
            if (totals.cancelledTonnes != cancelledTonnes[batchId]) noteBroken(1, "cancelled differs");
        }
    }

    /// @dev INV-2 and INV-8: every serial stands once: in the block of the holder the model names, or gone.
    function checkSerials() external {
        for (uint256 i = 0; i < batchIds.length; i++) {
            uint256 batchId = batchIds[i];
            uint256 found = _countSerials(EXCHANGE, batchId);
            for (uint256 index = 0; index < accountsKnown; index++) found += _countSerials(account(index), batchId);
            // Each serial found stands where the model has it, so equal counts mean that none stands twice or nowhere.
            if (found + retiredTonnes[batchId] + cancelledTonnes[batchId] != issuedTonnes[batchId]) {
                noteBroken(2, "serials are missing or doubled");
            }
        }
    }

    function _countSerials(address holder, uint256 batchId) private returns (uint256 tonnes) {
        SerialBlock[] memory blocks = units.blocksOf(holder, batchId, 0, 1_000);
        for (uint256 j = 0; j < blocks.length; j++) {
            if (blocks[j].start == 0 || blocks[j].end < blocks[j].start) noteBroken(2, "a block is malformed");
            for (uint256 serial = blocks[j].start; serial <= blocks[j].end; serial++) {
                if (placeOf[batchId][serial] == GONE) noteBroken(8, "a tonne that was gone is held again");
                if (placeOf[batchId][serial] != holder) noteBroken(2, "a serial stands with another holder");
                tonnes++;
            }
        }
        if (tonnes != units.balanceOf(holder, batchId)) noteBroken(2, "a balance is not the sum of its blocks");
    }

    /// @dev INV-3: what was issued from each statement was verified; what was issued at all came through `approveIssuance`.
    function checkIssuance() external {
        uint256 total = 0;
        for (uint256 i = 0; i < batchIds.length; i++) {
            IRegistry.Batch memory batch = registry.batch(batchIds[i]);
            if (batch.issuedTonnes != units.totals(batchIds[i]).issuedTonnes)
                noteBroken(3, "issued without the registry");
            total += batch.issuedTonnes;
        }
        uint256 held = 0;
        for (uint256 i = 0; i < batchIds.length; i++) held += issuedTonnes[batchIds[i]];
        if (held != total) noteBroken(3, "units out of thin air");
    }
}
