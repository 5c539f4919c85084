// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IExchange} from "../../contracts/interfaces/IExchange.sol";
import {IIntents} from "../../contracts/interfaces/IIntents.sol";
import {SerialBlock} from "../../contracts/libraries/SerialBlock.sol";
import {ExchangeModel} from "./ExchangeModel.sol";
import {LedgerFixture} from "./LedgerSetup.sol";
import {MarketHandler} from "./MarketHandler.sol";
import {vm} from "./Vm.sol";

/// @notice What holders do by themselves around the exchange, directly and by intent: they bring, take, cancel and move money.
contract TraderHandler is MarketHandler {
    /// @dev Those of `HolderHandler` are lower.
    uint256 private nextNonce = 1 << 128;

    constructor(LedgerFixture ledger, ExchangeModel model_) MarketHandler(ledger, model_) {}

    function depositUnits(uint256 seed) external {
        (address holder, uint256 batchId, uint256 tonnes) = _drawUnits(seed);
        SerialBlock[] memory blocks = new SerialBlock[](0);
        if (_seldom(seed, "named", 4)) {
            blocks = units.blocksOf(holder, batchId, 0, 1);
            if (blocks.length != 0) tonnes = blocks[0].end - blocks[0].start + 1;
        }
        vm.recordLogs();
        vm.prank(holder);
        units.transfer(holder, address(exchange), batchId, tonnes, blocks);
        model.replay("depositUnits", false);
    }

    function safeTransferFrom(uint256 seed) external {
        (address holder, uint256 batchId, uint256 tonnes) = _drawUnits(seed);
        vm.recordLogs();
        vm.prank(holder);
        units.safeTransferFrom(holder, address(exchange), batchId, tonnes, "");
        model.replay("safeTransferFrom", false);
    }

    function safeBatchTransferFrom(uint256 seed) external {
        (address holder, uint256 batchId, uint256 tonnes) = _drawUnits(seed);
        uint256[] memory ids = new uint256[](2);
        uint256[] memory amounts = new uint256[](2);
        (ids[0], ids[1]) = (batchId, batchId);
        (amounts[0], amounts[1]) = (tonnes / 2, tonnes - tonnes / 2);
        vm.recordLogs();
        vm.prank(holder);
        units.safeBatchTransferFrom(holder, address(exchange), ids, amounts, "");
        model.replay("safeBatchTransferFrom", false);
    }

    function executeTransfer(uint256 seed) external {
        uint256 index = _drawIndex(seed, "holder");
        (, uint256 batchId, uint256 tonnes) = _drawUnits(seed);
        (uint256 key, bool forged) = _drawKey(seed, index);
        IIntents.TransferIntent memory intent = IIntents.TransferIntent(
            market.accountAt(index),
            address(exchange),
            batchId,
            tonnes,
            new SerialBlock[](0),
            nextNonce++,
            block.timestamp
        );
        bytes memory signature = sign(key, intents.hashTransfer(intent));
        vm.recordLogs();
        intents.executeTransfer(intent, signature);
        _afterIntent("executeTransfer", forged);
    }

    function transfer(uint256 seed) external {
        (address holder, address to, uint256 amount) = _drawCash(seed);
        vm.recordLogs();
        vm.prank(holder);
        cash.transfer(to, amount);
        model.replay("transfer", false);
    }

    function transferFrom(uint256 seed) external {
        (address holder, address to, uint256 amount) = _drawCash(seed);
        address spender = _drawAccount(seed, "spender");
        vm.prank(holder);
        cash.approve(spender, amount);
        vm.recordLogs();
        vm.prank(spender);
        cash.transferFrom(holder, to, amount);
        if (!participants.isActive(spender)) model.noteBroken(4, "cash moved by the will of an inactive spender");
        model.replay("transferFrom", false);
    }

    function approve(uint256 seed) external {
        (address holder, address spender, uint256 amount) = _drawCash(seed);
        vm.prank(holder);
        cash.approve(spender, amount);
        model.note("approve");
    }

    function executeCashTransfer(uint256 seed) external {
        (address holder, address to, uint256 amount) = _drawCash(seed);
        (uint256 key, bool forged) = _drawKey(seed, _drawIndex(seed, "holder"));
        IIntents.CashTransferIntent memory intent = IIntents.CashTransferIntent(
            holder,
            to,
            amount,
            nextNonce++,
            block.timestamp
        );
        bytes memory signature = sign(key, intents.hashCashTransfer(intent));
        vm.recordLogs();
        intents.executeCashTransfer(intent, signature);
        _afterIntent("executeCashTransfer", forged);
    }

    function requestRedemption(uint256 seed) external {
        (address holder, , uint256 amount) = _drawCash(seed);
        vm.recordLogs();
        vm.prank(holder);
        cash.requestRedemption(holder, uint128(amount / 4), keccak256("payout"));
        model.replay("requestRedemption", false);
    }

    function executeRedemption(uint256 seed) external {
        (address holder, , uint256 amount) = _drawCash(seed);
        (uint256 key, bool forged) = _drawKey(seed, _drawIndex(seed, "holder"));
        IIntents.RedemptionIntent memory intent = IIntents.RedemptionIntent(
            holder,
            uint128(amount / 4),
            keccak256("payout"),
            nextNonce++,
            block.timestamp
        );
        bytes memory signature = sign(key, intents.hashRedemption(intent));
        vm.recordLogs();
        intents.executeRedemption(intent, signature);
        _afterIntent("executeRedemption", forged);
    }

    function requestWithdrawal(uint256 seed) external {
        uint256 batchId = _drawBatch(seed);
        address owner = market.accountAt(_drawOwner(seed, "owner", batchId));
        uint256 tonnes = _drawAmount(seed, market.freeOf(batchId, owner)) / _divisor(seed);
        vm.recordLogs();
        vm.prank(owner);
        exchange.requestWithdrawal(owner, batchId, uint64(tonnes));
        model.replay("requestWithdrawal", false);
    }

    function requestCashWithdrawal(uint256 seed) external {
        address owner = market.accountAt(_drawOwner(seed, "owner", CASH));
        uint256 amount = _drawAmount(seed, market.freeOf(CASH, owner)) / _divisor(seed);
        vm.recordLogs();
        vm.prank(owner);
        exchange.requestCashWithdrawal(owner, uint128(amount));
        model.replay("requestCashWithdrawal", false);
    }

    function executeExchangeWithdrawal(uint256 seed) external {
        uint256 asset = _drawAsset(seed);
        uint256 index = _drawOwner(seed, "owner", asset);
        address owner = market.accountAt(index);
        (uint256 key, bool forged) = _drawKey(seed, index);
        IIntents.ExchangeWithdrawalIntent memory intent = IIntents.ExchangeWithdrawalIntent(
            owner,
            asset,
            uint128(_drawAmount(seed, market.freeOf(asset, owner)) / _divisor(seed)),
            nextNonce++,
            block.timestamp
        );
        bytes memory signature = sign(key, intents.hashExchangeWithdrawal(intent));
        vm.recordLogs();
        intents.executeExchangeWithdrawal(intent, signature);
        _afterIntent("executeExchangeWithdrawal", forged);
    }

    function cancelWithdrawal(uint256 seed) external {
        (address owner, uint256 asset) = _drawLeaving(seed);
        vm.recordLogs();
        vm.prank(owner);
        exchange.cancelWithdrawal(asset);
        model.replay("cancelWithdrawal", false);
    }

    /// @dev Too early now and then: that must not work.
    function takeWithdrawal(uint256 seed) external {
        (address owner, uint256 asset) = _drawLeaving(seed);
        uint256 due = market.availableAt(asset, owner);
        if (block.timestamp < due && !_seldom(seed, "early", 3)) vm.warp(due);
        vm.recordLogs();
        vm.prank(owner);
        exchange.takeWithdrawal(asset);
        if (block.timestamp < due) model.noteBroken(9, "a withdrawal before its time");
        model.replay("takeWithdrawal", false);
    }

    function cancelOrder(uint256 seed) external {
        (address owner, uint256 batchId, uint32 nonce) = _drawOrder(seed);
        vm.recordLogs();
        vm.prank(owner);
        exchange.cancelOrder(owner, batchId, nonce);
        model.replay("cancelOrder", false);
    }

    function executeOrderCancellation(uint256 seed) external {
        (uint256 key, bool forged) = _drawKey(seed, _drawIndex(seed, "holder"));
        IIntents.OrderCancellationIntent memory intent = IIntents.OrderCancellationIntent(
            _drawAccount(seed, "holder"),
            _drawBatch(seed),
            uint32(_draw(seed, "order nonce", 40)),
            nextNonce++,
            block.timestamp
        );
        bytes memory signature = sign(key, intents.hashOrderCancellation(intent));
        vm.recordLogs();
        intents.executeOrderCancellation(intent, signature);
        _afterIntent("executeOrderCancellation", forged);
    }

    function cancelOrdersBefore(uint256 seed) external {
        address owner = _drawAccount(seed, "holder");
        uint32 nonce = exchange.firstValidNonce(owner) + uint32(_draw(seed, "ahead", 4));
        vm.recordLogs();
        vm.prank(owner);
        exchange.cancelOrdersBefore(owner, nonce);
        model.replay("cancelOrdersBefore", false);
    }

    function executeMassCancellation(uint256 seed) external {
        (uint256 key, bool forged) = _drawKey(seed, _drawIndex(seed, "holder"));
        address owner = _drawAccount(seed, "holder");
        IIntents.MassCancellationIntent memory intent = IIntents.MassCancellationIntent(
            owner,
            exchange.firstValidNonce(owner) + uint32(_draw(seed, "ahead", 4)),
            nextNonce++,
            block.timestamp
        );
        bytes memory signature = sign(key, intents.hashMassCancellation(intent));
        vm.recordLogs();
        intents.executeMassCancellation(intent, signature);
        _afterIntent("executeMassCancellation", forged);
    }

    function cancelDeal(uint256 seed) external {
        IExchange.Deal memory deal = market.deal(_draw(seed, "deal", market.dealCount())).deal;
        vm.recordLogs();
        vm.prank(_seldom(seed, "buyer", 2) ? deal.buyer : deal.seller);
        exchange.cancelDeal(deal);
        model.replay("cancelDeal", false);
    }

    function _afterIntent(bytes32 act, bool forged) private {
        if (forged) model.noteBroken(4, "a forged intent was executed");
        model.replay(act, false);
    }

    function _drawUnits(uint256 seed) private view returns (address holder, uint256 batchId, uint256 tonnes) {
        (holder, batchId) = (_drawAccount(seed, "holder"), _drawBatch(seed));
        tonnes = _drawAmount(seed, units.balanceOf(holder, batchId));
    }

    /// @dev To the exchange, mostly.
    function _drawCash(uint256 seed) private view returns (address holder, address to, uint256 amount) {
        holder = _drawAccount(seed, "holder");
        to = _seldom(seed, "elsewhere", 3) ? _drawAccount(seed, "to") : address(exchange);
        amount = _drawAmount(seed, cash.balanceOf(holder));
    }

    /// @dev Small parts mostly, so that trading goes on.
    function _divisor(uint256 seed) private pure returns (uint256) {
        return _seldom(seed, "all", 4) ? 1 : 5;
    }

    /// @dev Somebody who has something leaving, if there is one near.
    function _drawLeaving(uint256 seed) private view returns (address owner, uint256 asset) {
        asset = _drawAsset(seed);
        uint256 first = _drawIndex(seed, "owner");
        for (uint256 i = 0; i < model.accountsKnown(); i++) {
            owner = market.accountAt((first + i) % model.accountsKnown());
            if (market.leavingOf(asset, owner) != 0) return (owner, asset);
        }
    }

    function _drawOrder(uint256 seed) private view returns (address owner, uint256 batchId, uint32 nonce) {
        batchId = _drawBatch(seed);
        IExchange.Side side = IExchange.Side(_draw(seed, "side", 2));
        IExchange.Order memory order = market.someOrder(batchId, side, _draw(seed, "order", 16)).order;
        if (order.account != address(0)) return (order.account, batchId, order.nonce);
        return (_drawAccount(seed, "holder"), batchId, uint32(_draw(seed, "order nonce", 40)));
    }
}
