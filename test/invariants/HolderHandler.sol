// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IIntents} from "../../contracts/interfaces/IIntents.sol";
import {IRetirements} from "../../contracts/interfaces/IRetirements.sol";
import {SerialBlock} from "../../contracts/libraries/SerialBlock.sol";
import {LedgerHandler} from "./LedgerHandler.sol";
import {LedgerModel} from "./LedgerModel.sol";
import {LedgerFixture} from "./LedgerSetup.sol";
import {vm} from "./Vm.sol";

/// @notice A holder's acts, directly and by intent, with arguments that often, but not always, make sense.
contract HolderHandler is LedgerHandler {
    uint64 private constant SCATTERED = 34;

    uint256 private nextNonce = 1;

    constructor(LedgerFixture ledger, LedgerModel model_) LedgerHandler(ledger, model_) {}

    function transfer(uint256 from, uint256 to, uint256 batch, uint256 tonnes, bool named) external {
        (address sender, uint256 batchId, uint256 amount) = _pick(from, batch, tonnes);
        SerialBlock[] memory blocks = named ? _someBlocks(sender, batchId, tonnes) : new SerialBlock[](0);
        vm.recordLogs();
        address target = _anyAccount(to);
        vm.prank(sender);
        units.transfer(sender, target, batchId, named ? _sum(blocks) : amount, blocks);
        model.replay("transfer", false);
    }

    function safeTransferFrom(uint256 from, uint256 to, uint256 batch, uint256 tonnes, uint256 operator) external {
        (address sender, uint256 batchId, uint256 amount) = _pick(from, batch, tonnes);
        vm.recordLogs();
        address target = _anyAccount(to);
        vm.prank(operator % 3 == 0 ? _anyAccount(operator) : sender);
        units.safeTransferFrom(sender, target, batchId, amount, "");
        model.replay("safeTransferFrom", false);
    }

    function safeBatchTransferFrom(uint256 from, uint256 to, uint256 batch, uint256 tonnes) external {
        (address sender, uint256 batchId, uint256 amount) = _pick(from, batch, tonnes);
        uint256[] memory ids = new uint256[](2);
        uint256[] memory amounts = new uint256[](2);
        (ids[0], ids[1]) = (batchId, _anyBatch(batch + 1));
        (amounts[0], amounts[1]) = (amount, 1);
        vm.recordLogs();
        address target = _anyAccount(to);
        vm.prank(sender);
        units.safeBatchTransferFrom(sender, target, ids, amounts, "");
        model.replay("safeBatchTransferFrom", false);
    }

    function setApprovalForAll(uint256 from, uint256 operator, bool approved) external {
        address target = _anyAccount(operator);
        vm.prank(_anyAccount(from));
        units.setApprovalForAll(target, approved);
        model.note("setApprovalForAll");
    }

    function mergeBlocks(uint256 from, uint256 batch, uint256 first, uint256 second) external {
        (address holder, uint256 batchId, ) = _pick(from, batch, 1);
        uint256 count = units.blockCount(holder, batchId);
        vm.recordLogs();
        units.mergeBlocks(holder, batchId, first % (count + 1), second % (count + 1));
        model.replay("mergeBlocks", false);
    }

    /// @dev The only way to adjacent blocks that are not one yet: a neighbour that arrives when many others came since. Every second tonne
    /// of a long block, then one in between.
    function mergeAfterScatter(uint256 to, uint256 batch) external {
        uint256 batchId = _anyBatch(batch);
        address target = _anyAccount(to);
        (address holder, SerialBlock memory long) = _longBlock(batchId, 2 * SCATTERED);
        SerialBlock[] memory odd = new SerialBlock[](SCATTERED);
        for (uint64 i = 0; i < SCATTERED; i++) odd[i] = SerialBlock(long.start + 2 * i, long.start + 2 * i);
        SerialBlock[] memory between = new SerialBlock[](1);
        between[0] = SerialBlock(long.start + 1, long.start + 1);
        uint256 count = units.blockCount(target, batchId);

        vm.recordLogs();
        vm.prank(holder);
        units.transfer(holder, target, batchId, SCATTERED, odd);
        vm.prank(holder);
        units.transfer(holder, target, batchId, 1, between);
        // At the places `count` and `count + 1` are the first two odd ones, unless the first merged with what was there.
        units.mergeBlocks(target, batchId, count, count + SCATTERED);
        model.replay("mergeBlocks", false);
    }

    function retire(uint256 from, uint256 batch, uint256 tonnes, bool named) external {
        IRetirements.RetirementOrder memory order = _retirementOrder(from, batch, tonnes, named);
        vm.recordLogs();
        address target = _anyAccount(from);
        vm.prank(_anyAccount(from));
        retirements.retire(target, order);
        model.replay("retire", false);
    }

    function cancel(uint256 from, uint256 batch, uint256 tonnes, bool named) external {
        IRetirements.CancellationOrder memory order = _cancellationOrder(from, batch, tonnes, named);
        vm.recordLogs();
        address target = _anyAccount(from);
        vm.prank(_anyAccount(from));
        retirements.cancel(target, order);
        model.replay("cancel", false);
    }

    function executeTransfer(uint256 from, uint256 to, uint256 batch, uint256 tonnes, bool forged) external {
        IIntents.TransferIntent memory intent = _transferIntent(from, to, batch, tonnes);
        bytes memory signature = sign(_signingKey(from, forged), intents.hashTransfer(intent));
        vm.recordLogs();
        intents.executeTransfer(intent, signature);
        if (forged) model.noteBroken(4, "a forged transfer was executed");
        model.replay("executeTransfer", false);
    }

    function executeRetirement(uint256 from, uint256 batch, uint256 tonnes, bool named, bool forged) external {
        IIntents.RetirementIntent memory intent = IIntents.RetirementIntent(
            _anyAccount(from),
            _retirementOrder(from, batch, tonnes, named),
            nextNonce++,
            block.timestamp
        );
        bytes memory signature = sign(_signingKey(from, forged), intents.hashRetirement(intent));
        vm.recordLogs();
        intents.executeRetirement(intent, signature);
        if (forged) model.noteBroken(4, "a forged retirement was executed");
        model.replay("executeRetirement", false);
    }

    function executeCancellation(uint256 from, uint256 batch, uint256 tonnes, bool forged) external {
        IIntents.CancellationIntent memory intent = IIntents.CancellationIntent(
            _anyAccount(from),
            _cancellationOrder(from, batch, tonnes, false),
            nextNonce++,
            block.timestamp
        );
        bytes memory signature = sign(_signingKey(from, forged), intents.hashCancellation(intent));
        vm.recordLogs();
        intents.executeCancellation(intent, signature);
        if (forged) model.noteBroken(4, "a forged cancellation was executed");
        model.replay("executeCancellation", false);
    }

    function executeRevocation(uint256 from, uint256 nonce) external {
        IIntents.RevocationIntent memory intent = IIntents.RevocationIntent(
            _anyAccount(from),
            nonce % (nextNonce + 5),
            nextNonce++,
            block.timestamp
        );
        bytes memory signature = sign(_signingKey(from, false), intents.hashRevocation(intent));
        intents.executeRevocation(intent, signature);
        model.note("executeRevocation");
    }

    function revoke(uint256 from, uint256 nonce) external {
        vm.prank(_anyAccount(from));
        intents.revoke(nonce % (nextNonce + 5));
        model.note("revoke");
    }

    /// @dev The same intent twice, a good one, and rubbish: at most two may change anything.
    function executeBatch(uint256 from, uint256 to, uint256 batch, uint256 tonnes) external {
        IIntents.TransferIntent memory first = _transferIntent(from, to, batch, tonnes);
        IIntents.TransferIntent memory second = _transferIntent(to, from, batch, tonnes / 2 + 1);
        IIntents.SignedIntent[] memory items = new IIntents.SignedIntent[](4);
        items[0] = _item(first, _signingKey(from, false));
        items[1] = items[0];
        items[2] = _item(second, _signingKey(to, false));
        items[3] = IIntents.SignedIntent(IIntents.IntentKind.Retirement, hex"00", hex"00");
        vm.recordLogs();
        bool[] memory executed = intents.executeBatch(items, 1_500_000);
        if (executed[0] && executed[1]) model.noteBroken(4, "an intent was executed twice");
        if (executed[3]) model.noteBroken(4, "rubbish was executed");
        model.replay("executeBatch", false);
    }

    function _item(
        IIntents.TransferIntent memory intent,
        uint256 key
    ) private view returns (IIntents.SignedIntent memory) {
        return
            IIntents.SignedIntent(
                IIntents.IntentKind.Transfer,
                abi.encode(intent),
                sign(key, intents.hashTransfer(intent))
            );
    }

    function _transferIntent(
        uint256 from,
        uint256 to,
        uint256 batch,
        uint256 tonnes
    ) private returns (IIntents.TransferIntent memory) {
        (address sender, uint256 batchId, uint256 amount) = _pick(from, batch, tonnes);
        return
            IIntents.TransferIntent(
                sender,
                _anyAccount(to),
                batchId,
                amount,
                new SerialBlock[](0),
                nextNonce++,
                block.timestamp
            );
    }

    function _retirementOrder(
        uint256 from,
        uint256 batch,
        uint256 tonnes,
        bool named
    ) private view returns (IRetirements.RetirementOrder memory order) {
        (address holder, uint256 batchId, uint256 amount) = _pick(from, batch, tonnes);
        order.batchId = batchId;
        order.blocks = named ? _someBlocks(holder, batchId, tonnes) : new SerialBlock[](0);
        order.tonnes = named ? _sum(order.blocks) : amount;
        order.beneficiary = "Beneficiary";
        order.purpose = IRetirements.Purpose(tonnes % 4);
    }

    function _cancellationOrder(
        uint256 from,
        uint256 batch,
        uint256 tonnes,
        bool named
    ) private view returns (IRetirements.CancellationOrder memory order) {
        (address holder, uint256 batchId, uint256 amount) = _pick(from, batch, tonnes);
        order.batchId = batchId;
        order.blocks = named ? _someBlocks(holder, batchId, tonnes) : new SerialBlock[](0);
        order.tonnes = named ? _sum(order.blocks) : amount;
        order.reason = IRetirements.CancellationReason(tonnes % 5);
    }

    function _pick(
        uint256 from,
        uint256 batch,
        uint256 tonnes
    ) private view returns (address holder, uint256 batchId, uint256 amount) {
        holder = _anyAccount(from);
        batchId = _anyBatch(batch);
        // Now and then more than there is.
        amount = tonnes % (units.balanceOf(holder, batchId) + 2);
    }

    /// @dev The inner part of one or two of the holder's blocks.
    function _someBlocks(address holder, uint256 batchId, uint256 seed) private view returns (SerialBlock[] memory) {
        SerialBlock[] memory held = units.blocksOf(holder, batchId, 0, 1_000);
        if (held.length == 0) return held;
        SerialBlock[] memory picked = new SerialBlock[](held.length > 1 && seed % 2 == 0 ? 2 : 1);
        for (uint256 i = 0; i < picked.length; i++) {
            SerialBlock memory whole = held[(seed + i) % held.length];
            uint64 length = whole.end - whole.start + 1;
            uint64 skip = uint64(seed % length);
            picked[i] = SerialBlock(whole.start + skip, whole.end - uint64((seed / 7) % (length - skip)));
        }
        return picked;
    }

    function _longBlock(uint256 batchId, uint256 tonnes) private view returns (address, SerialBlock memory) {
        for (uint256 index = 0; index < model.accountsKnown(); index++) {
            SerialBlock[] memory held = units.blocksOf(account(index), batchId, 0, 1_000);
            for (uint256 i = 0; i < held.length; i++) {
                if (held[i].end - held[i].start + 1 >= tonnes) return (account(index), held[i]);
            }
        }
        revert("no long block");
    }

    function _sum(SerialBlock[] memory blocks) private pure returns (uint256 tonnes) {
        for (uint256 i = 0; i < blocks.length; i++) tonnes += blocks[i].end - blocks[i].start + 1;
    }

    function _signingKey(uint256 from, bool forged) private view returns (uint256) {
        return keyOf((from + (forged ? 1 : 0)) % model.accountsKnown());
    }
}
