// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IIntents} from "../interfaces/IIntents.sol";
import {IRetirements} from "../interfaces/IRetirements.sol";
import {SerialBlock} from "./SerialBlock.sol";

/// @notice EIP-712 struct hashes of the intents. The types carry the names of the structs; enums travel as uint8.
/// @dev The TypeScript twin is `src/chain/intents.ts`; a test holds the two equal.
library IntentHashes {
    bytes32 internal constant SERIAL_BLOCK_TYPE_HASH = keccak256("SerialBlock(uint64 start,uint64 end)");
    bytes32 internal constant TRANSFER_INTENT_TYPE_HASH = keccak256(
        "TransferIntent(address account,address to,uint256 batchId,uint256 tonnes,SerialBlock[] blocks,uint256 nonce,"
        "uint256 deadline)SerialBlock(uint64 start,uint64 end)"
    );
    bytes32 internal constant RETIREMENT_ORDER_TYPE_HASH = keccak256(
        "RetirementOrder(uint256 batchId,uint256 tonnes,SerialBlock[] blocks,string beneficiary,string beneficiaryId,"
        "bytes32 beneficiaryCommitment,uint8 purpose,string reason,string details,bytes2 consumptionCountry,"
        "uint32 consumptionPeriodStart,uint32 consumptionPeriodEnd)SerialBlock(uint64 start,uint64 end)"
    );
    bytes32 internal constant RETIREMENT_INTENT_TYPE_HASH = keccak256(
        "RetirementIntent(address account,RetirementOrder order,uint256 nonce,uint256 deadline)"
        "RetirementOrder(uint256 batchId,uint256 tonnes,SerialBlock[] blocks,string beneficiary,string beneficiaryId,"
        "bytes32 beneficiaryCommitment,uint8 purpose,string reason,string details,bytes2 consumptionCountry,"
        "uint32 consumptionPeriodStart,uint32 consumptionPeriodEnd)SerialBlock(uint64 start,uint64 end)"
    );
    bytes32 internal constant CANCELLATION_ORDER_TYPE_HASH = keccak256(
        "CancellationOrder(uint256 batchId,uint256 tonnes,SerialBlock[] blocks,uint8 reason,string details)"
        "SerialBlock(uint64 start,uint64 end)"
    );
    bytes32 internal constant CANCELLATION_INTENT_TYPE_HASH = keccak256(
        "CancellationIntent(address account,CancellationOrder order,uint256 nonce,uint256 deadline)"
        "CancellationOrder(uint256 batchId,uint256 tonnes,SerialBlock[] blocks,uint8 reason,string details)"
        "SerialBlock(uint64 start,uint64 end)"
    );
    bytes32 internal constant REVOCATION_INTENT_TYPE_HASH = keccak256(
        "RevocationIntent(address account,uint256 revokedNonce,uint256 nonce,uint256 deadline)"
    );
    bytes32 internal constant CASH_TRANSFER_INTENT_TYPE_HASH = keccak256(
        "CashTransferIntent(address account,address to,uint256 amount,uint256 nonce,uint256 deadline)"
    );
    bytes32 internal constant REDEMPTION_INTENT_TYPE_HASH = keccak256(
        "RedemptionIntent(address account,uint128 amount,bytes32 payoutHash,uint256 nonce,uint256 deadline)"
    );
    bytes32 internal constant EXCHANGE_WITHDRAWAL_INTENT_TYPE_HASH = keccak256(
        "ExchangeWithdrawalIntent(address account,uint256 batchId,uint128 amount,uint256 nonce,uint256 deadline)"
    );
    bytes32 internal constant ORDER_CANCELLATION_INTENT_TYPE_HASH = keccak256(
        "OrderCancellationIntent(address account,uint256 batchId,uint32 orderNonce,uint256 nonce,uint256 deadline)"
    );
    bytes32 internal constant MASS_CANCELLATION_INTENT_TYPE_HASH = keccak256(
        "MassCancellationIntent(address account,uint32 beforeNonce,uint256 nonce,uint256 deadline)"
    );

    function hash(IIntents.TransferIntent calldata intent) internal pure returns (bytes32) {
        return
            keccak256(
                abi.encode(
                    TRANSFER_INTENT_TYPE_HASH,
                    intent.account,
                    intent.to,
                    intent.batchId,
                    intent.tonnes,
                    hash(intent.blocks),
                    intent.nonce,
                    intent.deadline
                )
            );
    }

    function hash(IIntents.RetirementIntent calldata intent) internal pure returns (bytes32) {
        return
            keccak256(
                abi.encode(
                    RETIREMENT_INTENT_TYPE_HASH,
                    intent.account,
                    hash(intent.order),
                    intent.nonce,
                    intent.deadline
                )
            );
    }

    function hash(IIntents.CancellationIntent calldata intent) internal pure returns (bytes32) {
        return
            keccak256(
                abi.encode(
                    CANCELLATION_INTENT_TYPE_HASH,
                    intent.account,
                    hash(intent.order),
                    intent.nonce,
                    intent.deadline
                )
            );
    }

    function hash(IIntents.RevocationIntent calldata intent) internal pure returns (bytes32) {
        return
            keccak256(
                abi.encode(
                    REVOCATION_INTENT_TYPE_HASH,
                    intent.account,
                    intent.revokedNonce,
                    intent.nonce,
                    intent.deadline
                )
            );
    }

    function hash(IIntents.CashTransferIntent calldata intent) internal pure returns (bytes32) {
        return
            keccak256(
                abi.encode(
                    CASH_TRANSFER_INTENT_TYPE_HASH,
                    intent.account,
                    intent.to,
                    intent.amount,
                    intent.nonce,
                    intent.deadline
                )
            );
    }

    function hash(IIntents.RedemptionIntent calldata intent) internal pure returns (bytes32) {
        return
            keccak256(
                abi.encode(
                    REDEMPTION_INTENT_TYPE_HASH,
                    intent.account,
                    intent.amount,
                    intent.payoutHash,
                    intent.nonce,
                    intent.deadline
                )
            );
    }

    function hash(IIntents.ExchangeWithdrawalIntent calldata intent) internal pure returns (bytes32) {
        return
            keccak256(
                abi.encode(
                    EXCHANGE_WITHDRAWAL_INTENT_TYPE_HASH,
                    intent.account,
                    intent.batchId,
                    intent.amount,
                    intent.nonce,
                    intent.deadline
                )
            );
    }

    function hash(IIntents.OrderCancellationIntent calldata intent) internal pure returns (bytes32) {
        return
            keccak256(
                abi.encode(
                    ORDER_CANCELLATION_INTENT_TYPE_HASH,
                    intent.account,
                    intent.batchId,
                    intent.orderNonce,
                    intent.nonce,
                    intent.deadline
                )
            );
    }

    function hash(IIntents.MassCancellationIntent calldata intent) internal pure returns (bytes32) {
        return
            keccak256(
                abi.encode(
                    MASS_CANCELLATION_INTENT_TYPE_HASH,
                    intent.account,
                    intent.beforeNonce,
                    intent.nonce,
                    intent.deadline
                )
            );
    }

    /// @dev In two halves: one `abi.encode` of thirteen values does not fit the stack.
    function hash(IRetirements.RetirementOrder calldata order) internal pure returns (bytes32) {
        return
            keccak256(
                bytes.concat(
                    abi.encode(
                        RETIREMENT_ORDER_TYPE_HASH,
                        order.batchId,
                        order.tonnes,
                        hash(order.blocks),
                        keccak256(bytes(order.beneficiary)),
                        keccak256(bytes(order.beneficiaryId)),
                        order.beneficiaryCommitment
                    ),
                    abi.encode(
                        order.purpose,
                        keccak256(bytes(order.reason)),
                        keccak256(bytes(order.details)),
                        order.consumptionCountry,
                        order.consumptionPeriodStart,
                        order.consumptionPeriodEnd
                    )
                )
            );
    }

    function hash(IRetirements.CancellationOrder calldata order) internal pure returns (bytes32) {
        return
            keccak256(
                abi.encode(
                    CANCELLATION_ORDER_TYPE_HASH,
                    order.batchId,
                    order.tonnes,
                    hash(order.blocks),
                    order.reason,
                    keccak256(bytes(order.details))
                )
            );
    }

    /// @dev EIP-712: an array is the hash of the concatenated hashes of its members.
    function hash(SerialBlock[] calldata blocks) internal pure returns (bytes32) {
        bytes32[] memory hashes = new bytes32[](blocks.length);
        for (uint256 i = 0; i < blocks.length; ++i) {
            hashes[i] = keccak256(abi.encode(SERIAL_BLOCK_TYPE_HASH, blocks[i].start, blocks[i].end));
        }
        return keccak256(abi.encodePacked(hashes));
    }
}
