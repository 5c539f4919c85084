// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IntentDigests} from "./IntentDigests.sol";
import {IExchange} from "./interfaces/IExchange.sol";
import {IIntents} from "./interfaces/IIntents.sol";
import {IRetirements} from "./interfaces/IRetirements.sol";
import {ISettlementCash} from "./interfaces/ISettlementCash.sol";
import {IUnits} from "./interfaces/IUnits.sol";
import {IntentHashes} from "./libraries/IntentHashes.sol";
import {Signatures} from "./libraries/Signatures.sol";

/// @title What a holder signed
/// @dev Trusts nobody: not the relayer, who chooses only order, time and gas; not the signer's wallet and not the receiver of units,
/// which may be contracts and run inside an item. What a holder may do is for `Units`, `Retirements`, `SettlementCash` and `Exchange` to say.
contract Intents is IntentDigests {
    using IntentHashes for *;

    /// @inheritdoc IIntents
    uint256 public constant MAX_BATCH = 200;

    /// @dev Much more than what is spent between the gas check and the call of an item, the call's own cost included.
    uint256 private constant CALL_OVERHEAD_GAS = 1000;
    uint256 private constant MAX_REASON_BYTES = 256;
    /// @dev What a payload holds at least: where its struct starts, and the head of the struct.
    uint256 private constant TRANSFER_PAYLOAD_BYTES = 8 * 32;
    uint256 private constant ORDER_PAYLOAD_BYTES = 5 * 32;
    /// @dev What a payload without dynamic members is: of a revocation or a mass cancellation, and of the other kinds.
    uint256 private constant SHORT_PAYLOAD_BYTES = 4 * 32;
    uint256 private constant FLAT_PAYLOAD_BYTES = 5 * 32;

    IUnits private immutable UNITS;
    IRetirements private immutable RETIREMENTS;
    ISettlementCash private immutable CASH;
    IExchange private immutable EXCHANGE;

    /// @dev A bit per nonce: `nonce >> 8` names the word. An account that counts its nonces up pays for a new word once in 256.
    mapping(address account => mapping(uint256 wordIndex => uint256)) private _usedNonces;

    constructor(address units, address retirements, address cash, address exchange) {
        UNITS = IUnits(units);
        RETIREMENTS = IRetirements(retirements);
        CASH = ISettlementCash(cash);
        EXCHANGE = IExchange(exchange);
    }

    /// @inheritdoc IIntents
    function executeTransfer(TransferIntent calldata intent, bytes calldata signature) external {
        _transfer(intent, signature);
    }

    /// @inheritdoc IIntents
    function executeRetirement(
        RetirementIntent calldata intent,
        bytes calldata signature
    ) external returns (uint256 retirementId) {
        return _retire(intent, signature);
    }

    /// @inheritdoc IIntents
    function executeCancellation(
        CancellationIntent calldata intent,
        bytes calldata signature
    ) external returns (uint256 cancellationId) {
        return _cancel(intent, signature);
    }

    /// @inheritdoc IIntents
    function executeRevocation(RevocationIntent calldata intent, bytes calldata signature) external {
        _revoke(intent, signature);
    }

    /// @inheritdoc IIntents
    function executeCashTransfer(CashTransferIntent calldata intent, bytes calldata signature) external {
        _transferCash(intent, signature);
    }

    /// @inheritdoc IIntents
    function executeRedemption(
        RedemptionIntent calldata intent,
        bytes calldata signature
    ) external returns (uint256 redemptionId) {
        return _redeem(intent, signature);
    }

    /// @inheritdoc IIntents
    function executeExchangeWithdrawal(ExchangeWithdrawalIntent calldata intent, bytes calldata signature) external {
        _withdraw(intent, signature);
    }

    /// @inheritdoc IIntents
    function executeOrderCancellation(OrderCancellationIntent calldata intent, bytes calldata signature) external {
        _cancelOrder(intent, signature);
    }

    /// @inheritdoc IIntents
    function executeMassCancellation(MassCancellationIntent calldata intent, bytes calldata signature) external {
        _cancelOrdersBefore(intent, signature);
    }

    /// @inheritdoc IIntents
    function executeBatch(
        SignedIntent[] calldata items,
        uint256 gasPerIntent
    ) external returns (bool[] memory executed) {
        uint256 count = items.length;
        if (count == 0) revert IntentsEmpty();
        if (count > MAX_BATCH) revert IntentsTooMany(count, MAX_BATCH);

        executed = new bool[](count);
        for (uint256 i = 0; i < count; ++i) {
            SignedIntent calldata item = items[i];
            (bool success, bytes memory reason) = _tryExecute(item, gasPerIntent);
            if (success) executed[i] = true;
            else emit IntentFailed(keccak256(bytes.concat(item.payload, item.signature)), i, reason);
        }
    }

    /// @inheritdoc IIntents
    /// @dev The payload is read where it lies in the calldata. Of its layout only the first offset is checked here; the ABI decoder
    /// checks the rest against the end of the calldata. Reading past the payload is harmless: the signer signed what is read.
    function executeOne(SignedIntent calldata item) external {
        if (msg.sender != address(this)) revert IntentsOnlySelf();

        IntentKind kind = item.kind;
        bytes calldata payload = item.payload;
        if (kind == IntentKind.Transfer) {
            TransferIntent calldata transferIntent;
            uint256 position = _structPosition(kind, payload, TRANSFER_PAYLOAD_BYTES);
            assembly ("memory-safe") {
                transferIntent := position
            }
            _transfer(transferIntent, item.signature);
        } else if (kind == IntentKind.Retirement) {
            RetirementIntent calldata retirementIntent;
            uint256 position = _structPosition(kind, payload, ORDER_PAYLOAD_BYTES);
            assembly ("memory-safe") {
                retirementIntent := position
            }
            _retire(retirementIntent, item.signature);
        } else if (kind == IntentKind.Cancellation) {
            CancellationIntent calldata cancellationIntent;
            uint256 position = _structPosition(kind, payload, ORDER_PAYLOAD_BYTES);
            assembly ("memory-safe") {
                cancellationIntent := position
            }
            _cancel(cancellationIntent, item.signature);
        } else {
            _executeFlat(kind, payload, item.signature);
        }
    }

    /// @inheritdoc IIntents
    function revoke(uint256 nonce) external {
        _useNonce(msg.sender, nonce);
        emit NonceRevoked(msg.sender, nonce);
    }

    /// @inheritdoc IIntents
    function isNonceUsed(address account, uint256 nonce) external view returns (bool) {
        return _usedNonces[account][nonce >> 8] & (1 << (nonce & 0xff)) != 0;
    }

    /// @dev The kinds whose structs have no dynamic member: the payload is the struct.
    function _executeFlat(IntentKind kind, bytes calldata payload, bytes calldata signature) private {
        bool isShort = kind == IntentKind.Revocation || kind == IntentKind.MassCancellation;
        if (payload.length != (isShort ? SHORT_PAYLOAD_BYTES : FLAT_PAYLOAD_BYTES)) revert IntentsPayloadInvalid(kind);

        if (kind == IntentKind.Revocation) {
            RevocationIntent calldata revocation;
            assembly ("memory-safe") {
                revocation := payload.offset
            }
            _revoke(revocation, signature);
        } else if (kind == IntentKind.CashTransfer) {
            CashTransferIntent calldata cashTransfer;
            assembly ("memory-safe") {
                cashTransfer := payload.offset
            }
            _transferCash(cashTransfer, signature);
        } else if (kind == IntentKind.Redemption) {
            RedemptionIntent calldata redemption;
            assembly ("memory-safe") {
                redemption := payload.offset
            }
            _redeem(redemption, signature);
        } else if (kind == IntentKind.ExchangeWithdrawal) {
            ExchangeWithdrawalIntent calldata exchangeWithdrawal;
            assembly ("memory-safe") {
                exchangeWithdrawal := payload.offset
            }
            _withdraw(exchangeWithdrawal, signature);
        } else if (kind == IntentKind.OrderCancellation) {
            OrderCancellationIntent calldata orderCancellation;
            assembly ("memory-safe") {
                orderCancellation := payload.offset
            }
            _cancelOrder(orderCancellation, signature);
        } else {
            MassCancellationIntent calldata massCancellation;
            assembly ("memory-safe") {
                massCancellation := payload.offset
            }
            _cancelOrdersBefore(massCancellation, signature);
        }
    }

    function _transfer(TransferIntent calldata intent, bytes calldata signature) private {
        bytes32 intentHash = _hashTypedDataV4(intent.hash());
        _authorise(intentHash, intent.account, intent.nonce, intent.deadline, signature);
        emit IntentExecuted(intentHash, intent.account, intent.nonce, IntentKind.Transfer);

        UNITS.transfer(intent.account, intent.to, intent.batchId, intent.tonnes, intent.blocks);
    }

    function _retire(RetirementIntent calldata intent, bytes calldata signature) private returns (uint256) {
        bytes32 intentHash = _hashTypedDataV4(intent.hash());
        _authorise(intentHash, intent.account, intent.nonce, intent.deadline, signature);
        emit IntentExecuted(intentHash, intent.account, intent.nonce, IntentKind.Retirement);

        return RETIREMENTS.retire(intent.account, intent.order);
    }

    function _cancel(CancellationIntent calldata intent, bytes calldata signature) private returns (uint256) {
        bytes32 intentHash = _hashTypedDataV4(intent.hash());
        _authorise(intentHash, intent.account, intent.nonce, intent.deadline, signature);
        emit IntentExecuted(intentHash, intent.account, intent.nonce, IntentKind.Cancellation);

        return RETIREMENTS.cancel(intent.account, intent.order);
    }

    /// @dev Uses up both nonces. What was executed cannot be revoked, and an intent cannot revoke itself.
    function _revoke(RevocationIntent calldata intent, bytes calldata signature) private {
        bytes32 intentHash = _hashTypedDataV4(intent.hash());
        _authorise(intentHash, intent.account, intent.nonce, intent.deadline, signature);
        _useNonce(intent.account, intent.revokedNonce);

        emit NonceRevoked(intent.account, intent.revokedNonce);
        emit IntentExecuted(intentHash, intent.account, intent.nonce, IntentKind.Revocation);
    }

    function _transferCash(CashTransferIntent calldata intent, bytes calldata signature) private {
        bytes32 intentHash = _hashTypedDataV4(intent.hash());
        _authorise(intentHash, intent.account, intent.nonce, intent.deadline, signature);
        emit IntentExecuted(intentHash, intent.account, intent.nonce, IntentKind.CashTransfer);

        CASH.transferFor(intent.account, intent.to, intent.amount);
    }

    function _redeem(RedemptionIntent calldata intent, bytes calldata signature) private returns (uint256) {
        bytes32 intentHash = _hashTypedDataV4(intent.hash());
        _authorise(intentHash, intent.account, intent.nonce, intent.deadline, signature);
        emit IntentExecuted(intentHash, intent.account, intent.nonce, IntentKind.Redemption);

        return CASH.requestRedemption(intent.account, intent.amount, intent.payoutHash);
    }

    function _withdraw(ExchangeWithdrawalIntent calldata intent, bytes calldata signature) private {
        bytes32 intentHash = _hashTypedDataV4(intent.hash());
        _authorise(intentHash, intent.account, intent.nonce, intent.deadline, signature);
        emit IntentExecuted(intentHash, intent.account, intent.nonce, IntentKind.ExchangeWithdrawal);

        if (intent.batchId == 0) {
            EXCHANGE.requestCashWithdrawal(intent.account, intent.amount);
        } else {
            if (intent.amount > type(uint64).max) revert IntentsTonnesInvalid(intent.amount);
            EXCHANGE.requestWithdrawal(intent.account, intent.batchId, uint64(intent.amount));
        }
    }

    function _cancelOrder(OrderCancellationIntent calldata intent, bytes calldata signature) private {
        bytes32 intentHash = _hashTypedDataV4(intent.hash());
        _authorise(intentHash, intent.account, intent.nonce, intent.deadline, signature);
        emit IntentExecuted(intentHash, intent.account, intent.nonce, IntentKind.OrderCancellation);

        EXCHANGE.cancelOrder(intent.account, intent.batchId, intent.orderNonce);
    }

    function _cancelOrdersBefore(MassCancellationIntent calldata intent, bytes calldata signature) private {
        bytes32 intentHash = _hashTypedDataV4(intent.hash());
        _authorise(intentHash, intent.account, intent.nonce, intent.deadline, signature);
        emit IntentExecuted(intentHash, intent.account, intent.nonce, IntentKind.MassCancellation);

        EXCHANGE.cancelOrdersBefore(intent.account, intent.beforeNonce);
    }

    /// @dev The nonce is used up before anything else runs, so that neither a wallet nor a receiver can execute the intent again.
    function _authorise(
        bytes32 intentHash,
        address account,
        uint256 nonce,
        uint256 deadline,
        bytes calldata signature
    ) private {
        if (block.timestamp > deadline) revert IntentsExpired(deadline, block.timestamp);
        _useNonce(account, nonce);
        if (!Signatures.isValid(account, intentHash, signature)) revert IntentsSignatureInvalid(account);
    }

    function _useNonce(address account, uint256 nonce) private {
        mapping(uint256 => uint256) storage words = _usedNonces[account];
        uint256 word = words[nonce >> 8];
        uint256 bit = 1 << (nonce & 0xff);
        if (word & bit != 0) revert IntentsNonceUsed(account, nonce);

        words[nonce >> 8] = word | bit;
    }

    /// @dev Calls `executeOne` with exactly `gasPerIntent`. A call is granted at most 63/64 of the gas left, silently less than asked for:
    /// hence the check, without which a relayer could starve an item. Written by hand because `try` copies all the revert data, which an
    /// item can make as long as its gas allows.
    /// @return success Whether the item was executed.
    /// @return reason Otherwise the revert data, cut.
    function _tryExecute(
        SignedIntent calldata item,
        uint256 gasPerIntent
    ) private returns (bool success, bytes memory reason) {
        bytes memory data = _encodeCall(item);

        uint256 available = gasleft();
        if (gasPerIntent > available || available - available / 64 < gasPerIntent + CALL_OVERHEAD_GAS) {
            revert IntentsGasTooLow(available, gasPerIntent);
        }

        assembly ("memory-safe") {
            success := call(gasPerIntent, address(), 0, add(data, 0x20), mload(data), 0, 0)

            // The memory of `data` is given back, so that no item pays for those before it. Only a reason stays.
            mstore(0x40, data)
            if iszero(success) {
                let size := returndatasize()
                if gt(size, MAX_REASON_BYTES) {
                    size := MAX_REASON_BYTES
                }
                reason := data
                mstore(reason, size)
                returndatacopy(add(reason, 0x20), 0, size)
                mstore(0x40, add(reason, and(add(size, 63), not(31))))
            }
        }
    }

    /// @dev `abi.encodeCall(executeOne, item)`, from calldata with nothing to decode between. An unknown `kind` therefore fails the item,
    /// in `executeOne`, not the batch.
    function _encodeCall(SignedIntent calldata item) private pure returns (bytes memory data) {
        bytes calldata payload = item.payload;
        bytes calldata signature = item.signature;
        bytes4 selector = IIntents.executeOne.selector;
        assembly ("memory-safe") {
            data := mload(0x40)
            let position := add(data, 0x20)
            let payloadPadded := and(add(payload.length, 31), not(31))
            let signaturePadded := and(add(signature.length, 31), not(31))
            let tail := add(position, add(0xa4, payloadPadded))

            mstore(position, selector)
            mstore(add(position, 0x04), 0x20) // where the item starts
            mstore(add(position, 0x24), calldataload(item)) // kind
            mstore(add(position, 0x44), 0x60) // where the payload starts
            mstore(add(position, 0x64), add(0x80, payloadPadded)) // where the signature starts

            // The last word first, as padding; then what may overwrite it.
            mstore(add(add(position, 0x84), payloadPadded), 0)
            mstore(add(position, 0x84), payload.length)
            calldatacopy(add(position, 0xa4), payload.offset, payload.length)

            mstore(add(tail, signaturePadded), 0)
            mstore(tail, signature.length)
            calldatacopy(add(tail, 0x20), signature.offset, signature.length)

            let length := add(add(0xc4, payloadPadded), signaturePadded)
            mstore(data, length)
            mstore(0x40, add(position, and(add(length, 31), not(31))))
        }
    }

    /// @dev Where in the calldata the struct lies that the payload encodes: an offset, always one word, then the struct.
    function _structPosition(
        IntentKind kind,
        bytes calldata payload,
        uint256 minimum
    ) private pure returns (uint256 position) {
        if (payload.length < minimum || uint256(bytes32(payload[:32])) != 32) revert IntentsPayloadInvalid(kind);
        assembly ("memory-safe") {
            position := add(payload.offset, 32)
        }
    }
}
