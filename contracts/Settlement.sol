// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {MessageHashUtils} from "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol";

import {IExchange} from "./interfaces/IExchange.sol";
import {IParticipants} from "./interfaces/IParticipants.sol";
import {CashSlot} from "./libraries/CashSlot.sol";
import {Capabilities} from "./libraries/Capabilities.sol";
import {OrderHashes} from "./libraries/OrderHashes.sol";
import {PackedFill, PackedMatch, PackedOrder} from "./libraries/PackedMatch.sol";
import {Signatures} from "./libraries/Signatures.sol";
import {UnitSlot, UnitSlots} from "./libraries/UnitSlot.sol";
import {Positions} from "./Positions.sol";

/// @title How a trade settles
/// @notice The part of the exchange that holds a match or a deal against what its parties signed, and passes units and cash between their
/// positions.
/// @dev A trade is checked to the end before its first write. The only foreign code that runs is that of contract wallets, about their
/// signatures, and it cannot write. So nothing has to be undone, except for a taker's minimum: see `settleWhole`.
/// Memory is taken once for all trades of a transaction.
abstract contract Settlement is Positions, EIP712 {
    using OrderHashes for *;

    /// @dev One side of a trade: its position is worked on here and written when the trade is certain.
    struct Party {
        address account;
        /// @dev Digest of the order, or of the deal.
        bytes32 hash;
        /// @dev The order, if it is not a deal's.
        PackedOrder order;
        UnitSlot units;
        CashSlot cash;
        uint256 filledTonnes;
        /// @dev Whether an order with this nonce may have been filled in part.
        bool touched;
    }

    /// @dev What all trades of a transaction have in common, and the one that is settled just now.
    struct Session {
        bytes32 domainSeparator;
        uint256 standingVersion;
        uint256 feeBasisPoints;
        address feeAccount;
        /// @dev Fees are due and nobody can take them.
        bool feeRefused;
        bool unitsPaused;
        uint256 fees;
        uint256 tradeCount;
        /// @dev The batch that the next three are about.
        uint256 batchId;
        Refusal refusal;
        address refusalAccount;
        uint32 capability;
        Party taker;
        Party maker;
        /// @dev One for each fill of a match that settles whole, else none.
        Failure[] failures;
    }

    /// @inheritdoc IExchange
    uint256 public constant MAX_TRADES = 300;
    uint256 private constant BASIS_POINTS = 10_000;
    uint256 private constant BUY = uint256(Side.Buy);
    uint256 private constant SELL = uint256(Side.Sell);
    /// @dev What a contract wallet may use to say whether it signed.
    uint256 private constant WALLET_GAS = 150_000;
    /// @dev So much must be left: of it, 63/64 are more than the wallet may use.
    uint256 private constant WALLET_GAS_REQUIRED = 160_000;

    mapping(uint256 batchId => InstrumentKind) internal _instrumentKinds;
    mapping(bytes32 dealHash => DealStatus) internal _dealStatuses;
    FeeSchedule internal _fees;
    /// @dev Of orders that are filled in part. Those filled entirely have their nonce closed.
    mapping(bytes32 orderHash => uint64) internal _filledTonnes;

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

    /// @inheritdoc IExchange
    function currentFeeBasisPoints() public view returns (uint16) {
        FeeSchedule storage schedule = _fees;
        (uint16 basisPoints, uint48 nextFrom) = (schedule.basisPoints, schedule.nextFrom);
        return nextFrom == 0 || block.timestamp < nextFrom ? basisPoints : schedule.nextBasisPoints;
    }

    function _openSession() internal view returns (Session memory session) {
        session.domainSeparator = _domainSeparatorV4();
        session.standingVersion = PARTICIPANTS.standingVersion();
        session.unitsPaused = UNITS.paused();
        session.feeBasisPoints = currentFeeBasisPoints();
        if (session.feeBasisPoints != 0) {
            session.feeAccount = _fees.account;
            session.feeRefused = !PARTICIPANTS.isActive(session.feeAccount);
        }
        session.refusal = Refusal.InstrumentUnknown; // Of batch zero.
    }

    /// @dev Fees are credited once, at the end: their account may be a party of the trades.
    function _closeSession(Session memory session) internal {
        if (session.tradeCount == 0) revert ExchangeEmpty();
        if (session.fees != 0) _put(session.feeAccount, CASH_ID, session.fees);
    }

    function _countTrades(Session memory session, uint256 count) internal pure {
        session.tradeCount += count;
        if (session.tradeCount > MAX_TRADES) revert ExchangeTooMany(session.tradeCount, MAX_TRADES);
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
        _load(seller, deal.seller, deal.batchId);
        _load(buyer, deal.buyer, deal.batchId);

        (Refusal refusal, address account) = _refusalOfDeal(session, signed);
        if (refusal == Refusal.None) (refusal, account) = _trade(session, seller, buyer, deal.tonnes, deal.price);
        if (refusal != Refusal.None) {
            emit TradeFailed(deal.batchId, dealHash, dealHash, refusal, account);
            return;
        }

        _dealStatuses[dealHash] = DealStatus.Settled;
        _store(seller, deal.batchId);
        _store(buyer, deal.batchId);
    }

    function _digest(Session memory session, bytes32 structHash) internal pure returns (bytes32) {
        return MessageHashUtils.toTypedDataHash(session.domainSeparator, structHash);
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

    function _fail(Session memory session, uint256 index, Refusal refusal, address account) private {
        emit TradeFailed(session.batchId, session.taker.hash, session.maker.hash, refusal, account);
        if (session.failures.length != 0) session.failures[index] = Failure(refusal, account);
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
        _store(party, session.batchId);
    }

    function _store(Party memory party, uint256 batchId) private {
        _unitSlots[batchId][party.account] = party.units;
        _cashSlots[party.account] = party.cash;
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

    /// @dev What holds for all trades of a batch is found out once for trades of it in a row.
    function _enterBatch(Session memory session, uint256 batchId) private view {
        if (session.batchId == batchId) return;

        InstrumentKind kind = _instrumentKinds[batchId];
        (Refusal refusal, address account) = (Refusal.None, address(0));
        if (kind == InstrumentKind.None) refusal = Refusal.InstrumentUnknown;
        else if (session.unitsPaused || UNITS.batchPaused(batchId)) refusal = Refusal.InstrumentPaused;
        else if (session.feeRefused) (refusal, account) = (Refusal.AccountNotActive, session.feeAccount);

        session.batchId = batchId;
        session.refusal = refusal;
        session.refusalAccount = account;
        session.capability =
            kind == InstrumentKind.Allowance ? Capabilities.TRADE_ALLOWANCES : Capabilities.TRADE_CREDITS;
    }

    function _identify(Session memory session, Party memory party, PackedOrder order, uint256 side) private pure {
        party.account = order.account();
        party.order = order;
        party.hash = _digest(session, order.hash(session.batchId, side));
        party.filledTonnes = 0;
    }

    function _load(Party memory party, address account, uint256 batchId) private view {
        party.account = account;
        party.units = _unitSlots[batchId][account];
        party.cash = _cashSlots[account];
    }

    /// @dev Whether the party's order can settle now, whatever the trade. Finds out how much of it is filled.
    function _meet(Session memory session, Party memory party) private view returns (Refusal refusal) {
        PackedOrder order = party.order;
        uint256 nonce = order.nonce();
        bool closed;
        _load(party, party.account, session.batchId);

        if (nonce < party.cash.firstValidNonce()) return Refusal.Cancelled;
        (closed, party.touched) = _nonceState(party.units, party.account, session.batchId, nonce);
        if (closed) return Refusal.NonceClosed;
        if (block.timestamp > order.expiresAt()) return Refusal.Expired;
        if (session.feeBasisPoints > order.maximumFeeBasisPoints()) return Refusal.FeeAboveCap;
        refusal = _refusalOfStanding(session, party);
        if (refusal != Refusal.None) return refusal;
        if (!_isSigned(party, order.signature())) return Refusal.SignatureInvalid;

        if (party.touched) party.filledTonnes = _filledTonnes[party.hash];
    }

    function _refusalOfDeal(
        Session memory session,
        SignedDeal calldata signed
    ) private view returns (Refusal refusal, address account) {
        Deal calldata deal = signed.deal;
        (Party memory seller, Party memory buyer) = (session.taker, session.maker);
        if (session.refusal != Refusal.None) return (session.refusal, session.refusalAccount);
        DealStatus status = _dealStatuses[seller.hash];
        if (status == DealStatus.Settled) return (Refusal.AlreadySettled, address(0));
        if (status == DealStatus.Cancelled) return (Refusal.Cancelled, address(0));
        if (seller.account == buyer.account) return (Refusal.SelfTrade, seller.account);
        if (deal.tonnes == 0) return (Refusal.TonnesZero, address(0));
        if (block.timestamp > deal.expiresAt) return (Refusal.Expired, address(0));
        if (session.feeBasisPoints > deal.maximumFeeBasisPoints) return (Refusal.FeeAboveCap, address(0));

        refusal = _refusalOfStanding(session, seller);
        if (refusal != Refusal.None) return (refusal, seller.account);
        refusal = _refusalOfStanding(session, buyer);
        if (refusal != Refusal.None) return (refusal, buyer.account);

        if (!_isSigned(seller, signed.sellerSignature)) return (Refusal.SignatureInvalid, seller.account);
        if (!_isSigned(buyer, signed.buyerSignature)) return (Refusal.SignatureInvalid, buyer.account);
    }

    /// @dev A positive answer of `Participants` is kept with the cash, and holds until the standing version moves or due diligence
    /// lapses. A negative one is never kept.
    function _refusalOfStanding(Session memory session, Party memory party) private view returns (Refusal) {
        if (!party.cash.isActive(session.standingVersion)) {
            if (!PARTICIPANTS.isActive(party.account)) return Refusal.AccountNotActive;
            uint32 participantId = PARTICIPANTS.participantOf(party.account);
            IParticipants.Participant memory entity = PARTICIPANTS.participant(participantId);
            party.cash = party.cash.withStanding(session.standingVersion, entity.kycExpiresAt, entity.capabilities);
        }
        return party.cash.isCapable(session.capability) ? Refusal.None : Refusal.AccountNotAllowed;
    }

    function _isSigned(Party memory party, bytes calldata signature) private view returns (bool) {
        if (Signatures.isKeys(party.account, party.hash, signature)) return true;
        if (party.account.code.length == 0) return false;

        // A call is granted less than asked for, silently, where too little is left: the wallet would be blamed for it.
        uint256 available = gasleft();
        if (available < WALLET_GAS_REQUIRED) revert ExchangeGasTooLow(available, WALLET_GAS_REQUIRED);
        return Signatures.isWallets(party.account, party.hash, signature, WALLET_GAS);
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

    /// @dev Whether the trade is within what the order's account signed.
    function _refusalOfTerms(
        Party memory party,
        uint256 side,
        uint256 tonnes,
        uint256 price
    ) private pure returns (Refusal) {
        unchecked {
            PackedOrder order = party.order;
            uint256 limitPrice = order.limitPrice();
            if (side == BUY ? price > limitPrice : price < limitPrice) return Refusal.PriceOutsideLimit;
            if (party.filledTonnes + tonnes > order.tonnes()) return Refusal.Overfilled;
            if (tonnes < order.minimumTonnes() && party.filledTonnes == 0) return Refusal.BelowMinimum;
            return Refusal.None;
        }
    }

    function _slice(uint256 start, uint256 end) private pure returns (bytes calldata data) {
        assembly ("memory-safe") {
            data.offset := start
            data.length := sub(end, start)
        }
    }
}
