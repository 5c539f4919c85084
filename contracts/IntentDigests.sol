// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {IIntents} from "./interfaces/IIntents.sol";
import {IntentHashes} from "./libraries/IntentHashes.sol";

/// @title The digests of intents
/// @notice The part of `Intents` that says what is signed: the EIP-712 domain, and the digest of each kind in it.
abstract contract IntentDigests is IIntents, EIP712 {
    using IntentHashes for *;

    constructor() EIP712("CarbonLedger", "1") {}

    /// @inheritdoc IIntents
    function hashTransfer(TransferIntent calldata intent) external view returns (bytes32) {
        return _hashTypedDataV4(intent.hash());
    }

    /// @inheritdoc IIntents
    function hashRetirement(RetirementIntent calldata intent) external view returns (bytes32) {
        return _hashTypedDataV4(intent.hash());
    }

    /// @inheritdoc IIntents
    function hashCancellation(CancellationIntent calldata intent) external view returns (bytes32) {
        return _hashTypedDataV4(intent.hash());
    }

    /// @inheritdoc IIntents
    function hashRevocation(RevocationIntent calldata intent) external view returns (bytes32) {
        return _hashTypedDataV4(intent.hash());
    }

    /// @inheritdoc IIntents
    function hashCashTransfer(CashTransferIntent calldata intent) external view returns (bytes32) {
        return _hashTypedDataV4(intent.hash());
    }

    /// @inheritdoc IIntents
    function hashRedemption(RedemptionIntent calldata intent) external view returns (bytes32) {
        return _hashTypedDataV4(intent.hash());
    }

    /// @inheritdoc IIntents
    function hashExchangeWithdrawal(ExchangeWithdrawalIntent calldata intent) external view returns (bytes32) {
        return _hashTypedDataV4(intent.hash());
    }

    /// @inheritdoc IIntents
    function hashOrderCancellation(OrderCancellationIntent calldata intent) external view returns (bytes32) {
        return _hashTypedDataV4(intent.hash());
    }

    /// @inheritdoc IIntents
    function hashMassCancellation(MassCancellationIntent calldata intent) external view returns (bytes32) {
        return _hashTypedDataV4(intent.hash());
    }
}
