// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IExchange} from "../../contracts/interfaces/IExchange.sol";
import {ExchangeModel} from "./ExchangeModel.sol";
import {LedgerFixture} from "./LedgerSetup.sol";
import {MarketHandler} from "./MarketHandler.sol";
import {OrderPool} from "./OrderPool.sol";
import {vm} from "./Vm.sol";

/// @notice The operator's acts, who may be careless or bad: it settles what nobody signed, too much, at other prices, too late, or again.
contract OperatorHandler is MarketHandler {
    /// @dev Of secp256k1.
    uint256 private constant CURVE_ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141;

    mapping(address account => mapping(uint256 batchId => uint32)) private nextNonce;
    uint256 private nextDeal;

    constructor(LedgerFixture ledger, ExchangeModel model_) MarketHandler(ledger, model_) {}

    function passTime(uint256 seed) external {
        vm.warp(block.timestamp + _draw(seed, "time", _seldom(seed, "long", 4) ? 2 days : 1 hours));
        model.note("passTime");
    }

    /// @dev One trade between two new orders, and another.
    function settle(uint256 seed) external {
        for (uint256 i = 1; i < 4; i++) {
            _settle(_match(seed / i, 1, false), seed);
            model.replay("settle", false);
        }
    }

    /// @dev One taker, two or three makers.
    function settleMany(uint256 seed) external {
        for (uint256 i = 1; i < 3; i++) {
            _settle(_match(seed / i, 2 + _draw(seed, "fills", 2), false), seed);
            model.replay("settleMany", false);
        }
    }

    /// @dev Orders that were there already, on either side.
    function settleAgain(uint256 seed) external {
        _settle(_match(seed, 1 + _draw(seed, "fills", 3), true), seed);
        model.replay("settleAgain", false);
    }

    /// @dev Two matches in one transaction, and the first of them once more.
    function settleTwice(uint256 seed) external {
        bytes memory first = _match(seed, 1, true);
        bytes memory second = _match(seed / 2, 2, false);
        _settle(bytes.concat(first, second), seed);
        model.replay("settle", false);
        _settle(first, seed);
        model.replay("settleTwice", false);
    }

    function settleDeals(uint256 seed) external {
        IExchange.SignedDeal[] memory deals = new IExchange.SignedDeal[](2);
        // The same twice now and then, and one that was there already.
        deals[0] = _deal(seed);
        deals[1] = _seldom(seed, "twice", 4) ? deals[0] : market.deal(_draw(seed, "deal", market.dealCount()));
        vm.recordLogs();
        vm.prank(_caller(seed));
        exchange.settleDeals(deals);
        _afterRestricted(seed);
        model.replay("settleDeals", false);
    }

    /// @dev Signed, and not settled yet.
    function agreeDeal(uint256 seed) external {
        _deal(seed);
        model.note("agreeDeal");
    }

    function serveWithdrawals(uint256 seed) external {
        IExchange.Withdrawal[] memory withdrawals = new IExchange.Withdrawal[](3);
        for (uint256 i = 0; i < withdrawals.length; i++) {
            withdrawals[i] = IExchange.Withdrawal(_drawAccount(seed / (i + 1), "owner"), _drawAsset(seed / (i + 1)));
        }
        vm.recordLogs();
        vm.prank(_caller(seed));
        exchange.serveWithdrawals(withdrawals);
        _afterRestricted(seed);
        model.replay("serveWithdrawals", false);
    }

    function _settle(bytes memory packed, uint256 seed) private {
        vm.recordLogs();
        vm.prank(_caller(seed));
        exchange.settle(packed);
        _afterRestricted(seed);
    }

    /// @dev A stranger now and then.
    function _caller(uint256 seed) private pure returns (address) {
        return _seldom(seed, "caller", 20) ? REGISTRAR_1 : OPERATOR;
    }

    function _afterRestricted(uint256 seed) private {
        if (_caller(seed) != OPERATOR) model.noteBroken(4, "a stranger did what only the operator may");
    }

    function _match(uint256 seed, uint256 fills, bool isOld) private returns (bytes memory packed) {
        uint256 batchId = _drawBatch(seed);
        IExchange.Side side = IExchange.Side(_draw(seed, "side", 2));
        OrderPool.Offer memory taker = _offer(seed, batchId, side, isOld);
        packed = abi.encodePacked(batchId, uint8(side), uint16(fills), _pack(taker));
        for (uint256 i = 0; i < fills; i++) {
            packed = bytes.concat(
                packed,
                _fill(_draw(seed, bytes32(i), type(uint256).max), taker, fills - i, isOld && _seldom(seed, "old", 2))
            );
        }
    }

    function _fill(
        uint256 seed,
        OrderPool.Offer memory taker,
        uint256 fillsLeft,
        bool isOld
    ) private returns (bytes memory) {
        IExchange.Side side = IExchange.Side(1 - uint8(taker.order.side));
        OrderPool.Offer memory maker = _offer(seed, taker.order.batchId, side, isOld);
        uint256 tonnes = _tonnes(seed, taker.openTonnes / fillsLeft, maker.openTonnes);
        taker.openTonnes = tonnes < taker.openTonnes ? taker.openTonnes - tonnes : 0;
        return bytes.concat(abi.encodePacked(uint64(tonnes), _price(seed, taker.order, maker.order)), _pack(maker));
    }

    /// @dev As many as both sides have open, mostly; now and then more, or fewer.
    function _tonnes(uint256 seed, uint256 open, uint256 makerOpen) private pure returns (uint256 tonnes) {
        tonnes = open < makerOpen ? open : makerOpen;
        uint256 manner = _draw(seed, "tonnes", 10);
        if (manner == 0) return tonnes + 1;
        if (manner < 4) return 1 + tonnes / 2;
    }

    /// @dev The maker's limit, mostly; now and then one unit beyond a limit.
    function _price(
        uint256 seed,
        IExchange.Order memory taker,
        IExchange.Order memory maker
    ) private pure returns (uint128) {
        uint256 manner = _draw(seed, "price", 12);
        if (manner == 0) return taker.limitPrice + 1;
        if (manner == 1) return maker.limitPrice - 1;
        return manner == 2 ? taker.limitPrice : maker.limitPrice;
    }

    function _offer(
        uint256 seed,
        uint256 batchId,
        IExchange.Side side,
        bool isOld
    ) private returns (OrderPool.Offer memory offer) {
        if (isOld) {
            offer = market.someOrder(batchId, side, _draw(seed, "order", 16));
            if (offer.order.account != address(0)) return offer;
        }
        uint256 index = _drawOwner(seed, "owner", side == IExchange.Side.Buy ? CASH : batchId);
        offer.order = _newOrder(seed, market.accountAt(index), batchId, side);
        bool forged;
        (offer.signature, forged) = _signed(seed, index, exchange.hashOrder(offer.order));
        if (_seldom(seed, "altered", 40)) {
            forged = true;
            offer.order.tonnes += 1;
        }
        offer.openTonnes = offer.order.tonnes;
        market.learnOrder(offer.order, offer.signature, !forged);
    }

    function _newOrder(
        uint256 seed,
        address owner,
        uint256 batchId,
        IExchange.Side side
    ) private returns (IExchange.Order memory order) {
        order.account = owner;
        order.batchId = batchId;
        order.side = side;
        order.tonnes = uint64(1 + _draw(seed, "wanted", 12));
        // Mostly no more than there is.
        uint256 free = market.freeOf(batchId, owner);
        if (side == IExchange.Side.Sell && order.tonnes > free && !_seldom(seed, "short", 8))
            order.tonnes = uint64(free);
        if (_seldom(seed, "minimum", 3)) order.minimumTonnes = uint64(_draw(seed, "least", order.tonnes + 2));
        order.limitPrice = uint128(20 + _draw(seed, "limit", 20));
        // Mostly so that buys and sales cross.
        if (side == IExchange.Side.Buy && !_seldom(seed, "low", 8)) order.limitPrice += 20;
        // So much that the cash is not there.
        if (side == IExchange.Side.Buy && _seldom(seed, "high", 8)) order.limitPrice += 2_000;
        order.maximumFeeBasisPoints = _seldom(seed, "cap", 4) ? uint16(_draw(seed, "cap", 300)) : 500;
        order.expiresAt = uint48(block.timestamp + (_seldom(seed, "short", 4) ? _draw(seed, "end", 1 hours) : 30 days));
        order.nonce = _nonce(seed, owner, batchId);
    }

    /// @dev Counting up mostly, which starts where it may; now and then one that was, or one far ahead.
    function _nonce(uint256 seed, address owner, uint256 batchId) private returns (uint32 nonce) {
        uint32 first = exchange.firstValidNonce(owner);
        nonce = nextNonce[owner][batchId];
        if (nonce < first) nonce = first;
        uint256 manner = _draw(seed, "nonce", 20);
        if (manner == 0) return uint32(_draw(seed, "any nonce", uint256(nonce) + 1));
        if (manner == 1) nonce += 70;
        nextNonce[owner][batchId] = nonce + 1;
    }

    /// @dev Now and then another's signature, one that is broken, or the second one that the curve allows.
    function _signed(uint256 seed, uint256 index, bytes32 digest) private view returns (bytes memory, bool forged) {
        uint256 key;
        (key, forged) = _drawKey(seed, index);
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, digest);
        uint256 manner = _draw(seed, "signature", 40);
        if (manner == 0) return (abi.encodePacked(r, s, v ^ 7), true);
        if (manner == 1) return (abi.encodePacked(r, bytes32(CURVE_ORDER - uint256(s)), v ^ 7), true);
        return (abi.encodePacked(r, s, v), forged);
    }

    function _deal(uint256 seed) private returns (IExchange.SignedDeal memory signed) {
        uint256 batchId = _drawBatch(seed);
        uint256 seller = _drawOwner(seed, "seller", batchId);
        uint256 buyer = _drawOwner(seed, "buyer", CASH);
        signed.deal = IExchange.Deal(
            market.accountAt(seller),
            market.accountAt(buyer),
            batchId,
            uint64(_draw(seed, "wanted", 12)),
            uint128(_draw(seed, "price", 60)),
            _seldom(seed, "cap", 4) ? uint16(_draw(seed, "cap", 300)) : 500,
            uint48(block.timestamp + (_seldom(seed, "short", 4) ? _draw(seed, "end", 1 hours) : 30 days)),
            nextDeal++
        );
        bytes32 digest = exchange.hashDeal(signed.deal);
        bool sellerForged;
        bool buyerForged;
        (signed.sellerSignature, sellerForged) = _signed(seed, seller, digest);
        (signed.buyerSignature, buyerForged) = _signed(seed / 3, buyer, digest);
        market.learnDeal(signed, !sellerForged && !buyerForged);
    }

    function _pack(OrderPool.Offer memory offer) private pure returns (bytes memory) {
        IExchange.Order memory order = offer.order;
        return
            bytes.concat(
                abi.encodePacked(order.account, order.tonnes, order.nonce, order.minimumTonnes, order.limitPrice),
                abi.encodePacked(order.maximumFeeBasisPoints, order.expiresAt, uint16(offer.signature.length)),
                offer.signature
            );
    }
}
