// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";

import {IExchange} from "./interfaces/IExchange.sol";
import {IParticipants} from "./interfaces/IParticipants.sol";
import {OrderHashes} from "./libraries/OrderHashes.sol";
import {PackedMatch} from "./libraries/PackedMatch.sol";
import {UnitSlot, UnitSlots} from "./libraries/UnitSlot.sol";
import {Positions} from "./Positions.sol";
import {Settlement} from "./Settlement.sol";

/// @title What was agreed
/// @dev Trusts the operator with order and time, and with nothing else. One contract per settlement currency.
contract Exchange is Settlement, AccessManaged {
    using OrderHashes for *;

    /// @inheritdoc IExchange
    uint16 public constant MAX_FEE_BASIS_POINTS = 500;

    constructor(
        address authority,
        address participants,
        address units,
        address cash,
        address intents,
        uint48 withdrawalDelay
    )
        AccessManaged(authority)
        EIP712("CarbonLedger", "1")
        Positions(participants, units, cash, intents, withdrawalDelay)
    {}

    /// @inheritdoc IExchange
    function settle(bytes calldata matches) external restricted {
        Session memory session = _openSession();

        uint256 position = _positionOf(matches);
        uint256 end = position + matches.length;
        while (position < end) position = _settleMatch(session, PackedMatch.wrap(position));
        if (position != end) revert ExchangeMalformed();

        _closeSession(session);
    }

    /// @inheritdoc IExchange
    function settleDeals(SignedDeal[] calldata deals) external restricted {
        Session memory session = _openSession();

        _countTrades(session, deals.length);
        for (uint256 i = 0; i < deals.length; ++i) {
            _settleDeal(session, deals[i]);
        }

        _closeSession(session);
    }

    /// @inheritdoc IExchange
    function listInstrument(uint256 batchId, InstrumentKind kind) external restricted {
        if (kind == InstrumentKind.None || UNITS.totals(batchId).issuedTonnes == 0) {
            revert ExchangeInstrumentInvalid(batchId, kind);
        }
        if (_instrumentKinds[batchId] != InstrumentKind.None) revert ExchangeInstrumentListed(batchId);

        _instrumentKinds[batchId] = kind;

        emit InstrumentListed(batchId, kind);
    }

    /// @inheritdoc IExchange
    function serveWithdrawals(Withdrawal[] calldata withdrawals) external restricted {
        if (withdrawals.length == 0) revert ExchangeEmpty();
        if (withdrawals.length > MAX_TRADES) revert ExchangeTooMany(withdrawals.length, MAX_TRADES);

        for (uint256 i = 0; i < withdrawals.length; ++i) {
            (address account, uint256 batchId) = (withdrawals[i].account, withdrawals[i].batchId);
            if (_leaving(account, batchId) != 0) _handOut(account, batchId);
        }
    }

    /// @inheritdoc IExchange
    /// @dev For a suspended account, too: it can only take a right away from itself.
    function cancelOrder(address account, uint256 batchId, uint32 nonce) external {
        _checkCaller(account);
        UnitSlot slot = _unitSlots[batchId][account];
        (bool closed, ) = _nonceState(slot, account, batchId, nonce);
        if (closed || nonce < _cashSlots[account].firstValidNonce()) {
            revert ExchangeNonceUsed(account, batchId, nonce);
        }

        _unitSlots[batchId][account] = _marked(slot, account, batchId, nonce, UnitSlots.closedMark(nonce));

        emit OrderCancelled(account, batchId, nonce);
    }

    /// @inheritdoc IExchange
    function cancelOrdersBefore(address account, uint32 nonce) external {
        _checkCaller(account);
        uint32 current = _cashSlots[account].firstValidNonce();
        if (nonce <= current) revert ExchangeNonceNotAhead(account, nonce, current);

        _cashSlots[account] = _cashSlots[account].withFirstValidNonce(nonce);

        emit OrdersCancelledBefore(account, nonce);
    }

    /// @inheritdoc IExchange
    function cancelDeal(Deal calldata deal) external {
        if (msg.sender != deal.seller && msg.sender != deal.buyer) {
            revert ExchangeCallerNotAllowed(msg.sender, deal.seller);
        }
        bytes32 dealHash = hashDeal(deal);
        DealStatus status = _dealStatuses[dealHash];
        if (status != DealStatus.None) revert ExchangeDealNotOpen(dealHash, status);

        _dealStatuses[dealHash] = DealStatus.Cancelled;

        emit DealCancelled(dealHash, msg.sender);
    }

    /// @inheritdoc IExchange
    function setFee(uint16 basisPoints, uint48 from) external restricted {
        if (basisPoints > MAX_FEE_BASIS_POINTS || from < block.timestamp) {
            revert ExchangeFeeInvalid(basisPoints, from);
        }
        address account = _fees.account;
        if (basisPoints != 0 && account == address(0)) revert ExchangeFeeAccountMissing();

        _fees = FeeSchedule(currentFeeBasisPoints(), basisPoints, from, account);

        emit FeeSet(basisPoints, from);
    }

    /// @inheritdoc IExchange
    function setFeeAccount(address account) external restricted {
        _checkActive(account);

        _fees.account = account;

        emit FeeAccountSet(account);
    }

    /// @inheritdoc IExchange
    function recover(address lostAccount, uint256 batchId) external restricted returns (uint256 amount) {
        address newAccount = _successorOf(lostAccount);
        _checkActive(newAccount);

        amount = _takeAll(lostAccount, batchId);
        if (amount == 0) revert ExchangeAmountZero();
        _put(newAccount, batchId, amount);

        emit PositionRecovered(lostAccount, newAccount, batchId, amount);
    }

    /// @inheritdoc IExchange
    function instrumentKind(uint256 batchId) external view returns (InstrumentKind) {
        return _instrumentKinds[batchId];
    }

    /// @inheritdoc IExchange
    function filledTonnes(bytes32 orderHash) external view returns (uint64) {
        return _filledTonnes[orderHash];
    }

    /// @inheritdoc IExchange
    function dealStatus(bytes32 dealHash) external view returns (DealStatus) {
        return _dealStatuses[dealHash];
    }

    /// @inheritdoc IExchange
    function feeSchedule() external view returns (FeeSchedule memory schedule) {
        schedule = _fees;
        if (block.timestamp < schedule.nextFrom) return schedule;

        return FeeSchedule(currentFeeBasisPoints(), 0, 0, schedule.account);
    }

    /// @inheritdoc IExchange
    function hashOrder(Order calldata order) external view returns (bytes32) {
        return _hashTypedDataV4(order.hash());
    }

    /// @inheritdoc IExchange
    function hashDeal(Deal calldata deal) public view returns (bytes32) {
        return _hashTypedDataV4(deal.hash());
    }

    /// @dev The last in the row, where a successor was replaced in its turn.
    function _successorOf(address lostAccount) private view returns (address account) {
        account = lostAccount;
        while (PARTICIPANTS.accountStatus(account) == IParticipants.AccountStatus.Replaced) {
            account = PARTICIPANTS.successorOf(account);
        }
        if (account == lostAccount) revert ExchangeNotReplaced(lostAccount);
    }
}
