// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {StorageSlot} from "@openzeppelin/contracts/utils/StorageSlot.sol";

import {Admission} from "./Admission.sol";
import {IExchange} from "./interfaces/IExchange.sol";
import {CashSlot} from "./libraries/CashSlot.sol";
import {OrderHashes} from "./libraries/OrderHashes.sol";
import {PackedFill, PackedMatch} from "./libraries/PackedMatch.sol";
import {UnitSlot, UnitSlots} from "./libraries/UnitSlot.sol";

/// @title How a trade settles
/// @notice The part of the exchange that passes units and cash between the positions of the parties.
/// @dev A trade is checked to the end before its first write, so nothing has to be undone, except for a taker's minimum: see
/// `settleWhole`. Memory is taken once for all trades of a transaction.
abstract contract Settlement is Admission {
    using OrderHashes for *;
    using StorageSlot for bytes32;

    /// @inheritdoc IExchange
    uint256 public constant MAX_TRADES = 300;
    uint256 private constant BASIS_POINTS = 10_000;

    /// @inheritdoc IExchange
    /// @dev A call of its own, so that it can be undone. Its batch is entered anew.
    function settleWhole(bytes calldata given) external returns (uint256 fees) {
        if (msg.sender != address(this)) revert ExchangeOnlySelf();

        Session memory session = _openSession();
        PackedMatch packed = PackedMatch.wrap(_positionOf(given));
        session.failures = new Failure[](packed.fillCount());
        _settleFills(session, packed);
        return session.fees;
    }

    /// @return next Where the next match begins.
    function _settleMatch(Session memory session, PackedMatch given) internal returns (uint256 next) {
        uint256 fillCount = given.fillCount();
        _countTrades(session, fillCount);
        if (fillCount == 1 || given.taker().minimumTonnes() == 0) return _settleFills(session, given);

        next = given.end();
        try this.settleWhole(_slice(PackedMatch.unwrap(given), next)) returns (uint256 fees) {
            session.fees += fees;
        } catch (bytes memory reason) {
            _emitFailures(session, given, _failuresIn(reason));
        }
    }

    function _settleDeal(Session memory session, SignedDeal calldata signed) internal {
        Deal calldata deal = signed.deal;
        bytes32 dealHash = _digest(session, deal.hash());
        (Party memory seller, Party memory buyer) = (session.taker, session.maker);
        _enterBatch(session, deal.batchId);
        (seller.hash, buyer.hash) = (dealHash, dealHash);
        (seller.account, buyer.account) = (deal.seller, deal.buyer);
        _load(session, seller);
        _load(session, buyer);

        (Refusal refusal, address account) = _refusalOfDeal(session, signed);
        if (refusal == Refusal.None) (refusal, account) = _trade(session, seller, buyer, deal.tonnes, deal.price);
        if (refusal != Refusal.None) {
            emit TradeFailed(deal.batchId, dealHash, dealHash, refusal, account);
            return;
        }

        _dealStatuses[dealHash] = DealStatus.Settled;
        _store(seller);
        _store(buyer);
    }

    /// @dev Fees are credited once, at the end: their account may be a party of the trades.
    function _closeSession(Session memory session) internal {
        if (session.tradeCount == 0) revert ExchangeEmpty();
        if (session.fees != 0) _put(session.feeAccount, CASH_ID, session.fees);
    }

    function _countTrades(Session memory session, uint256 count) internal pure {
        uint256 tradeCount = session.tradeCount + count;
        if (tradeCount > MAX_TRADES) revert ExchangeTooMany(tradeCount, MAX_TRADES);
        session.tradeCount = tradeCount;
    }

    function _positionOf(bytes calldata data) internal pure returns (uint256 position) {
        assembly ("memory-safe") {
            position := data.offset
        }
    }

    /// @dev The taker's position is written once, after all its trades. No maker is the same account.
    /// @return next Where the next match begins.
    function _settleFills(Session memory session, PackedMatch given) private returns (uint256 next) {
        unchecked {
            Party memory taker = session.taker;
            uint256 side = given.side();
            if (side > SELL) revert ExchangeMalformed();
            (Refusal takerRefusal, address account) = _meetTaker(session, taker, given, side);
            uint256 filledBefore = taker.filledTonnes;

            PackedFill fill = given.firstFill();
            uint256 fillCount = given.fillCount();
            for (uint256 i = 0; i < fillCount; ++i) {
                _identify(session, session.maker, fill.maker(), side ^ 1);
                (Refusal refusal, address refused) = takerRefusal == Refusal.None
                    ? _settleFill(session, fill, side)
                    : (takerRefusal, account);
                if (refusal != Refusal.None) _fail(session, i, refusal, refused);
                fill = fill.next();
            }

            if (taker.filledTonnes != filledBefore) {
                if (filledBefore == 0 && taker.filledTonnes < taker.order.minimumTonnes()) {
                    revert ExchangeMinimumMissed(session.failures);
                }
                _storeFilled(session, taker);
            }
            return PackedFill.unwrap(fill);
        }
    }

    /// @dev The maker is identified already.
    function _settleFill(Session memory session, PackedFill fill, uint256 side) private returns (Refusal, address) {
        unchecked {
            (Party memory taker, Party memory maker) = (session.taker, session.maker);
            (uint256 tonnes, uint256 price) = (fill.tonnes(), fill.price());
            Refusal refusal;

            if (taker.account == maker.account) return (Refusal.SelfTrade, taker.account);
            if (tonnes == 0) return (Refusal.TonnesZero, address(0));
            refusal = _refusalOfTerms(taker, side, tonnes, price);
            // A match that settles whole is held against the taker's minimum at its end.
            if (refusal == Refusal.BelowMinimum && session.failures.length != 0) refusal = Refusal.None;
            if (refusal != Refusal.None) return (refusal, taker.account);
            refusal = _meet(session, maker);
            if (refusal == Refusal.None) refusal = _refusalOfTerms(maker, side ^ 1, tonnes, price);
            if (refusal != Refusal.None) return (refusal, maker.account);

            (Party memory seller, Party memory buyer) = side == SELL ? (taker, maker) : (maker, taker);
            address account;
            (refusal, account) = _trade(session, seller, buyer, tonnes, price);
            if (refusal != Refusal.None) return (refusal, account);

            taker.filledTonnes += tonnes;
            maker.filledTonnes += tonnes;
            _storeFilled(session, maker);
            return (Refusal.None, address(0));
        }
    }

    /// @dev Delivery against payment, in memory. What both have is at most all that there is, so that no sum is too large.
    function _trade(
        Session memory session,
        Party memory seller,
        Party memory buyer,
        uint256 tonnes,
        uint256 price
    ) private returns (Refusal, address) {
        unchecked {
            uint256 value = tonnes * price; // 64 by 128 bits
            uint256 fee = (value * session.feeBasisPoints) / BASIS_POINTS;
            if (seller.units.freeTonnes() < tonnes) return (Refusal.UnitsInsufficient, seller.account);
            if (buyer.cash.freeAmount() < value + fee) return (Refusal.CashInsufficient, buyer.account);

            seller.units = seller.units.minus(tonnes);
            buyer.units = buyer.units.plus(tonnes);
            buyer.cash = buyer.cash.minus(value + fee);
            seller.cash = seller.cash.plus(value - fee);
            session.fees += 2 * fee;

            emit TradeSettled(
                session.batchId,
                session.taker.hash,
                session.maker.hash,
                buyer.account,
                seller.account,
                uint64(tonnes),
                uint128(price),
                uint128(fee),
                uint128(fee)
            );
            return (Refusal.None, address(0));
        }
    }

    /// @dev A full order closes its nonce; what was filled of it need not be known any more.
    function _storeFilled(Session memory session, Party memory party) private {
        (uint256 filled, uint256 nonce) = (party.filledTonnes, party.order.nonce());
        uint256 mark;
        if (filled == party.order.tonnes()) {
            if (party.touched) delete _filledTonnes[party.hash];
            mark = UnitSlots.closedMark(nonce);
        } else {
            _filledTonnes[party.hash] = uint64(filled);
            mark = UnitSlots.touchedMark(nonce);
        }

        party.units = _marked(party.units, party.account, session.batchId, nonce, mark);
        _store(party);
    }

    function _store(Party memory party) private {
        party.unitsPlace.getUint256Slot().value = UnitSlot.unwrap(party.units);
        party.cashPlace.getUint256Slot().value = CashSlot.unwrap(party.cash);
    }

    function _fail(Session memory session, uint256 index, Refusal refusal, address account) private {
        emit TradeFailed(session.batchId, session.taker.hash, session.maker.hash, refusal, account);
        if (session.failures.length != 0) session.failures[index] = Failure(refusal, account);
    }

    /// @dev None of the fills happened: those that would have are below the taker's minimum together.
    function _emitFailures(Session memory session, PackedMatch given, Failure[] memory failures) private {
        uint256 side = given.side();
        _enterBatch(session, given.batchId());
        _identify(session, session.taker, given.taker(), side);
        PackedFill fill = given.firstFill();
        for (uint256 i = 0; i < failures.length; ++i) {
            (Refusal refusal, address account) = (failures[i].refusal, failures[i].account);
            if (refusal == Refusal.None) (refusal, account) = (Refusal.BelowMinimum, session.taker.account);
            _identify(session, session.maker, fill.maker(), side ^ 1);
            _fail(session, i, refusal, account);
            fill = fill.next();
        }
    }

    function _meetTaker(
        Session memory session,
        Party memory taker,
        PackedMatch given,
        uint256 side
    ) private view returns (Refusal refusal, address account) {
        _enterBatch(session, given.batchId());
        _identify(session, taker, given.taker(), side);
        (refusal, account) = (session.refusal, session.refusalAccount);
        if (refusal == Refusal.None) (refusal, account) = (_meet(session, taker), taker.account);
    }

    /// @dev The failures that `settleWhole` reverted with. Any other reason is passed on: nothing of the transaction happens then.
    function _failuresIn(bytes memory reason) private pure returns (Failure[] memory) {
        if (bytes4(reason) != ExchangeMinimumMissed.selector) {
            assembly ("memory-safe") {
                revert(add(reason, 0x20), mload(reason))
            }
        }
        assembly ("memory-safe") {
            let length := sub(mload(reason), 4)
            reason := add(reason, 4)
            mstore(reason, length)
        }
        return abi.decode(reason, (Failure[]));
    }

    function _slice(uint256 start, uint256 end) private pure returns (bytes calldata data) {
        assembly ("memory-safe") {
            data.offset := start
            data.length := sub(end, start)
        }
    }
}
