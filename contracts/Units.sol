// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {ERC1155} from "@openzeppelin/contracts/token/ERC1155/ERC1155.sol";
import {IERC1155} from "@openzeppelin/contracts/token/ERC1155/IERC1155.sol";
import {ERC1155Utils} from "@openzeppelin/contracts/token/ERC1155/utils/ERC1155Utils.sol";
import {IERC165} from "@openzeppelin/contracts/utils/introspection/IERC165.sol";

import {Holdings} from "./Holdings.sol";
import {IERC7943MultiToken} from "./interfaces/IERC7943MultiToken.sol";
import {IParticipants} from "./interfaces/IParticipants.sol";
import {IUnits} from "./interfaces/IUnits.sol";
import {SerialBlock} from "./libraries/SerialBlock.sol";
import {SerialBlocks} from "./libraries/SerialBlocks.sol";
import {ShortCode} from "./libraries/ShortCode.sol";

/// @title Units
/// @dev The serial blocks are the only record of who holds what: the base contract's own balances stay empty, and `_update` and
/// `balanceOf` work on the blocks. Serial numbers are kept in 40 bits: a batch has at most 2^40 - 1 tonnes.
contract Units is Holdings, ERC1155, AccessManaged {
    using SerialBlocks for SerialBlocks.Holding;

    /// @dev What is held is the rest: issued - retired - cancelled.
    struct Batch {
        uint64 issuedTonnes;
        uint64 retiredTonnes;
        uint64 cancelledTonnes;
        bool paused;
    }

    IParticipants private immutable PARTICIPANTS;
    address private immutable REGISTRY;
    address private immutable RETIREMENTS;
    address private immutable INTENTS;
    /// @dev Holds what firms deposited with it, for them: no participant, but units may come to it and leave it.
    address private immutable EXCHANGE;

    bool private _paused;
    mapping(uint256 batchId => Batch) private _batches;

    /// @param baseUri Where batches are described: `uri` is this followed by the batch code.
    constructor(
        address authority,
        address participants,
        address registry,
        address retirements,
        address intents,
        address exchange,
        string memory baseUri
    ) ERC1155(baseUri) AccessManaged(authority) {
        PARTICIPANTS = IParticipants(participants);
        REGISTRY = registry;
        RETIREMENTS = retirements;
        INTENTS = intents;
        EXCHANGE = exchange;
    }

    /// @inheritdoc IUnits
    function transfer(
        address from,
        address to,
        uint256 batchId,
        uint256 tonnes,
        SerialBlock[] calldata blocks
    ) external {
        _checkCaller(from);
        _checkRunning(batchId);
        _checkActive(from, to);
        SerialBlocks.Holding storage holding = _holdingOf(from, batchId);
        _checkUnfrozen(holding, from, batchId, tonnes);

        uint256[] memory taken = _take(holding, from, batchId, tonnes, blocks);
        _holdingOf(to, batchId).put(taken);

        _emitMove(from, to, batchId, tonnes, taken);

        _checkAccepted(from, to, batchId, tonnes);
    }

    /// @inheritdoc IUnits
    function issue(
        uint256 batchId,
        address recipient,
        uint64 tonnes,
        address bufferAccount,
        uint64 bufferTonnes
    ) external {
        if (msg.sender != REGISTRY) revert UnitsCallerNotAllowed(msg.sender, recipient);
        _checkRunning(batchId);
        Batch storage batch = _batches[batchId];
        if (batch.issuedTonnes != 0) revert UnitsBatchExists(batchId);
        if (tonnes == 0) revert UnitsAmountZero(batchId);
        if (tonnes > SerialBlocks.MAX_SERIAL) revert UnitsBlockInvalid(1, tonnes);
        if (bufferTonnes > tonnes) revert UnitsTonnesMismatch(tonnes, bufferTonnes);

        uint64 recipientTonnes = tonnes - bufferTonnes;
        batch.issuedTonnes = tonnes;
        if (recipientTonnes != 0) _create(recipient, batchId, 1, recipientTonnes);
        if (bufferTonnes != 0) _create(bufferAccount, batchId, recipientTonnes + 1, tonnes);

        if (recipientTonnes != 0) _checkAccepted(address(0), recipient, batchId, recipientTonnes);
        if (bufferTonnes != 0) _checkAccepted(address(0), bufferAccount, batchId, bufferTonnes);
    }

    /// @inheritdoc IUnits
    /// @dev Whether `from` is active is not asked again: the retirements contract needs the holder's participant for the record anyway.
    function burn(
        address from,
        uint256 batchId,
        uint256 tonnes,
        SerialBlock[] calldata blocks,
        bool cancelled
    ) external returns (SerialBlock[] memory taken) {
        if (msg.sender != RETIREMENTS) revert UnitsCallerNotAllowed(msg.sender, from);
        _checkRunning(batchId);
        SerialBlocks.Holding storage holding = _holdingOf(from, batchId);
        _checkUnfrozen(holding, from, batchId, tonnes);

        uint256[] memory packed = _take(holding, from, batchId, tonnes, blocks);
        // No holder has more than 2^40 - 1 tonnes of a batch, so the amount fits.
        if (cancelled) _batches[batchId].cancelledTonnes += uint64(tonnes);
        else _batches[batchId].retiredTonnes += uint64(tonnes);

        taken = SerialBlocks.unpackAll(packed);
        emit TransferSingle(msg.sender, from, address(0), batchId, tonnes);
        emit BlocksMoved(batchId, from, address(0), taken);
    }

    /// @inheritdoc IERC7943MultiToken
    /// @dev Role: ENFORCEMENT. The sender need not be active; what is frozen is freed as far as the amount asks for it. What the exchange
    /// holds belongs to many and is owed to them, one by one: nothing of it is taken.
    function forcedTransfer(
        address from,
        address to,
        uint256 batchId,
        uint256 tonnes
    ) external restricted returns (bool) {
        if (from == EXCHANGE) revert ERC7943CannotSend(from);
        _checkOwner(to);
        SerialBlocks.Holding storage holding = _holdingOf(from, batchId);
        (uint256 balance, ) = _checkBalance(holding, from, batchId, tonnes);

        uint256 frozen = getFrozenTokens(from, batchId);
        uint256 unfrozen = balance > frozen ? balance - frozen : 0;
        if (tonnes > unfrozen) _setFrozen(from, batchId, frozen - (tonnes - unfrozen));
        uint256[] memory taken = _takeAny(holding, tonnes);
        _holdingOf(to, batchId).put(taken);

        _emitMove(from, to, batchId, tonnes, taken);
        emit ForcedTransfer(from, to, batchId, tonnes);

        _checkAccepted(from, to, batchId, tonnes);
        return true;
    }

    /// @inheritdoc IERC7943MultiToken
    /// @dev Role: COMPLIANCE_OFFICER. Accounts and batches that do not exist yet may be frozen in advance.
    function setFrozenTokens(address account, uint256 batchId, uint256 tonnes) external restricted returns (bool) {
        if (account == address(0) || account == EXCHANGE) revert ERC7943CannotSend(account);

        _setFrozen(account, batchId, tonnes);
        return true;
    }

    /// @inheritdoc IUnits
    /// @dev The exchange is never a lost account, whatever the officers wrote down about its address.
    function recover(address lostAccount, uint256 batchId) external restricted returns (uint256 movedTonnes) {
        if (
            lostAccount == EXCHANGE || PARTICIPANTS.accountStatus(lostAccount) != IParticipants.AccountStatus.Replaced
        ) {
            revert UnitsNotReplaced(lostAccount);
        }
        address newAccount = PARTICIPANTS.successorOf(lostAccount);
        _checkOwner(newAccount);
        SerialBlocks.Holding storage holding = _holdingOf(lostAccount, batchId);
        uint256 balance = holding.tonnes();
        uint256 frozen = getFrozenTokens(lostAccount, batchId);
        if (balance == 0 && frozen == 0) revert UnitsAmountZero(batchId);

        if (frozen != 0) _carryFrozen(lostAccount, newAccount, batchId, frozen);
        (uint256[] memory taken, uint256 missing) = holding.takeAny(balance, MAX_BLOCKS);
        movedTonnes = balance - missing;
        _holdingOf(newAccount, batchId).put(taken);

        if (movedTonnes != 0) _emitMove(lostAccount, newAccount, batchId, movedTonnes, taken);
        emit Recovered(lostAccount, newAccount, batchId, movedTonnes);

        if (movedTonnes != 0) _checkAccepted(lostAccount, newAccount, batchId, movedTonnes);
    }

    /// @inheritdoc IUnits
    function pause() external restricted {
        if (_paused) revert UnitsPaused();

        _paused = true;

        emit Paused(msg.sender);
    }

    /// @inheritdoc IUnits
    function unpause() external restricted {
        if (!_paused) revert UnitsNotPaused();

        _paused = false;

        emit Unpaused(msg.sender);
    }

    /// @inheritdoc IUnits
    /// @dev A batch may be stopped before it is issued.
    function pauseBatch(uint256 batchId) external restricted {
        if (_batches[batchId].paused) revert UnitsBatchPaused(batchId);

        _batches[batchId].paused = true;

        emit BatchPaused(batchId, msg.sender);
    }

    /// @inheritdoc IUnits
    function unpauseBatch(uint256 batchId) external restricted {
        if (!_batches[batchId].paused) revert UnitsNotPaused();

        _batches[batchId].paused = false;

        emit BatchUnpaused(batchId, msg.sender);
    }

    /// @inheritdoc IERC7943MultiToken
    /// @dev Asks for the rules that need a privileged actor, and for the unfrozen amount. Not for the number of blocks: see `MAX_BLOCKS`.
    function canTransfer(address from, address to, uint256 batchId, uint256 tonnes) external view returns (bool) {
        if (_paused || _batches[batchId].paused) return false;
        (bool fromActive, bool toActive) = _areActive(from, to);
        if (!fromActive || !toActive) return false;

        uint256 balance = balanceOf(from, batchId);
        uint256 frozen = getFrozenTokens(from, batchId);
        return frozen <= balance && tonnes <= balance - frozen;
    }

    /// @inheritdoc IERC7943MultiToken
    function canSend(address account) external view returns (bool) {
        return account == EXCHANGE || PARTICIPANTS.isActive(account);
    }

    /// @inheritdoc IERC7943MultiToken
    function canReceive(address account) external view returns (bool) {
        return account == EXCHANGE || PARTICIPANTS.isActive(account);
    }

    /// @inheritdoc IUnits
    function paused() external view returns (bool) {
        return _paused;
    }

    /// @inheritdoc IUnits
    function batchPaused(uint256 batchId) external view returns (bool) {
        return _batches[batchId].paused;
    }

    /// @inheritdoc IUnits
    function totals(uint256 batchId) external view returns (Totals memory) {
        Batch memory batch = _batches[batchId];
        return
            Totals({
                issuedTonnes: batch.issuedTonnes,
                heldTonnes: batch.issuedTonnes - batch.retiredTonnes - batch.cancelledTonnes,
                retiredTonnes: batch.retiredTonnes,
                cancelledTonnes: batch.cancelledTonnes
            });
    }

    /// @inheritdoc IERC1155
    function balanceOf(address account, uint256 batchId) public view override(ERC1155, IERC1155) returns (uint256) {
        return _holdingOf(account, batchId).tonnes();
    }

    /// @notice The base URI followed by the batch code.
    function uri(uint256 batchId) public view override returns (string memory) {
        return string.concat(super.uri(batchId), ShortCode.toText(bytes32(batchId)));
    }

    /// @inheritdoc IERC165
    function supportsInterface(bytes4 interfaceId) public view override(ERC1155, IERC165) returns (bool) {
        return
            interfaceId == type(IUnits).interfaceId ||
            interfaceId == type(IERC7943MultiToken).interfaceId ||
            super.supportsInterface(interfaceId);
    }

    /// @dev The way of `safeTransferFrom` and `safeBatchTransferFrom`; nothing else comes here. The base contract then asks the
    /// receiver, when all is written.
    function _update(address from, address to, uint256[] memory batchIds, uint256[] memory amounts) internal override {
        if (batchIds.length != amounts.length) revert ERC1155InvalidArrayLength(batchIds.length, amounts.length);
        _checkActive(from, to);

        uint256[][] memory taken = new uint256[][](batchIds.length);
        for (uint256 i; i < batchIds.length; ++i) {
            _checkRunning(batchIds[i]);
            SerialBlocks.Holding storage holding = _holdingOf(from, batchIds[i]);
            _checkUnfrozen(holding, from, batchIds[i], amounts[i]);

            taken[i] = _takeAny(holding, amounts[i]);
            _holdingOf(to, batchIds[i]).put(taken[i]);
        }

        if (batchIds.length == 1) emit TransferSingle(msg.sender, from, to, batchIds[0], amounts[0]);
        else emit TransferBatch(msg.sender, from, to, batchIds, amounts);
        for (uint256 i; i < batchIds.length; ++i) {
            emit BlocksMoved(batchIds[i], from, to, SerialBlocks.unpackAll(taken[i]));
        }
    }

    /// @dev An operator is held to the same rule as a holder: nothing moves by the will of an account that is not active.
    function _checkAuthorized(address operator, address owner) internal view override {
        super._checkAuthorized(operator, owner);
        if (operator != owner && !PARTICIPANTS.isActive(operator)) revert UnitsCallerNotAllowed(operator, owner);
    }

    function _create(address to, uint256 batchId, uint64 start, uint64 end) private {
        _checkOwner(to);

        uint256[] memory created = new uint256[](1);
        created[0] = SerialBlocks.pack(start, end);
        _holdingOf(to, batchId).put(created);

        _emitMove(address(0), to, batchId, end - start + 1, created);
    }

    /// @dev Before the units, so that nothing frozen is free between two calls of `recover`. The sum stops at the highest number.
    function _carryFrozen(address lostAccount, address newAccount, uint256 batchId, uint256 frozen) private {
        uint256 already = getFrozenTokens(newAccount, batchId);
        uint256 room = type(uint256).max - already;

        _setFrozen(lostAccount, batchId, 0);
        _setFrozen(newAccount, batchId, already + (frozen < room ? frozen : room));
    }

    function _emitMove(address from, address to, uint256 batchId, uint256 tonnes, uint256[] memory taken) private {
        emit TransferSingle(msg.sender, from, to, batchId, tonnes);
        emit BlocksMoved(batchId, from, to, SerialBlocks.unpackAll(taken));
    }

    /// @dev The receiver may call back: everything must be written and emitted before.
    function _checkAccepted(address from, address to, uint256 batchId, uint256 tonnes) private {
        ERC1155Utils.checkOnERC1155Received(msg.sender, from, to, batchId, tonnes, "");
    }

    function _checkCaller(address from) private view {
        if (msg.sender == from || msg.sender == INTENTS) return;
        if (!isApprovedForAll(from, msg.sender) || !PARTICIPANTS.isActive(msg.sender)) {
            revert UnitsCallerNotAllowed(msg.sender, from);
        }
    }

    function _checkRunning(uint256 batchId) private view {
        if (_paused) revert UnitsPaused();
        if (_batches[batchId].paused) revert UnitsBatchPaused(batchId);
    }

    function _checkActive(address from, address to) private view {
        (bool fromActive, bool toActive) = _areActive(from, to);
        if (!fromActive) revert ERC7943CannotSend(from);
        if (!toActive) revert ERC7943CannotReceive(to);
    }

    /// @dev Asks for an active participant's own account: where units go by the will of others than their owner, the exchange, which credits
    /// a deposit to whoever sent it, has no place.
    function _checkOwner(address to) private view {
        if (to == EXCHANGE || !PARTICIPANTS.isActive(to)) revert ERC7943CannotReceive(to);
    }

    function _areActive(address from, address to) private view returns (bool fromActive, bool toActive) {
        (fromActive, toActive) = PARTICIPANTS.areActive(from, to);
        fromActive = fromActive || from == EXCHANGE;
        toActive = toActive || to == EXCHANGE;
    }
}
