// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Exchange} from "../../contracts/Exchange.sol";
import {IExchange} from "../../contracts/interfaces/IExchange.sol";
import {Capabilities} from "../../contracts/libraries/Capabilities.sol";
import {LedgerModel} from "./LedgerModel.sol";
import {LedgerFixture} from "./LedgerSetup.sol";

/// @notice Every order and deal that was ever made, signed well or badly, and what settled of it. Each trade is held against them.
abstract contract OrderPool is LedgerModel {
    struct KnownOrder {
        IExchange.Order order;
        bytes signature;
        /// @dev Whether the account signed these words.
        bool genuine;
        uint256 filledTonnes;
    }

    struct Offer {
        IExchange.Order order;
        bytes signature;
        uint256 openTonnes;
    }

    struct KnownDeal {
        IExchange.SignedDeal signed;
        bool genuine;
        IExchange.DealStatus status;
    }

    /// @dev `TradeSettled` without what is indexed.
    struct Trade {
        bytes32 takerHash;
        bytes32 makerHash;
        address buyer;
        address seller;
        uint64 tonnes;
        uint128 price;
        uint128 buyerFee;
        uint128 sellerFee;
    }

    Exchange internal immutable exchange;

    bytes32[] internal orderHashes;
    bytes32[] internal dealHashes;
    mapping(bytes32 orderHash => KnownOrder) private orders;
    mapping(bytes32 dealHash => KnownDeal) private deals;
    mapping(address account => mapping(uint256 batchId => mapping(uint32 nonce => bool))) private closed;
    mapping(address account => uint32) private firstValidNonce;
    /// @dev Taker with a minimum whose first match is being replayed.
    bytes32 private pendingTaker;
    IExchange.FeeSchedule internal fees;

    constructor(LedgerFixture ledger) {
        exchange = ledger.exchange();
    }

    function learnOrder(IExchange.Order calldata order, bytes calldata signature, bool genuine) external {
        bytes32 orderHash = exchange.hashOrder(order);
        KnownOrder storage known = orders[orderHash];
        if (known.order.account == address(0)) orderHashes.push(orderHash);
        if (known.genuine) return;
        (known.order, known.signature, known.genuine) = (order, signature, genuine);
    }

    function learnDeal(IExchange.SignedDeal calldata signed, bool genuine) external {
        bytes32 dealHash = exchange.hashDeal(signed.deal);
        KnownDeal storage known = deals[dealHash];
        if (known.signed.deal.seller == address(0)) dealHashes.push(dealHash);
        if (known.genuine) return;
        (known.signed, known.genuine) = (signed, genuine);
    }

    function dealCount() external view returns (uint256) {
        return dealHashes.length;
    }

    function deal(uint256 index) external view returns (IExchange.SignedDeal memory) {
        return deals[dealHashes[index]].signed;
    }

    /// @notice One of the last orders of this side of the batch, and how much of it is open; an empty one when there is none.
    function someOrder(uint256 batchId, IExchange.Side side, uint256 seed) external view returns (Offer memory offer) {
        uint256 count = orderHashes.length;
        uint256 last = count < 16 ? count : 16;
        for (uint256 i = 0; i < last; i++) {
            KnownOrder storage known = orders[orderHashes[count - 1 - ((seed + i) % last)]];
            if (known.order.batchId != batchId || known.order.side != side) continue;
            return Offer(known.order, known.signature, known.order.tonnes - known.filledTonnes);
        }
    }

    /// @dev INV-6: the contract knows of every order what its trades and cancellations say. The last ones, and some of the others.
    function checkOrders() external {
        uint256 count = orderHashes.length;
        for (uint256 i = 0; i < 16 && i < count; i++) {
            bytes32 orderHash = orderHashes[i < 12 ? count - 1 - i : (done["settle"] * 4 + i) % count];
            KnownOrder storage known = orders[orderHash];
            IExchange.Order storage order = known.order;
            bool isFull = known.filledTonnes == order.tonnes;
            if (exchange.filledTonnes(orderHash) != (isFull ? 0 : known.filledTonnes)) {
                noteBroken(6, "the filled amount of an order is not what its trades say");
            }
            bool isVoid =
                closed[order.account][order.batchId][order.nonce] || order.nonce < firstValidNonce[order.account];
            if (isVoid != exchange.isNonceClosed(order.account, order.batchId, order.nonce)) {
                noteBroken(6, "a nonce is closed that is not, or the reverse");
            }
        }
    }

    function feeBasisPoints() public view returns (uint256) {
        return fees.nextFrom != 0 && block.timestamp >= fees.nextFrom ? fees.nextBasisPoints : fees.basisPoints;
    }

    function _setFee(uint16 basisPoints, uint48 from) internal {
        fees = IExchange.FeeSchedule(uint16(feeBasisPoints()), basisPoints, from, fees.account);
    }

    function _closeNonce(address account_, uint256 batchId, uint32 nonce) internal {
        closed[account_][batchId][nonce] = true;
    }

    function _closeBefore(address account_, uint32 nonce) internal {
        if (nonce <= firstValidNonce[account_]) noteBroken(6, "cancelled orders came back");
        firstValidNonce[account_] = nonce;
    }

    function _cancelDeal(bytes32 dealHash) internal {
        if (deals[dealHash].status != IExchange.DealStatus.None)
            noteBroken(6, "a deal was cancelled that was not open");
        deals[dealHash].status = IExchange.DealStatus.Cancelled;
    }

    /// @dev Holds the trade against what both sides signed, and against who and what may trade.
    function _checkTrade(uint256 batchId, Trade memory trade) internal {
        uint256 fee = (uint256(trade.tonnes) * trade.price * feeBasisPoints()) / 10_000;
        if (trade.buyerFee != fee || trade.sellerFee != fee) noteBroken(5, "a fee is not the one in force");
        if (trade.tonnes == 0 || trade.buyer == trade.seller) noteBroken(6, "a trade of nothing, or with oneself");
        _checkMayTrade(batchId, trade.buyer);
        _checkMayTrade(batchId, trade.seller);

        if (trade.takerHash == trade.makerHash) {
            _checkDeal(batchId, trade);
        } else {
            if (pendingTaker != trade.takerHash) _checkPending();
            _fill(trade.takerHash, batchId, trade, true);
            _fill(trade.makerHash, batchId, trade, false);
            if (orders[trade.takerHash].order.side == orders[trade.makerHash].order.side) {
                noteBroken(6, "two orders of one side");
            }
        }
    }

    /// @dev At the end of a match. What is filled now was filled by this match alone.
    function _checkPending() internal {
        if (pendingTaker == 0) return;
        if (orders[pendingTaker].filledTonnes < orders[pendingTaker].order.minimumTonnes) {
            noteBroken(6, "the first match of an order is below its minimum");
        }
        pendingTaker = 0;
    }

    function _checkMayTrade(uint256 batchId, address account_) private {
        if (!participants.isActive(account_)) noteBroken(4, "an inactive account traded");
        IExchange.InstrumentKind kind = exchange.instrumentKind(batchId);
        if (
            kind == IExchange.InstrumentKind.None ||
            !participants.isCapable(
                account_,
                kind == IExchange.InstrumentKind.Credit ? Capabilities.TRADE_CREDITS : Capabilities.TRADE_ALLOWANCES
            )
        ) {
            noteBroken(4, "an account traded what it may not");
        }
        if (units.paused() || units.batchPaused(batchId)) noteBroken(4, "a trade while paused");
    }

    function _checkDeal(uint256 batchId, Trade memory trade) private {
        KnownDeal storage known = deals[trade.takerHash];
        IExchange.Deal storage agreed = known.signed.deal;
        if (!known.genuine) noteBroken(4, "a deal settled that was not signed");
        if (known.status != IExchange.DealStatus.None) noteBroken(6, "a deal settled that was not open");
        if (block.timestamp > agreed.expiresAt) noteBroken(6, "a deal settled after its end");
        if (feeBasisPoints() > agreed.maximumFeeBasisPoints) noteBroken(6, "a deal settled above its fee cap");
        if (
            agreed.seller != trade.seller ||
            agreed.buyer != trade.buyer ||
            agreed.batchId != batchId ||
            agreed.tonnes != trade.tonnes ||
            agreed.price != trade.price
        ) {
            noteBroken(6, "a deal settled on other terms");
        }
        known.status = IExchange.DealStatus.Settled;
    }

    function _fill(bytes32 orderHash, uint256 batchId, Trade memory trade, bool isTaker) private {
        KnownOrder storage known = orders[orderHash];
        IExchange.Order storage order = known.order;
        bool isBuy = order.side == IExchange.Side.Buy;
        if (!known.genuine) noteBroken(4, "an order settled that was not signed");
        if (order.account != (isBuy ? trade.buyer : trade.seller) || order.batchId != batchId) {
            noteBroken(6, "an order settled for another account, or in another batch");
        }
        if (isBuy ? trade.price > order.limitPrice : trade.price < order.limitPrice) {
            noteBroken(6, "an order settled beyond its limit");
        }
        if (block.timestamp > order.expiresAt) noteBroken(6, "an order settled after its end");
        if (feeBasisPoints() > order.maximumFeeBasisPoints) noteBroken(6, "an order settled above its fee cap");
        if (closed[order.account][batchId][order.nonce] || order.nonce < firstValidNonce[order.account]) {
            noteBroken(6, "an order settled that was cancelled or full");
        }

        if (known.filledTonnes == 0 && order.minimumTonnes != 0) {
            if (isTaker) pendingTaker = orderHash;
            else if (trade.tonnes < order.minimumTonnes) noteBroken(6, "an order was first filled below its minimum");
        }
        known.filledTonnes += trade.tonnes;
        if (known.filledTonnes > order.tonnes) noteBroken(6, "an order was overfilled");
        if (known.filledTonnes == order.tonnes) _closeNonce(order.account, batchId, order.nonce);
    }
}
