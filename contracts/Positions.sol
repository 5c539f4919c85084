// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC1155Receiver} from "@openzeppelin/contracts/token/ERC1155/IERC1155Receiver.sol";
import {IERC165} from "@openzeppelin/contracts/utils/introspection/IERC165.sol";

import {IExchange} from "./interfaces/IExchange.sol";
import {IParticipants} from "./interfaces/IParticipants.sol";
import {IUnits} from "./interfaces/IUnits.sol";
import {CashSlot, CashSlots} from "./libraries/CashSlot.sol";
import {SerialBlock} from "./libraries/SerialBlock.sol";
import {UnitSlot, UnitSlots} from "./libraries/UnitSlot.sol";

/// @title The book of positions
/// @notice The part of the exchange that keeps what it owes to whom: deposits, withdrawals, and which order nonces are closed, because
/// that lies in the same word as the position.
/// @dev What is owed is what is held, to the unit: the two change together in deposits and withdrawals, and trades only pass it around.
abstract contract Positions is IExchange, IERC1155Receiver {
    /// @dev `batchId` of cash.
    uint256 internal constant CASH_ID = 0;

    /// @inheritdoc IExchange
    uint48 public immutable WITHDRAWAL_DELAY;
    IParticipants internal immutable PARTICIPANTS;
    IUnits internal immutable UNITS;
    IERC20 internal immutable CASH;
    address internal immutable INTENTS;

    /// @inheritdoc IExchange
    uint256 public owedCash;
    /// @inheritdoc IExchange
    mapping(uint256 batchId => uint256) public owedTonnes;
    mapping(uint256 batchId => mapping(address account => UnitSlot)) internal _unitSlots;
    mapping(address account => CashSlot) internal _cashSlots;
    /// @dev Marks of the nonce windows before the one in the unit slot.
    mapping(uint256 batchId => mapping(address account => mapping(uint256 window => uint256))) private _olderMarks;
    /// @dev Of use only while something is leaving.
    mapping(uint256 batchId => mapping(address account => uint48)) private _availableAt;

    constructor(address participants, address units, address cash, address intents, uint48 withdrawalDelay) {
        PARTICIPANTS = IParticipants(participants);
        UNITS = IUnits(units);
        CASH = IERC20(cash);
        INTENTS = intents;
        WITHDRAWAL_DELAY = withdrawalDelay;
    }

    /// @inheritdoc IExchange
    function onCashReceived(address account, uint256 amount) external {
        if (msg.sender != address(CASH)) revert ExchangeCallerNotAllowed(msg.sender, account);

        owedCash += amount;
        assert(owedCash <= CashSlots.MAX_AMOUNT); // The most that there can be of the currency.
        _cashSlots[account] = _cashSlots[account].plus(amount);

        emit CashDeposited(account, amount);
    }

    /// @notice Credits a deposit. Only `Units` may call, when units were transferred here; not when they are issued.
    function onERC1155Received(
        address,
        address from,
        uint256 batchId,
        uint256 tonnes,
        bytes calldata
    ) external returns (bytes4) {
        _creditUnits(from, batchId, tonnes);
        return IERC1155Receiver.onERC1155Received.selector;
    }

    /// @notice The same for several batches.
    function onERC1155BatchReceived(
        address,
        address from,
        uint256[] calldata batchIds,
        uint256[] calldata amounts,
        bytes calldata
    ) external returns (bytes4) {
        for (uint256 i = 0; i < batchIds.length; ++i) {
            _creditUnits(from, batchIds[i], amounts[i]);
        }
        return IERC1155Receiver.onERC1155BatchReceived.selector;
    }

    /// @inheritdoc IExchange
    function requestWithdrawal(address account, uint256 batchId, uint64 tonnes) external {
        _checkCaller(account);
        _checkActive(account);
        UnitSlot slot = _unitSlots[batchId][account];
        _checkFree(account, batchId, slot.freeTonnes(), tonnes);

        uint256 leaving = slot.leavingTonnes() + tonnes;
        uint48 availableAt = uint48(block.timestamp) + WITHDRAWAL_DELAY;
        _unitSlots[batchId][account] = slot.withLeaving(leaving);
        _availableAt[batchId][account] = availableAt;

        emit UnitsWithdrawalRequested(account, batchId, tonnes, leaving, availableAt);
    }

    /// @inheritdoc IExchange
    function requestCashWithdrawal(address account, uint128 amount) external {
        _checkCaller(account);
        _checkActive(account);
        CashSlot slot = _cashSlots[account];
        _checkFree(account, CASH_ID, slot.freeAmount(), amount);

        uint256 leaving = slot.leavingAmount() + amount;
        uint48 availableAt = uint48(block.timestamp) + WITHDRAWAL_DELAY;
        _cashSlots[account] = slot.withLeaving(leaving);
        _availableAt[CASH_ID][account] = availableAt;

        emit CashWithdrawalRequested(account, amount, leaving, availableAt);
    }

    /// @inheritdoc IExchange
    function cancelWithdrawal(uint256 batchId) external {
        uint256 leaving = _leaving(msg.sender, batchId);
        if (leaving == 0) revert ExchangeNothingLeaving(msg.sender, batchId);

        if (batchId == CASH_ID) _cashSlots[msg.sender] = _cashSlots[msg.sender].withLeaving(0);
        else _unitSlots[batchId][msg.sender] = _unitSlots[batchId][msg.sender].withLeaving(0);

        emit WithdrawalCancelled(msg.sender, batchId, leaving);
    }

    /// @inheritdoc IExchange
    function takeWithdrawal(uint256 batchId) external {
        if (_leaving(msg.sender, batchId) == 0) revert ExchangeNothingLeaving(msg.sender, batchId);
        uint48 availableAt = _availableAt[batchId][msg.sender];
        if (block.timestamp < availableAt) revert ExchangeWithdrawalNotYet(msg.sender, batchId, availableAt);

        _handOut(msg.sender, batchId);
    }

    /// @inheritdoc IExchange
    function unitPosition(address account, uint256 batchId) external view returns (UnitPosition memory) {
        UnitSlot slot = _unitSlots[batchId][account];
        uint64 leaving = uint64(slot.leavingTonnes());
        return UnitPosition(uint64(slot.tonnes()), leaving, leaving == 0 ? 0 : _availableAt[batchId][account]);
    }

    /// @inheritdoc IExchange
    function cashPosition(address account) external view returns (CashPosition memory) {
        CashSlot slot = _cashSlots[account];
        uint128 leaving = uint128(slot.leavingAmount());
        return CashPosition(uint128(slot.amount()), leaving, leaving == 0 ? 0 : _availableAt[CASH_ID][account]);
    }

    /// @inheritdoc IExchange
    function isNonceClosed(address account, uint256 batchId, uint32 nonce) external view returns (bool closed) {
        if (nonce < _cashSlots[account].firstValidNonce()) return true;
        (closed, ) = _nonceState(_unitSlots[batchId][account], account, batchId, nonce);
    }

    /// @inheritdoc IExchange
    function firstValidNonce(address account) external view returns (uint32) {
        return _cashSlots[account].firstValidNonce();
    }

    /// @inheritdoc IERC165
    function supportsInterface(bytes4 interfaceId) external pure returns (bool) {
        return
            interfaceId == type(IExchange).interfaceId ||
            interfaceId == type(IERC1155Receiver).interfaceId ||
            interfaceId == type(IERC165).interfaceId;
    }

    /// @dev Sends what is leaving to its owner, who may be a contract and call back: everything is written before.
    function _handOut(address account, uint256 batchId) internal {
        if (batchId == CASH_ID) _handOutCash(account);
        else _handOutUnits(account, batchId);
    }

    /// @dev All of the position; nothing of it is leaving any more.
    /// @return amount What it was.
    function _takeAll(address account, uint256 batchId) internal returns (uint256 amount) {
        if (batchId == CASH_ID) {
            CashSlot cash = _cashSlots[account];
            amount = cash.amount();
            _cashSlots[account] = cash.withLeaving(0).minus(amount);
        } else {
            UnitSlot units = _unitSlots[batchId][account];
            amount = units.tonnes();
            _unitSlots[batchId][account] = units.withLeaving(0).minus(amount);
        }
    }

    function _put(address account, uint256 batchId, uint256 amount) internal {
        if (batchId == CASH_ID) _cashSlots[account] = _cashSlots[account].plus(amount);
        else _unitSlots[batchId][account] = _unitSlots[batchId][account].plus(amount);
    }

    /// @dev The slot with the nonce marked. A nonce ahead of the slot's window takes the window along, and the marks so far are put by;
    /// so nothing is ever marked ahead of the window.
    function _marked(
        UnitSlot slot,
        address account,
        uint256 batchId,
        uint256 nonce,
        uint256 mark
    ) internal returns (UnitSlot) {
        uint256 window = UnitSlots.windowOf(nonce);
        uint256 current = slot.window();
        if (window == current) return slot.plusMarks(mark);

        mapping(uint256 => uint256) storage older = _olderMarks[batchId][account];
        if (window < current) {
            older[window] |= mark;
            return slot;
        }
        if (slot.marks() != 0) older[current] = slot.marks();
        return slot.withMarks(window, mark);
    }

    /// @return closed Whether no order with this nonce can settle any more.
    /// @return touched Whether one may have been filled in part.
    function _nonceState(
        UnitSlot slot,
        address account,
        uint256 batchId,
        uint256 nonce
    ) internal view returns (bool closed, bool touched) {
        uint256 window = UnitSlots.windowOf(nonce);
        uint256 current = slot.window();
        if (window > current) return (false, false);

        uint256 marks = window == current ? slot.marks() : _olderMarks[batchId][account][window];
        return UnitSlots.read(marks, nonce);
    }

    function _leaving(address account, uint256 batchId) internal view returns (uint256) {
        if (batchId == CASH_ID) return _cashSlots[account].leavingAmount();
        return _unitSlots[batchId][account].leavingTonnes();
    }

    function _checkCaller(address account) internal view {
        if (msg.sender != account && msg.sender != INTENTS) revert ExchangeCallerNotAllowed(msg.sender, account);
    }

    function _checkActive(address account) internal view {
        if (!PARTICIPANTS.isActive(account)) revert ExchangeAccountNotActive(account);
    }

    function _creditUnits(address account, uint256 batchId, uint256 tonnes) private {
        if (msg.sender != address(UNITS) || account == address(0)) {
            revert ExchangeCallerNotAllowed(msg.sender, account);
        }

        owedTonnes[batchId] += tonnes;
        assert(owedTonnes[batchId] <= UnitSlots.MAX_TONNES); // The most that a batch can have.
        _unitSlots[batchId][account] = _unitSlots[batchId][account].plus(tonnes);

        emit UnitsDeposited(account, batchId, tonnes);
    }

    function _handOutCash(address account) private {
        CashSlot slot = _cashSlots[account];
        uint256 amount = slot.leavingAmount();

        owedCash -= amount;
        _cashSlots[account] = slot.withLeaving(0).minus(amount);

        emit CashWithdrawn(account, amount);

        // The settlement currency reverts where it does not transfer.
        CASH.transfer(account, amount);
    }

    function _handOutUnits(address account, uint256 batchId) private {
        UnitSlot slot = _unitSlots[batchId][account];
        uint256 leaving = slot.leavingTonnes();
        uint256 movable = _movableTonnes(batchId);
        uint256 tonnes = leaving < movable ? leaving : movable;

        owedTonnes[batchId] -= tonnes;
        _unitSlots[batchId][account] = slot.withLeaving(leaving - tonnes).minus(tonnes);

        emit UnitsWithdrawn(account, batchId, tonnes);

        UNITS.transfer(address(this), account, batchId, tonnes, new SerialBlock[](0));
    }

    /// @dev What `Units` can move at once: all that is held here, unless it is in too many blocks. Then what the last of them have.
    function _movableTonnes(uint256 batchId) private view returns (uint256 tonnes) {
        uint256 limit = UNITS.MAX_BLOCKS();
        uint256 count = UNITS.blockCount(address(this), batchId);
        if (count <= limit) return UnitSlots.MAX_TONNES;

        SerialBlock[] memory last = UNITS.blocksOf(address(this), batchId, count - limit, limit);
        for (uint256 i = 0; i < last.length; ++i) {
            tonnes += last[i].end - last[i].start + 1;
        }
    }

    function _checkFree(address account, uint256 batchId, uint256 free, uint256 asked) private pure {
        if (asked == 0) revert ExchangeAmountZero();
        if (asked > free) revert ExchangePositionInsufficient(account, batchId, free, asked);
    }
}
