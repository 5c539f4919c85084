// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {SerialBlock} from "../libraries/SerialBlock.sol";
import {IRetirements} from "./IRetirements.sol";

/// @title What a holder signed
/// @notice Typed (EIP-712) acts of a holder, relayed by anyone, executed once. Signers are key holders (ECDSA) or contracts (ERC-1271).
/// Nonces are unordered: any number never used before by the account.
/// @dev Domain: name "CarbonLedger", version "1", chain id, this contract. The TypeScript twin is `src/chain/intents.ts`.
interface IIntents {
    enum IntentKind {
        Transfer,
        Retirement,
        Cancellation,
        Revocation,
        CashTransfer,
        Redemption,
        ExchangeWithdrawal,
        OrderCancellation,
        MassCancellation
    }

    /// @dev `deadline` is Unix time in seconds; the intent is void after it.
    struct TransferIntent {
        address account;
        address to;
        uint256 batchId;
        uint256 tonnes;
        SerialBlock[] blocks;
        uint256 nonce;
        uint256 deadline;
    }

    struct RetirementIntent {
        address account;
        IRetirements.RetirementOrder order;
        uint256 nonce;
        uint256 deadline;
    }

    /// @notice Takes the holder's own units out for another reason than use.
    struct CancellationIntent {
        address account;
        IRetirements.CancellationOrder order;
        uint256 nonce;
        uint256 deadline;
    }

    /// @notice Makes another, not yet executed intent of the account void.
    struct RevocationIntent {
        address account;
        uint256 revokedNonce;
        uint256 nonce;
        uint256 deadline;
    }

    /// @notice Moves settlement cash.
    struct CashTransferIntent {
        address account;
        address to;
        uint256 amount;
        uint256 nonce;
        uint256 deadline;
    }

    /// @notice Asks for settlement cash to be paid out.
    struct RedemptionIntent {
        address account;
        uint128 amount;
        /// @dev Hash of where the money shall go.
        bytes32 payoutHash;
        uint256 nonce;
        uint256 deadline;
    }

    /// @notice Takes units, or cash, out of trading.
    struct ExchangeWithdrawalIntent {
        address account;
        /// @dev Zero means cash.
        uint256 batchId;
        /// @dev Tonnes, or minor units of the settlement currency.
        uint128 amount;
        uint256 nonce;
        uint256 deadline;
    }

    /// @notice Makes an order void, as far as it has not settled.
    struct OrderCancellationIntent {
        address account;
        uint256 batchId;
        /// @dev The nonce of the order.
        uint32 orderNonce;
        /// @dev The nonce of this intent.
        uint256 nonce;
        uint256 deadline;
    }

    /// @notice Makes all orders of the account void whose nonce is lower.
    struct MassCancellationIntent {
        address account;
        uint32 beforeNonce;
        uint256 nonce;
        uint256 deadline;
    }

    /// @notice An intent on its way: `payload` is the ABI encoding of the struct that `kind` names.
    struct SignedIntent {
        IntentKind kind;
        bytes payload;
        bytes signature;
    }

    /// @param intentHash The EIP-712 digest.
    event IntentExecuted(bytes32 indexed intentHash, address indexed account, uint256 nonce, IntentKind kind);
    /// @notice An intent of a batch failed and changed nothing; its nonce is unused. `reason` is the revert data, cut at 256 bytes.
    event IntentFailed(bytes32 indexed itemHash, uint256 index, bytes reason);
    event NonceRevoked(address indexed account, uint256 nonce);

    error IntentsExpired(uint256 deadline, uint256 timestamp);
    error IntentsNonceUsed(address account, uint256 nonce);
    error IntentsSignatureInvalid(address account);
    error IntentsTooMany(uint256 count, uint256 limit);
    error IntentsPayloadInvalid(IntentKind kind);
    /// @notice More tonnes than there can be.
    error IntentsTonnesInvalid(uint256 tonnes);
    /// @notice The transaction carries too little gas to give each intent the share promised to it.
    error IntentsGasTooLow(uint256 available, uint256 needed);
    error IntentsOnlySelf();
    error IntentsEmpty();

    function executeTransfer(TransferIntent calldata intent, bytes calldata signature) external;
    function executeRetirement(
        RetirementIntent calldata intent,
        bytes calldata signature
    ) external returns (uint256 retirementId);
    function executeCancellation(
        CancellationIntent calldata intent,
        bytes calldata signature
    ) external returns (uint256 cancellationId);
    function executeRevocation(RevocationIntent calldata intent, bytes calldata signature) external;
    function executeCashTransfer(CashTransferIntent calldata intent, bytes calldata signature) external;
    function executeRedemption(
        RedemptionIntent calldata intent,
        bytes calldata signature
    ) external returns (uint256 redemptionId);
    function executeExchangeWithdrawal(ExchangeWithdrawalIntent calldata intent, bytes calldata signature) external;
    function executeOrderCancellation(OrderCancellationIntent calldata intent, bytes calldata signature) external;
    function executeMassCancellation(MassCancellationIntent calldata intent, bytes calldata signature) external;

    /// @notice Executes many, each isolated from its neighbours: one that fails emits `IntentFailed` and changes nothing.
    /// @param gasPerIntent What each is granted, and the most that it may use. The whole call reverts when at any item less is left.
    /// @dev Anyone may call with anybody's intents and too little gas: `IntentFailed` says nothing about other transactions.
    /// @return executed One flag per item, in order.
    function executeBatch(
        SignedIntent[] calldata items,
        uint256 gasPerIntent
    ) external returns (bool[] memory executed);

    /// @notice Executes one item; only this contract may call, from `executeBatch`.
    function executeOne(SignedIntent calldata item) external;

    /// @notice Makes a nonce of the caller void, without a signature.
    function revoke(uint256 nonce) external;

    function isNonceUsed(address account, uint256 nonce) external view returns (bool);
    function hashTransfer(TransferIntent calldata intent) external view returns (bytes32);
    function hashRetirement(RetirementIntent calldata intent) external view returns (bytes32);
    function hashCancellation(CancellationIntent calldata intent) external view returns (bytes32);
    function hashRevocation(RevocationIntent calldata intent) external view returns (bytes32);
    function hashCashTransfer(CashTransferIntent calldata intent) external view returns (bytes32);
    function hashRedemption(RedemptionIntent calldata intent) external view returns (bytes32);
    function hashExchangeWithdrawal(ExchangeWithdrawalIntent calldata intent) external view returns (bytes32);
    function hashOrderCancellation(OrderCancellationIntent calldata intent) external view returns (bytes32);
    function hashMassCancellation(MassCancellationIntent calldata intent) external view returns (bytes32);
    function MAX_BATCH() external view returns (uint256);
}
