// SPDX-License-Identifier: Apache-2.0
// solhint-disable one-contract-per-file
pragma solidity 0.8.37;

/// @notice How `settle` takes its matches: numbers at their width, without padding and offsets, because a third of what a trade costs
/// beyond its writes would be calldata. Big-endian, one after the other, with their widths in bytes:
///
/// match: batchId 32, side of the taker 1, number of fills 2, order of the taker, fills
/// fill: tonnes 8, price 16, order of the maker
/// order: account 20, tonnes 8, nonce 4, minimumTonnes 8, limitPrice 16, maximumFeeBasisPoints 2, expiresAt 6, length of the signature 2,
/// signature
///
/// Batch and side of a maker's order follow from the taker's, so that no match can mix them.
/// @dev The types are places in the calldata. Behind its end everything is zero; who reads on must see to it that the end is met.
/// The TypeScript twin is `src/chain/settlement-call.ts`.
type PackedMatch is uint256;
type PackedFill is uint256;
type PackedOrder is uint256;

using PackedMatches for PackedMatch global;
using PackedFills for PackedFill global;
using PackedOrders for PackedOrder global;

library PackedMatches {
    function batchId(PackedMatch self) internal pure returns (uint256 value) {
        assembly ("memory-safe") {
            value := calldataload(self)
        }
    }

    /// @dev 0 or 1 as in `IExchange.Side`; what else a byte can be, the signatures will not be about.
    function side(PackedMatch self) internal pure returns (uint256 value) {
        assembly ("memory-safe") {
            value := byte(0, calldataload(add(self, 32)))
        }
    }

    function fillCount(PackedMatch self) internal pure returns (uint256 value) {
        assembly ("memory-safe") {
            value := shr(240, calldataload(add(self, 33)))
        }
    }

    function taker(PackedMatch self) internal pure returns (PackedOrder order) {
        assembly ("memory-safe") {
            order := add(self, 35)
        }
    }

    function firstFill(PackedMatch self) internal pure returns (PackedFill) {
        return PackedFill.wrap(self.taker().end());
    }

    /// @notice Where the next match begins.
    function end(PackedMatch self) internal pure returns (uint256 position) {
        PackedFill fill = self.firstFill();
        for (uint256 i = self.fillCount(); i != 0; --i) {
            fill = fill.next();
        }
        return PackedFill.unwrap(fill);
    }
}

library PackedFills {
    function tonnes(PackedFill self) internal pure returns (uint256 value) {
        assembly ("memory-safe") {
            value := shr(192, calldataload(self))
        }
    }

    function price(PackedFill self) internal pure returns (uint256 value) {
        assembly ("memory-safe") {
            value := shr(128, calldataload(add(self, 8)))
        }
    }

    function maker(PackedFill self) internal pure returns (PackedOrder order) {
        assembly ("memory-safe") {
            order := add(self, 24)
        }
    }

    function next(PackedFill self) internal pure returns (PackedFill) {
        return PackedFill.wrap(self.maker().end());
    }
}

library PackedOrders {
    function account(PackedOrder self) internal pure returns (address value) {
        assembly ("memory-safe") {
            value := shr(96, calldataload(self))
        }
    }

    function tonnes(PackedOrder self) internal pure returns (uint256 value) {
        assembly ("memory-safe") {
            value := shr(192, calldataload(add(self, 20)))
        }
    }

    function nonce(PackedOrder self) internal pure returns (uint256 value) {
        assembly ("memory-safe") {
            value := shr(224, calldataload(add(self, 28)))
        }
    }

    function minimumTonnes(PackedOrder self) internal pure returns (uint256 value) {
        assembly ("memory-safe") {
            value := shr(192, calldataload(add(self, 32)))
        }
    }

    function limitPrice(PackedOrder self) internal pure returns (uint256 value) {
        assembly ("memory-safe") {
            value := shr(128, calldataload(add(self, 40)))
        }
    }

    function maximumFeeBasisPoints(PackedOrder self) internal pure returns (uint256 value) {
        assembly ("memory-safe") {
            value := shr(240, calldataload(add(self, 56)))
        }
    }

    function expiresAt(PackedOrder self) internal pure returns (uint256 value) {
        assembly ("memory-safe") {
            value := shr(208, calldataload(add(self, 58)))
        }
    }

    function signature(PackedOrder self) internal pure returns (bytes calldata value) {
        assembly ("memory-safe") {
            value.length := shr(240, calldataload(add(self, 64)))
            value.offset := add(self, 66)
        }
    }

    function end(PackedOrder self) internal pure returns (uint256 position) {
        assembly ("memory-safe") {
            position := add(add(self, 66), shr(240, calldataload(add(self, 64))))
        }
    }
}
