// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IExchange} from "../../contracts/interfaces/IExchange.sol";
import {Vm} from "./Vm.sol";

/// @notice The test runner also records what was emitted and then undone. The exchange undoes matches that miss their taker's minimum,
/// and then emits a failure for each of their fills: the same orders in the same row.
library UndoneTrades {
    /// @notice Takes the settled trades of undone matches out of the logs, by emptying their topic.
    /// @dev Where this were wrong, the positions would not be what the rest of the logs say.
    function strike(Vm.Log[] memory logs) internal pure {
        for (uint256 first = 0; first < logs.length; first++) {
            if (!_isTrade(logs[first])) continue;
            uint256 fills = _rowFrom(logs, first) / 2;
            for (; fills >= 2 && !_isUndone(logs, first, fills); fills--) {}
            if (fills < 2) continue;

            for (uint256 i = first; i < first + fills; i++) logs[i].topics[0] = 0;
            first += 2 * fills - 1;
        }
    }

    /// @dev How many trades in a row, settled or failed, are of the same taker.
    function _rowFrom(Vm.Log[] memory logs, uint256 first) private pure returns (uint256 length) {
        (bytes32 taker, ) = _orders(logs[first]);
        for (uint256 i = first; i < logs.length && _isTrade(logs[i]); i++) {
            (bytes32 other, ) = _orders(logs[i]);
            if (other != taker) break;
            length++;
        }
    }

    function _isUndone(Vm.Log[] memory logs, uint256 first, uint256 fills) private pure returns (bool) {
        bool settled = false;
        for (uint256 i = first; i < first + fills; i++) {
            (, bytes32 maker) = _orders(logs[i]);
            (, bytes32 again) = _orders(logs[i + fills]);
            if (maker != again || logs[i + fills].topics[0] != IExchange.TradeFailed.selector) return false;
            if (logs[i].topics[0] == IExchange.TradeSettled.selector) settled = true;
        }
        return settled;
    }

    function _isTrade(Vm.Log memory entry) private pure returns (bool) {
        return entry.topics[0] == IExchange.TradeSettled.selector || entry.topics[0] == IExchange.TradeFailed.selector;
    }

    /// @dev Both events begin with them.
    function _orders(Vm.Log memory entry) private pure returns (bytes32 taker, bytes32 maker) {
        bytes memory data = entry.data;
        assembly ("memory-safe") {
            taker := mload(add(data, 0x20))
            maker := mload(add(data, 0x40))
        }
    }
}
