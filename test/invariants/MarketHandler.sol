// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Exchange} from "../../contracts/Exchange.sol";
import {SettlementCash} from "../../contracts/SettlementCash.sol";
import {ExchangeModel} from "./ExchangeModel.sol";
import {LedgerHandler} from "./LedgerHandler.sol";
import {LedgerFixture} from "./LedgerSetup.sol";

/// @notice What the handlers of the exchange know: besides the ledger, money and trades. They draw everything from one seed.
abstract contract MarketHandler is LedgerHandler {
    uint256 internal constant CASH = 0;

    SettlementCash internal immutable cash;
    Exchange internal immutable exchange;
    ExchangeModel internal immutable market;

    constructor(LedgerFixture ledger, ExchangeModel model_) LedgerHandler(ledger, model_) {
        cash = ledger.cash();
        exchange = ledger.exchange();
        market = model_;
    }

    /// @dev A number below `bound`, another for every `purpose`.
    function _draw(uint256 seed, bytes32 purpose, uint256 bound) internal pure returns (uint256) {
        return uint256(keccak256(abi.encode(seed, purpose))) % bound;
    }

    /// @dev True once in so many times.
    function _seldom(uint256 seed, bytes32 purpose, uint256 times) internal pure returns (bool) {
        return _draw(seed, purpose, times) == 0;
    }

    function _drawIndex(uint256 seed, bytes32 purpose) internal view returns (uint256) {
        return _draw(seed, purpose, model.accountsKnown());
    }

    function _drawAccount(uint256 seed, bytes32 purpose) internal view returns (address) {
        return market.accountAt(_drawIndex(seed, purpose));
    }

    /// @dev Somebody who has something of the asset in trading, and is mostly active.
    function _drawOwner(uint256 seed, bytes32 purpose, uint256 asset) internal view returns (uint256 index) {
        return market.someOwner(asset, _drawIndex(seed, purpose), !_seldom(seed, "inactive", 10));
    }

    function _drawBatch(uint256 seed) internal view returns (uint256) {
        // Most of the trade is in the first batches.
        uint256 count = model.batchCount();
        return model.batchIds(_draw(seed, "batch", _seldom(seed, "any batch", 8) || count < 3 ? count : 3));
    }

    /// @dev Cash half of the time, else a batch.
    function _drawAsset(uint256 seed) internal view returns (uint256) {
        return _seldom(seed, "cash", 2) ? CASH : _drawBatch(seed);
    }

    /// @dev At most `amount`, but now and then one more.
    function _drawAmount(uint256 seed, uint256 amount) internal pure returns (uint256) {
        return _seldom(seed, "too much", 12) ? amount + 1 : _draw(seed, "amount", amount + 1);
    }

    /// @dev The key that signs for the account: now and then another's.
    function _drawKey(uint256 seed, uint256 index) internal view returns (uint256 key, bool forged) {
        forged = _seldom(seed, "forged", 20);
        return (keyOf((index + (forged ? 1 : 0)) % model.accountsKnown()), forged);
    }
}
