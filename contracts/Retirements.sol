// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {ERC721} from "@openzeppelin/contracts/token/ERC721/ERC721.sol";
import {IERC5192} from "./interfaces/IERC5192.sol";
import {IParticipants} from "./interfaces/IParticipants.sol";
import {IRegistry} from "./interfaces/IRegistry.sol";
import {IRetirements} from "./interfaces/IRetirements.sol";
import {IUnits} from "./interfaces/IUnits.sol";

/// @title What is gone for good
/// @dev For storage proofs (`eth_getProof`): `_retirementHashes` is the mapping at slot 8 and `_cancellationHashes` the one at
/// slot 9, so that the hash of retirement `n` lies at keccak256(abi.encode(n, 8)). A test holds these numbers to the layout.
contract Retirements is IRetirements, IERC5192, ERC721, AccessManaged {
    uint256 private constant MAX_BENEFICIARY_BYTES = 200;
    uint256 private constant MAX_BENEFICIARY_ID_BYTES = 40;
    uint256 private constant MAX_REASON_BYTES = 200;
    uint256 private constant MAX_DETAILS_BYTES = 1000;
    uint256 private constant MAX_BASE_URI_BYTES = 200;

    IParticipants private immutable PARTICIPANTS;
    IRegistry private immutable REGISTRY;
    IUnits private immutable UNITS;
    address private immutable INTENTS;

    /// @dev Both counts share a slot. Numbers run from 1, so that a count is also the last number given.
    uint128 private _retirementCount;
    uint128 private _cancellationCount;
    mapping(uint256 retirementId => bytes32) private _retirementHashes;
    mapping(uint256 cancellationId => bytes32) private _cancellationHashes;
    string private _baseUri;

    constructor(
        address authority,
        address participants,
        address registry,
        address units,
        address intents,
        string memory baseUri
    ) ERC721("Carbon Retirement Certificate", "RETIRED") AccessManaged(authority) {
        PARTICIPANTS = IParticipants(participants);
        REGISTRY = IRegistry(registry);
        UNITS = IUnits(units);
        INTENTS = intents;

        _setBaseUri(baseUri);
    }

    /// @inheritdoc IRetirements
    function retire(address account, RetirementOrder calldata order) external returns (uint256 retirementId) {
        _checkCaller(account);
        _checkOrder(order);

        retirementId = ++_retirementCount;
        RetirementOrder memory record = order;

        // The record needs the serials that went, so the burn comes before the hash. `Units` calls nobody back when it burns.
        record.blocks = UNITS.burn(account, order.batchId, order.tonnes, order.blocks, false);

        uint32 participantId = PARTICIPANTS.participantOf(account);
        uint64 retiredAt = uint64(block.timestamp);

        _retirementHashes[retirementId] = keccak256(
            abi.encode(retirementId, account, participantId, retiredAt, record)
        );
        emit Retired(retirementId, account, order.batchId, participantId, retiredAt, record);

        // Not `_safeMint`: a certificate never moves, so it cannot be stuck with a holder that does not know ERC-721, and a wallet
        // contract must be able to retire without being called back in the middle of it.
        _mint(account, retirementId);
        emit Locked(retirementId);
    }

    /// @inheritdoc IRetirements
    function cancel(address account, CancellationOrder calldata order) external returns (uint256 cancellationId) {
        _checkCaller(account);
        _checkLength(order.details, MAX_DETAILS_BYTES);

        cancellationId = ++_cancellationCount;
        CancellationOrder memory record = order;

        record.blocks = UNITS.burn(account, order.batchId, order.tonnes, order.blocks, true);

        uint32 participantId = PARTICIPANTS.participantOf(account);
        uint64 cancelledAt = uint64(block.timestamp);

        _cancellationHashes[cancellationId] = keccak256(
            abi.encode(cancellationId, account, participantId, cancelledAt, record)
        );
        emit Cancelled(cancellationId, account, order.batchId, participantId, cancelledAt, record);
    }

    /// @inheritdoc IRetirements
    function setBaseUri(string calldata baseUri) external restricted {
        _setBaseUri(baseUri);
    }

    /// @dev An approval of what cannot move would only mislead.
    function approve(address, uint256 retirementId) public pure override {
        revert RetirementsCertificateLocked(retirementId);
    }

    /// @dev Names no certificate, hence the zero: no retirement has that number.
    function setApprovalForAll(address, bool) public pure override {
        revert RetirementsCertificateLocked(0);
    }

    /// @inheritdoc IRetirements
    function retirementHash(uint256 retirementId) external view returns (bytes32 recordHash) {
        recordHash = _retirementHashes[retirementId];
        if (recordHash == 0) revert RetirementsUnknown(retirementId);
    }

    /// @inheritdoc IRetirements
    function cancellationHash(uint256 cancellationId) external view returns (bytes32 recordHash) {
        recordHash = _cancellationHashes[cancellationId];
        if (recordHash == 0) revert RetirementsUnknown(cancellationId);
    }

    /// @inheritdoc IRetirements
    function retirementCount() external view returns (uint256) {
        return _retirementCount;
    }

    /// @inheritdoc IRetirements
    function cancellationCount() external view returns (uint256) {
        return _cancellationCount;
    }

    /// @inheritdoc IERC5192
    function locked(uint256 retirementId) external view returns (bool) {
        _requireOwned(retirementId);
        return true;
    }

    function supportsInterface(bytes4 interfaceId) public view override returns (bool) {
        return interfaceId == type(IERC5192).interfaceId || super.supportsInterface(interfaceId);
    }

    function _baseURI() internal view override returns (string memory) {
        return _baseUri;
    }

    /// @dev What every transfer and every mint comes to. A certificate belongs to the account that retired, for ever.
    function _update(address to, uint256 retirementId, address caller) internal override returns (address) {
        if (_ownerOf(retirementId) != address(0)) revert RetirementsCertificateLocked(retirementId);
        return super._update(to, retirementId, caller);
    }

    function _setBaseUri(string memory baseUri) private {
        uint256 length = bytes(baseUri).length;
        if (length == 0 || length > MAX_BASE_URI_BYTES) revert RetirementsBaseUriInvalid();

        _baseUri = baseUri;
        emit BaseUriChanged(baseUri);
    }

    function _checkCaller(address account) private view {
        if (msg.sender != account && msg.sender != INTENTS) revert RetirementsCallerNotAllowed(msg.sender, account);
        if (!PARTICIPANTS.isActive(account)) revert RetirementsAccountNotActive(account);
    }

    /// @dev Whether the units are there is for `Units` to say; unknown purposes do not pass the ABI decoder.
    function _checkOrder(RetirementOrder calldata order) private view {
        bool named = bytes(order.beneficiary).length != 0;
        bool committed = order.beneficiaryCommitment != 0;
        // The tax code of a natural person is as personal as the name.
        if (named == committed || (committed && bytes(order.beneficiaryId).length != 0)) {
            revert RetirementsBeneficiaryInvalid();
        }

        _checkLength(order.beneficiary, MAX_BENEFICIARY_BYTES);
        _checkLength(order.beneficiaryId, MAX_BENEFICIARY_ID_BYTES);
        _checkLength(order.reason, MAX_REASON_BYTES);
        _checkLength(order.details, MAX_DETAILS_BYTES);

        bytes2 country = order.consumptionCountry;
        if (country != 0 && !(_isCapital(country[0]) && _isCapital(country[1]))) {
            revert RetirementsCountryInvalid(country);
        }

        uint32 start = order.consumptionPeriodStart;
        uint32 end = order.consumptionPeriodEnd;
        if ((start == 0) != (end == 0) || start > end) revert RetirementsPeriodInvalid(start, end);

        if (order.purpose == Purpose.Corsia && !REGISTRY.isCorsiaEligible(order.batchId)) {
            revert RetirementsNotCorsiaEligible(order.batchId);
        }
    }

    function _checkLength(string calldata text, uint256 limit) private pure {
        uint256 length = bytes(text).length;
        if (length > limit) revert RetirementsTextTooLong(length, limit);
    }

    function _isCapital(bytes1 letter) private pure returns (bool) {
        return letter >= "A" && letter <= "Z";
    }
}
