// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IExchange} from "../interfaces/IExchange.sol";
import {PackedOrder} from "./PackedMatch.sol";

/// @notice EIP-712 struct hashes of orders and deals. The types carry the names of the structs; enums travel as uint8.
/// @dev The TypeScript twin is `src/chain/orders.ts`; a test holds the two equal.
library OrderHashes {
    bytes32 internal constant ORDER_TYPE_HASH = keccak256(
        "Order(address account,uint256 batchId,uint8 side,uint64 tonnes,uint64 minimumTonnes,uint128 limitPrice,"
        "uint16 maximumFeeBasisPoints,uint32 nonce,uint48 expiresAt)"
    );
    bytes32 internal constant DEAL_TYPE_HASH = keccak256(
        "Deal(address seller,address buyer,uint256 batchId,uint64 tonnes,uint128 price,uint16 maximumFeeBasisPoints,"
        "uint48 expiresAt,uint256 nonce)"
    );

    function hash(IExchange.Order calldata order) internal pure returns (bytes32) {
        return keccak256(abi.encode(ORDER_TYPE_HASH, order));
    }

    function hash(IExchange.Deal calldata deal) internal pure returns (bytes32) {
        return keccak256(abi.encode(DEAL_TYPE_HASH, deal));
    }

    /// @dev By hand, because it is done twice in every trade. The memory behind the free memory pointer is used and not taken.
    function hash(PackedOrder order, uint256 batchId, uint256 side) internal pure returns (bytes32 result) {
        bytes32 typeHash = ORDER_TYPE_HASH;
        assembly ("memory-safe") {
            let first := calldataload(order) // account 20, tonnes 8, nonce 4
            let second := calldataload(add(order, 32)) // minimumTonnes 8, limitPrice 16, maximumFeeBasisPoints 2, expiresAt 6
            let data := mload(0x40)
            mstore(data, typeHash)
            mstore(add(data, 0x20), shr(96, first)) // account
            mstore(add(data, 0x40), batchId)
            mstore(add(data, 0x60), side)
            mstore(add(data, 0x80), and(shr(32, first), 0xffffffffffffffff)) // tonnes
            mstore(add(data, 0xa0), shr(192, second)) // minimumTonnes
            mstore(add(data, 0xc0), and(shr(64, second), 0xffffffffffffffffffffffffffffffff)) // limitPrice
            mstore(add(data, 0xe0), and(shr(48, second), 0xffff)) // maximumFeeBasisPoints
            mstore(add(data, 0x100), and(first, 0xffffffff)) // nonce
            mstore(add(data, 0x120), and(second, 0xffffffffffff)) // expiresAt
            result := keccak256(data, 0x140)
        }
    }
}
