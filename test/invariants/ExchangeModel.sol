// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import {SettlementCash} from "../../contracts/SettlementCash.sol";
import {IExchange} from "../../contracts/interfaces/IExchange.sol";
import {IParticipants} from "../../contracts/interfaces/IParticipants.sol";
import {ISettlementCash} from "../../contracts/interfaces/ISettlementCash.sol";
import {CashSlot} from "../../contracts/libraries/CashSlot.sol";
import {LedgerModel} from "./LedgerModel.sol";
import {LedgerFixture} from "./LedgerSetup.sol";
import {OrderPool} from "./OrderPool.sol";
import {UndoneTrades} from "./UndoneTrades.sol";
import {Vm, vm} from "./Vm.sol";

/// @notice What every position must be, kept from the events alone. Asset zero is cash, another the batch of that number.
contract ExchangeModel is OrderPool {
    /// @dev Place of the cash positions in the exchange's storage.
    uint256 private constant CASH_SLOTS = 3;
    uint256 private constant CASH = 0;

    /// @dev What `goAway` reverts with, when all went as it must.
    error Left();

    SettlementCash private immutable cash;

    /// @dev More than there will be.
    address[24] private accounts;
    mapping(uint256 asset => mapping(address account => uint256)) public amountOf;
    mapping(uint256 asset => mapping(address account => uint256)) public leavingOf;
    mapping(uint256 asset => mapping(address account => uint256)) public availableAt;
    uint256 private mintedCash;
    uint256 private paidCash;
    /// @dev Fees of the act that is being replayed: they are credited at its end.
    uint256 private pendingFees;
    uint256 private steps;

    constructor(LedgerFixture ledger) LedgerModel(ledger) OrderPool(ledger) {
        cash = ledger.cash();
        for (uint256 i = 0; i < accounts.length; i++) accounts[i] = account(i);
    }

    function accountAt(uint256 index) public view returns (address) {
        return accounts[index];
    }

    function freeOf(uint256 asset, address account_) public view returns (uint256) {
        return amountOf[asset][account_] - leavingOf[asset][account_];
    }

    /// @notice The first account from `seed` on that has something of the asset in trading; any when none has.
    function someOwner(uint256 asset, uint256 seed, bool onlyActive) external view returns (uint256 index) {
        for (uint256 i = 0; i < accountsKnown; i++) {
            index = (seed + i) % accountsKnown;
            if (onlyActive && !participants.isActive(accounts[index])) continue;
            if (freeOf(asset, accounts[index]) != 0) return index;
        }
    }

    /// @dev INV-5 and INV-7: every position is what its movements say; together they are what the exchange owes, and has.
    function checkPositions() external {
        for (uint256 i = 0; i < batchIds.length; i++) _checkAsset(batchIds[i]);
        _checkAsset(CASH);
    }

    /// @dev INV-5: cash is only made by the bank, and only ends where it was paid out.
    function checkCash() external {
        uint256 sum = cash.balanceOf(EXCHANGE) + cash.balanceOf(address(cash));
        for (uint256 i = 0; i < accountsKnown; i++) sum += cash.balanceOf(accounts[i]);
        if (sum != cash.totalSupply()) noteBroken(5, "the balances of cash are not its supply");
        if (sum != mintedCash - paidCash) noteBroken(5, "cash out of thin air, or into it");
    }

    /// @dev INV-9: two of the accounts, in turn, leave with all that is theirs, alone. Nothing of it is kept.
    function checkExits() external {
        for (uint256 i = 0; i < 2; i++) {
            (uint256 asset, address account_) = _turn(i);
            uint256 time = block.timestamp;
            try this.goAway(asset, account_) {} catch (bytes memory reason) {
                if (bytes4(reason) != Left.selector) noteBroken(9, "an account could not leave alone");
            }
            vm.warp(time);
        }
    }

    /// @notice Lets an account leave, and reverts: with `Left`, unless it could not.
    function goAway(uint256 asset, address account_) external {
        uint256 amount = amountOf[asset][account_];
        bool stopped = asset == CASH ? cash.paused() : units.paused() || units.batchPaused(asset);
        if (amount == 0 || stopped || !participants.isActive(account_)) revert Left();
        uint256 before = _walletOf(asset, account_);
        uint256 free = freeOf(asset, account_);

        uint256 time = block.timestamp + WITHDRAWAL_DELAY;
        if (free == 0) {
            time = availableAt[asset][account_];
        } else {
            vm.prank(account_);
            if (asset == CASH) exchange.requestCashWithdrawal(account_, uint128(free));
            else exchange.requestWithdrawal(account_, asset, uint64(free));
        }
        if (time > block.timestamp) vm.warp(time);
        if (!participants.isActive(account_)) revert Left();

        // What the exchange holds in many pieces comes in more than one go.
        for (uint256 i = 0; i < 20 && _leaving(asset, account_) != 0; i++) {
            vm.prank(account_);
            exchange.takeWithdrawal(asset);
        }
        require(_walletOf(asset, account_) == before + amount, "not all came");
        revert Left();
    }

    /// @dev What the exchange remembers of an account's standing is what `Participants` says now, as far as it would be believed.
    function checkStandings() external {
        for (uint256 i = 0; i < accountsKnown; i++) {
            address account_ = accounts[i];
            bytes32 place = keccak256(abi.encode(account_, CASH_SLOTS));
            CashSlot slot = CashSlot.wrap(uint256(vm.load(EXCHANGE, place)));
            if (slot.amount() != amountOf[CASH][account_]) noteBroken(4, "the cash slots are elsewhere");
            if (!slot.isActive(participants.standingVersion())) continue;
            if (!participants.isActive(account_)) noteBroken(4, "an inactive account would pass as active");
            IParticipants.Participant memory firm = participants.participant(participants.participantOf(account_));
            for (uint256 bit = 1; bit < 16; bit <<= 1) {
                if (slot.isCapable(bit) != (firm.capabilities & bit != 0)) noteBroken(4, "other capabilities are kept");
            }
        }
    }

    function _recordedLogs() internal override returns (Vm.Log[] memory logs) {
        logs = vm.getRecordedLogs();
        UndoneTrades.strike(logs);
    }

    function _replayOther(Vm.Log memory entry, bool enforced) internal override {
        bytes32 topic = entry.topics[0];
        if (entry.emitter == address(cash)) {
            _replayCash(entry, enforced);
        } else if (entry.emitter == EXCHANGE && topic == IExchange.TradeSettled.selector) {
            _replayTrade(uint256(entry.topics[1]), abi.decode(entry.data, (Trade)));
        } else if (entry.emitter == EXCHANGE) {
            _replayOrders(entry);
            _replayPosition(entry);
        }
    }

    function _endReplay() internal override {
        _checkPending();
        if (pendingFees != 0) amountOf[CASH][fees.account] += pendingFees;
        if (pendingFees != 0 && !participants.isActive(fees.account)) noteBroken(4, "an inactive account got fees");
        pendingFees = 0;
        steps++;
    }

    function _replayTrade(uint256 batchId, Trade memory trade) private {
        _checkTrade(batchId, trade);
        note(trade.takerHash == trade.makerHash ? bytes32("deal settled") : bytes32("trade settled"));
        uint256 value = uint256(trade.tonnes) * trade.price;
        if (freeOf(batchId, trade.seller) < trade.tonnes) noteBroken(7, "units were sold that were not free");
        if (freeOf(CASH, trade.buyer) < value + trade.buyerFee) noteBroken(7, "cash was spent that was not free");
        amountOf[batchId][trade.seller] -= trade.tonnes;
        amountOf[batchId][trade.buyer] += trade.tonnes;
        amountOf[CASH][trade.buyer] -= value + trade.buyerFee;
        amountOf[CASH][trade.seller] += value - trade.sellerFee;
        pendingFees += uint256(trade.buyerFee) + trade.sellerFee;
    }

    function _replayOrders(Vm.Log memory entry) private {
        bytes32 topic = entry.topics[0];
        if (topic == IExchange.OrderCancelled.selector) {
            _closeNonce(_account(entry.topics[1]), uint256(entry.topics[2]), abi.decode(entry.data, (uint32)));
        } else if (topic == IExchange.OrdersCancelledBefore.selector) {
            _closeBefore(_account(entry.topics[1]), abi.decode(entry.data, (uint32)));
        } else if (topic == IExchange.DealCancelled.selector) {
            _cancelDeal(entry.topics[1]);
        } else if (topic == IExchange.FeeSet.selector) {
            (uint16 basisPoints, uint48 from) = abi.decode(entry.data, (uint16, uint48));
            _setFee(basisPoints, from);
        } else if (topic == IExchange.FeeAccountSet.selector) {
            fees.account = _account(entry.topics[1]);
        }
    }

    function _replayPosition(Vm.Log memory entry) private {
        bytes32 topic = entry.topics[0];
        if (topic == IExchange.UnitsDeposited.selector || topic == IExchange.CashDeposited.selector) {
            (uint256 asset, address owner) = _position(entry);
            if (!participants.isActive(owner)) noteBroken(4, "an inactive account deposited");
            amountOf[asset][owner] += abi.decode(entry.data, (uint256));
        } else if (topic == IExchange.UnitsWithdrawn.selector || topic == IExchange.CashWithdrawn.selector) {
            (uint256 asset, address owner) = _position(entry);
            uint256 amount = abi.decode(entry.data, (uint256));
            amountOf[asset][owner] -= amount;
            leavingOf[asset][owner] -= amount;
        } else if (
            topic == IExchange.UnitsWithdrawalRequested.selector || topic == IExchange.CashWithdrawalRequested.selector
        ) {
            (uint256 asset, address owner) = _position(entry);
            (uint256 amount, uint256 leaving, uint48 time) = abi.decode(entry.data, (uint256, uint256, uint48));
            if (!participants.isActive(owner)) noteBroken(4, "an inactive account asked to leave");
            if (leaving != leavingOf[asset][owner] + amount) noteBroken(7, "what is leaving does not add up");
            if (time != block.timestamp + WITHDRAWAL_DELAY) noteBroken(9, "the delay is another");
            (leavingOf[asset][owner], availableAt[asset][owner]) = (leaving, time);
        } else if (topic == IExchange.WithdrawalCancelled.selector) {
            (address owner, uint256 asset) = (_account(entry.topics[1]), uint256(entry.topics[2]));
            if (abi.decode(entry.data, (uint256)) != leavingOf[asset][owner]) noteBroken(7, "not all came back");
            leavingOf[asset][owner] = 0;
        } else if (topic == IExchange.PositionRecovered.selector) {
            _replayRecovery(entry);
        }
    }

    function _replayRecovery(Vm.Log memory entry) private {
        (address lost, address successor) = (_account(entry.topics[1]), _account(entry.topics[2]));
        (uint256 asset, uint256 amount) = (uint256(entry.topics[3]), abi.decode(entry.data, (uint256)));
        if (participants.isActive(lost) || !participants.isActive(successor))
            noteBroken(4, "a recovery from the living");
        if (amount != amountOf[asset][lost]) noteBroken(7, "not all was recovered");
        (amountOf[asset][lost], leavingOf[asset][lost]) = (0, 0);
        amountOf[asset][successor] += amount;
    }

    /// @dev Also a refused redemption may go back to an account that is not active any more.
    function _replayCash(Vm.Log memory entry, bool enforced) private {
        bytes32 topic = entry.topics[0];
        if (topic == ISettlementCash.Minted.selector) {
            (uint256 amount) = abi.decode(entry.data, (uint256));
            mintedCash += amount;
        } else if (topic == ISettlementCash.RedemptionPaid.selector) {
            (uint256 amount, ) = abi.decode(entry.data, (uint256, address));
            paidCash += amount;
        } else if (topic == IERC20.Transfer.selector && !enforced) {
            (address from, address to) = (_account(entry.topics[1]), _account(entry.topics[2]));
            if (!_mayMoveCash(from)) noteBroken(4, "cash moved by the will of an inactive account");
            if (!_mayMoveCash(to)) noteBroken(4, "cash moved to an inactive account");
        }
    }

    function _checkAsset(uint256 asset) private {
        uint256 sum = 0;
        for (uint256 i = 0; i < accountsKnown; i++) {
            address owner = accounts[i];
            (uint256 amount, uint256 leaving) = _positionOf(asset, owner);
            if (amount != amountOf[asset][owner]) noteBroken(5, "a position is not what its movements say");
            if (leaving != leavingOf[asset][owner]) noteBroken(7, "another amount is leaving than was asked for");
            if (leaving > amount) noteBroken(7, "more is leaving than there is");
            sum += amount;
        }
        uint256 owed = asset == CASH ? exchange.owedCash() : exchange.owedTonnes(asset);
        if (owed != sum) noteBroken(7, "what is owed is not the sum of the positions");
        if (owed != _walletOf(asset, EXCHANGE)) noteBroken(7, "what is owed is not what is held");
    }

    function _mayMoveCash(address account_) private view returns (bool) {
        return account_ == address(0) || account_ == address(cash) || _mayMove(account_);
    }

    function _turn(uint256 i) private view returns (uint256 asset, address account_) {
        uint256 turn = steps * 2 + i;
        uint256 which = (turn / accountsKnown) % (batchIds.length + 1);
        return (which == batchIds.length ? CASH : batchIds[which], accounts[turn % accountsKnown]);
    }

    function _walletOf(uint256 asset, address account_) private view returns (uint256) {
        return asset == CASH ? cash.balanceOf(account_) : units.balanceOf(account_, asset);
    }

    function _leaving(uint256 asset, address account_) private view returns (uint256 leaving) {
        (, leaving) = _positionOf(asset, account_);
    }

    function _positionOf(uint256 asset, address account_) private view returns (uint256 amount, uint256 leaving) {
        if (asset == CASH) {
            IExchange.CashPosition memory held = exchange.cashPosition(account_);
            return (held.amount, held.leavingAmount);
        }
        IExchange.UnitPosition memory position = exchange.unitPosition(account_, asset);
        return (position.tonnes, position.leavingTonnes);
    }

    /// @dev Of an event about units, or about cash: that one has no batch.
    function _position(Vm.Log memory entry) private pure returns (uint256 asset, address owner) {
        return (entry.topics.length > 2 ? uint256(entry.topics[2]) : CASH, _account(entry.topics[1]));
    }

    function _account(bytes32 topic) private pure returns (address) {
        return address(uint160(uint256(topic)));
    }
}
