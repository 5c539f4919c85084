// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IExchange} from "../interfaces/IExchange.sol";

/// @notice EIP-712 struct hashes of orders and deals. The types carry the names of the structs; enums travel as uint8.
/// @dev The TypeScript twin is `src/chain/orders.ts`; a test holds the two equal. All members are words, in the calldata as in the
/// preimage, so they are copied as they lie: whoever reads a member through its type finds out when it is too wide.
library OrderHashes {
    bytes32 internal constant ORDER_TYPE_HASH = keccak256(
        "Order(address account,uint256 batchId,uint8 side,uint64 tonnes,uint64 minimumTonnes,uint128 limitPrice,"
        "uint16 maximumFeeBasisPoints,uint32 nonce,uint48 expiresAt)"
    );
    bytes32 internal constant DEAL_TYPE_HASH = keccak256(
        "Deal(address seller,address buyer,uint256 batchId,uint64 tonnes,uint128 price,uint16 maximumFeeBasisPoints,"
        "uint48 expiresAt,uint256 nonce)"
    );
    uint256 private constant ORDER_BYTES = 9 * 32;
    uint256 private constant DEAL_BYTES = 8 * 32;

    function hash(IExchange.Order calldata order) internal pure returns (bytes32) {
        uint256 position;
        assembly ("memory-safe") {
            position := order
        }
        return _hash(ORDER_TYPE_HASH, position, ORDER_BYTES);
    }

    function hash(IExchange.Deal calldata deal) internal pure returns (bytes32) {
        uint256 position;
        assembly ("memory-safe") {
            position := deal
        }
        return _hash(DEAL_TYPE_HASH, position, DEAL_BYTES);
    }

    /// @dev The memory behind the free memory pointer is used and not taken.
    function _hash(bytes32 typeHash, uint256 position, uint256 length) private pure returns (bytes32 result) {
        assembly ("memory-safe") {
            let data := mload(0x40)
            mstore(data, typeHash)
            calldatacopy(add(data, 0x20), position, length)
            result := keccak256(data, add(length, 0x20))
        }
    }
}
