// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {SlotDerivation} from "@openzeppelin/contracts/utils/SlotDerivation.sol";
import {StorageSlot} from "@openzeppelin/contracts/utils/StorageSlot.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {MessageHashUtils} from "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol";

import {IExchange} from "./interfaces/IExchange.sol";
import {IParticipants} from "./interfaces/IParticipants.sol";
import {CashSlot} from "./libraries/CashSlot.sol";
import {Capabilities} from "./libraries/Capabilities.sol";
import {OrderHashes} from "./libraries/OrderHashes.sol";
import {PackedOrder} from "./libraries/PackedMatch.sol";
import {Signatures} from "./libraries/Signatures.sol";
import {UnitSlot} from "./libraries/UnitSlot.sol";
import {Positions} from "./Positions.sol";

/// @title What may settle
/// @notice The part of the exchange that holds a trade against what its parties signed, and against who and what may trade now.
/// @dev Writes nothing but memory. The only foreign code that runs is that of contract wallets, about their signatures, and it cannot
/// write either.
abstract contract Admission is Positions, EIP712 {
    using OrderHashes for *;
    using SlotDerivation for bytes32;
    using StorageSlot for bytes32;

    /// @dev One side of a trade. Its position is worked on here and written when the trade is certain.
    struct Party {
        address account;
        /// @dev Digest of the order, or of the deal.
        bytes32 hash;
        /// @dev The order, if it is not a deal's.
        PackedOrder order;
        /// @dev Where in the storage the two slots are.
        bytes32 unitsPlace;
        bytes32 cashPlace;
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
        /// @dev The place of all cash positions.
        bytes32 cashBookPlace;
        uint256 fees;
        uint256 tradeCount;
        /// @dev The batch that the next four are about.
        uint256 batchId;
        /// @dev The place of the batch's positions.
        bytes32 bookPlace;
        Refusal refusal;
        address refusalAccount;
        uint32 capability;
        Party taker;
        Party maker;
        /// @dev One for each fill of a match that settles whole, else none.
        Failure[] failures;
    }

    uint256 internal constant BUY = uint256(Side.Buy);
    uint256 internal constant SELL = uint256(Side.Sell);
    /// @dev What a contract wallet may use to say whether it signed.
    uint256 private constant WALLET_GAS = 150_000;
    /// @dev So much must be left: 63/64 of it are what the wallet may use, and what it costs to ask about a signature of 64 KB.
    uint256 private constant WALLET_GAS_REQUIRED = 180_000;

    mapping(uint256 batchId => InstrumentKind) internal _instrumentKinds;
    mapping(bytes32 dealHash => DealStatus) internal _dealStatuses;
    FeeSchedule internal _fees;
    /// @dev Of orders that are filled in part. Those filled entirely have their nonce closed.
    mapping(bytes32 orderHash => uint64) internal _filledTonnes;

    /// @inheritdoc IExchange
    function currentFeeBasisPoints() public view returns (uint16) {
        FeeSchedule storage schedule = _fees;
        (uint16 basisPoints, uint48 nextFrom) = (schedule.basisPoints, schedule.nextFrom);
        return nextFrom == 0 || block.timestamp < nextFrom ? basisPoints : schedule.nextBasisPoints;
    }

    function _openSession() internal view returns (Session memory session) {
        session.domainSeparator = _domainSeparatorV4();
        session.cashBookPlace = _placeOf(_cashSlots);
        session.standingVersion = PARTICIPANTS.standingVersion();
        session.unitsPaused = UNITS.paused();
        session.feeBasisPoints = currentFeeBasisPoints();
        if (session.feeBasisPoints != 0) {
            session.feeAccount = _fees.account;
            session.feeRefused = !PARTICIPANTS.isActive(session.feeAccount);
        }
        session.refusal = Refusal.InstrumentUnknown; // Of batch zero.
    }

    /// @dev What holds for all trades of a batch is found out once for trades of it in a row.
    function _enterBatch(Session memory session, uint256 batchId) internal view {
        if (session.batchId == batchId) return;

        InstrumentKind kind = _instrumentKinds[batchId];
        (Refusal refusal, address account) = (Refusal.None, address(0));
        if (kind == InstrumentKind.None) refusal = Refusal.InstrumentUnknown;
        else if (session.unitsPaused || UNITS.batchPaused(batchId)) refusal = Refusal.InstrumentPaused;
        else if (session.feeRefused) (refusal, account) = (Refusal.AccountNotActive, session.feeAccount);

        session.batchId = batchId;
        session.bookPlace = _placeOf(_unitSlots[batchId]);
        session.refusal = refusal;
        session.refusalAccount = account;
        session.capability =
            kind == InstrumentKind.Allowance ? Capabilities.TRADE_ALLOWANCES : Capabilities.TRADE_CREDITS;
    }

    function _identify(Session memory session, Party memory party, PackedOrder order, uint256 side) internal pure {
        party.account = order.account();
        party.order = order;
        party.hash = _digest(session, order.hash(session.batchId, side));
        party.filledTonnes = 0;
    }

    function _load(Session memory session, Party memory party) internal view {
        bytes32 unitsPlace = session.bookPlace.deriveMapping(party.account);
        bytes32 cashPlace = session.cashBookPlace.deriveMapping(party.account);
        party.unitsPlace = unitsPlace;
        party.cashPlace = cashPlace;
        party.units = UnitSlot.wrap(unitsPlace.getUint256Slot().value);
        party.cash = CashSlot.wrap(cashPlace.getUint256Slot().value);
    }

    /// @dev Whether the party's order can settle now, whatever the trade. Finds out how much of it is filled.
    function _meet(Session memory session, Party memory party) internal view returns (Refusal refusal) {
        PackedOrder order = party.order;
        uint256 nonce = order.nonce();
        bool closed;
        _load(session, party);

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
    ) internal view returns (Refusal refusal, address account) {
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

    function _digest(Session memory session, bytes32 structHash) internal pure returns (bytes32) {
        return MessageHashUtils.toTypedDataHash(session.domainSeparator, structHash);
    }

    /// @dev Whether the trade is within what the order's account signed.
    function _refusalOfTerms(
        Party memory party,
        uint256 side,
        uint256 tonnes,
        uint256 price
    ) internal pure returns (Refusal) {
        unchecked {
            PackedOrder order = party.order;
            uint256 limitPrice = order.limitPrice();
            if (side == BUY ? price > limitPrice : price < limitPrice) return Refusal.PriceOutsideLimit;
            if (party.filledTonnes + tonnes > order.tonnes()) return Refusal.Overfilled;
            if (tonnes < order.minimumTonnes() && party.filledTonnes == 0) return Refusal.BelowMinimum;
            return Refusal.None;
        }
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

    function _placeOf(mapping(address => UnitSlot) storage book) private pure returns (bytes32 place) {
        assembly ("memory-safe") {
            place := book.slot
        }
    }

    function _placeOf(mapping(address => CashSlot) storage book) private pure returns (bytes32 place) {
        assembly ("memory-safe") {
            place := book.slot
        }
    }
}
