// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAccessManager} from "@openzeppelin/contracts/access/manager/IAccessManager.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {IRegistry} from "./interfaces/IRegistry.sol";
import {IUnits} from "./interfaces/IUnits.sol";
import {Projects} from "./Projects.sol";
import {Authorisations} from "./libraries/Authorisations.sol";
import {Calendar} from "./libraries/Calendar.sol";
import {Capabilities} from "./libraries/Capabilities.sol";
import {IntervalSet} from "./libraries/IntervalSet.sol";
import {Roles} from "./libraries/Roles.sol";
import {ShortCode} from "./libraries/ShortCode.sol";
import {Signatures} from "./libraries/Signatures.sol";

/// @title What exists
/// @dev The projects are in `Projects`. They are numbered, so that a statement and a batch each fit into one slot.
contract Registry is Projects, EIP712 {
    using IntervalSet for IntervalSet.Set;
    using ShortCode for bytes32;

    /// @dev One slot. Known when `verifiedTonnes` is not zero. A project's statements are a list, sorted by period.
    struct Statement {
        uint32 projectNumber;
        uint32 periodStart;
        uint32 periodEnd;
        uint64 verifiedTonnes;
        uint64 claimedTonnes;
        /// @dev Start of the project's following period; zero for the last.
        uint32 nextPeriodStart;
    }

    /// @dev One slot.
    struct IssuanceRecord {
        IssuanceStatus status;
        address proposer;
    }

    /// @dev One slot. `projectNumber` not zero: the code is taken. `issuedTonnes` not zero: the batch exists.
    struct BatchRecord {
        uint32 projectNumber;
        uint16 vintage;
        uint8 authorisations;
        FirstTransfer firstTransfer;
        bool authorisationRevoked;
        uint64 issuedTonnes;
    }

    bytes32 private constant STATEMENT_TYPEHASH = keccak256(
        "VerificationStatement(bytes32 projectCode,uint32 periodStart,uint32 periodEnd,uint64 verifiedTonnes,"
        "bytes32 reportHash,address verifier)"
    );
    uint16 private constant BASIS_POINTS = 10_000;
    /// @dev From this vintage on, use for CORSIA needs an authorisation for international mitigation purposes.
    uint16 private constant CORSIA_AUTHORISATION_VINTAGE = 2021;

    IUnits private immutable UNITS;

    address public bufferAccount;
    mapping(bytes32 statementId => Statement) private _statements;
    mapping(bytes32 issuanceId => IssuanceRecord) private _issuances;
    mapping(uint256 batchId => BatchRecord) private _batches;
    mapping(bytes32 programme => mapping(bytes32 series => IntervalSet.Set)) private _foreignBlocks;

    constructor(
        address authority,
        address participants,
        address units
    ) Projects(authority, participants) EIP712("CarbonRegistry", "1") {
        UNITS = IUnits(units);
    }

    /// @inheritdoc IRegistry
    /// @dev Not restricted: whoever delivers it, the verifier's signature is what counts. A statement that was recorded
    /// before overlaps itself.
    function recordStatement(
        VerificationStatement calldata given,
        bytes calldata signature,
        bytes32 previousStatementId
    ) external returns (bytes32 statementId) {
        (ProjectRecord storage entity, uint32 projectNumber) = _knownProject(given.projectCode);
        statementId = hashStatement(given);

        _checkRegistered(entity);
        require(
            given.periodStart != 0 && given.periodStart <= given.periodEnd,
            RegistryPeriodInvalid(given.periodStart, given.periodEnd)
        );
        require(given.verifiedTonnes != 0, RegistryTonnesInvalid(0));
        (bool isVerifier, ) = IAccessManager(authority()).hasRole(Roles.VERIFIER, given.verifier);
        require(isVerifier, RegistryNotVerifier(given.verifier));
        require(
            Signatures.isValid(given.verifier, statementId, signature),
            RegistryStatementSignatureInvalid(given.verifier)
        );

        uint32 nextPeriodStart = _insertPeriod(entity, projectNumber, given, previousStatementId);
        _statements[statementId] = Statement(
            projectNumber,
            given.periodStart,
            given.periodEnd,
            given.verifiedTonnes,
            0,
            nextPeriodStart
        );

        emit StatementRecorded(
            statementId,
            given.projectCode,
            given.verifier,
            given.periodStart,
            given.periodEnd,
            given.verifiedTonnes,
            given.reportHash
        );
    }

    /// @inheritdoc IRegistry
    function proposeIssuance(Issuance calldata issuance) external restricted returns (bytes32 issuanceId) {
        issuanceId = hashIssuance(issuance);
        Statement memory claimed = _statements[issuance.statementId];
        BatchRecord storage record = _batches[uint256(issuance.batchCode)];
        ProjectRecord storage entity = _projectAt(claimed.projectNumber);

        _checkCallerVisible();
        require(claimed.verifiedTonnes != 0, RegistryStatementUnknown(issuance.statementId));
        require(issuance.batchCode.isValid(), RegistryCodeInvalid(issuance.batchCode));
        require(record.projectNumber == 0, RegistryCodeTaken(issuance.batchCode));
        require(
            Calendar.yearTouches(issuance.vintage, claimed.periodStart, claimed.periodEnd),
            RegistryVintageOutsidePeriod(issuance.vintage, claimed.periodStart, claimed.periodEnd)
        );
        require(issuance.tonnes != 0, RegistryTonnesInvalid(0));
        uint64 availableTonnes = claimed.verifiedTonnes - claimed.claimedTonnes;
        require(
            issuance.tonnes <= availableTonnes,
            RegistryStatementExceeded(issuance.statementId, availableTonnes, issuance.tonnes)
        );
        _checkForeignBlock(issuance.foreignBlock, issuance.tonnes);
        _checkRegistered(entity);
        _checkRecipient(issuance.recipient, entity.ownerId);

        _statements[issuance.statementId].claimedTonnes = claimed.claimedTonnes + issuance.tonnes;
        record.projectNumber = claimed.projectNumber;
        _issuances[issuanceId] = IssuanceRecord(IssuanceStatus.Proposed, msg.sender);

        emit IssuanceProposed(issuanceId, issuance.batchCode, msg.sender, issuance);
    }

    /// @inheritdoc IRegistry
    /// @dev What cannot change between proposal and approval (statement, tonnes, vintage, codes, the recipient's owner)
    /// was checked then; what can change is checked again.
    function approveIssuance(
        Issuance calldata issuance,
        uint64 foreignHint
    ) external restricted returns (uint256 batchId) {
        bytes32 issuanceId = hashIssuance(issuance);
        batchId = uint256(issuance.batchCode);
        BatchRecord storage record = _batches[batchId];
        ProjectRecord storage entity = _projectAt(record.projectNumber);
        address proposer = _proposerOf(issuanceId);

        _checkCallerVisible();
        require(proposer != msg.sender, RegistrySameRegistrar(msg.sender));
        _checkRegistered(entity);
        require(
            PARTICIPANTS.isActive(issuance.recipient),
            RegistryRecipientInvalid(issuance.recipient, entity.ownerId)
        );
        (uint64 bufferTonnes, address buffer) = _bufferShare(issuance.tonnes, entity.bufferBasisPoints);

        _issuances[issuanceId].status = IssuanceStatus.Approved;
        record.vintage = issuance.vintage;
        record.issuedTonnes = issuance.tonnes;
        _recordForeignBlock(issuance.foreignBlock, foreignHint, batchId);

        emit IssuanceApproved(issuanceId, issuance.batchCode, msg.sender);
        emit BatchIssued(
            batchId,
            entity.code,
            issuance.statementId,
            issuance.vintage,
            issuance.tonnes,
            issuance.recipient,
            bufferTonnes,
            buffer
        );

        UNITS.issue(batchId, issuance.recipient, issuance.tonnes, buffer, bufferTonnes);
    }

    /// @inheritdoc IRegistry
    function rejectIssuance(Issuance calldata issuance, bytes32 reasonHash) external restricted {
        bytes32 issuanceId = hashIssuance(issuance);
        _proposerOf(issuanceId);

        _issuances[issuanceId].status = IssuanceStatus.Rejected;
        _statements[issuance.statementId].claimedTonnes -= issuance.tonnes;

        emit IssuanceRejected(issuanceId, issuance.batchCode, msg.sender, reasonHash);
    }

    /// @inheritdoc IRegistry
    function authoriseBatch(
        uint256 batchId,
        uint8 authorisations,
        FirstTransfer firstTransfer,
        bytes32 documentHash
    ) external restricted {
        BatchRecord storage record = _knownBatch(batchId);

        require(!record.authorisationRevoked, RegistryAuthorisationRevoked(batchId));
        bool isSubset = authorisations != 0 && authorisations & ~Authorisations.ALL == 0;
        bool keepsPresent = record.authorisations & ~authorisations == 0;
        require(isSubset && keepsPresent, RegistryAuthorisationsInvalid(authorisations));

        record.authorisations = authorisations;
        record.firstTransfer = firstTransfer;

        emit BatchAuthorised(batchId, authorisations, firstTransfer, documentHash);
    }

    /// @inheritdoc IRegistry
    /// @dev What was never authorised cannot be revoked: `RegistryAuthorisationsInvalid(0)`.
    function revokeAuthorisation(uint256 batchId, bytes32 reasonHash) external restricted {
        BatchRecord storage record = _knownBatch(batchId);

        require(!record.authorisationRevoked, RegistryAuthorisationRevoked(batchId));
        require(record.authorisations != 0, RegistryAuthorisationsInvalid(0));

        record.authorisations = 0;
        record.authorisationRevoked = true;

        emit BatchAuthorisationRevoked(batchId, reasonHash);
    }

    /// @inheritdoc IRegistry
    function setBufferAccount(address account) external restricted {
        address from = bufferAccount;

        _checkBufferAccount(account);

        bufferAccount = account;

        emit BufferAccountChanged(from, account);
    }

    /// @inheritdoc IRegistry
    function statement(bytes32 statementId) external view returns (StatementRecord memory) {
        Statement memory known = _statements[statementId];
        require(known.verifiedTonnes != 0, RegistryStatementUnknown(statementId));
        return
            StatementRecord(
                _projectAt(known.projectNumber).code,
                known.periodStart,
                known.periodEnd,
                known.verifiedTonnes,
                known.claimedTonnes
            );
    }

    /// @inheritdoc IRegistry
    function batch(uint256 batchId) external view returns (Batch memory) {
        BatchRecord memory record = _knownBatch(batchId);
        return
            Batch(
                _projectAt(record.projectNumber).code,
                record.vintage,
                record.authorisations,
                record.firstTransfer,
                record.authorisationRevoked,
                record.issuedTonnes
            );
    }

    /// @inheritdoc IRegistry
    function issuanceStatus(bytes32 issuanceId) external view returns (IssuanceStatus) {
        return _issuances[issuanceId].status;
    }

    /// @inheritdoc IRegistry
    function isCorsiaEligible(uint256 batchId) external view returns (bool) {
        BatchRecord memory record = _batches[batchId];
        if (record.issuedTonnes == 0) return false;
        return record.vintage < CORSIA_AUTHORISATION_VINTAGE || record.authorisations & Authorisations.IMP != 0;
    }

    /// @inheritdoc IRegistry
    function hashStatement(VerificationStatement calldata given) public view returns (bytes32) {
        return _hashTypedDataV4(keccak256(abi.encode(STATEMENT_TYPEHASH, given)));
    }

    /// @inheritdoc IRegistry
    function hashIssuance(Issuance calldata issuance) public pure returns (bytes32) {
        return keccak256(abi.encode(issuance));
    }

    /// @dev Links a period into the project's list, after the statement that the caller says comes before it. Both
    /// neighbours are checked, so that a wrong one can only be refused, and the cost does not grow with the list.
    function _insertPeriod(
        ProjectRecord storage entity,
        uint32 projectNumber,
        VerificationStatement calldata given,
        bytes32 previousStatementId
    ) private returns (uint32 next) {
        (uint32 start, uint32 end) = (given.periodStart, given.periodEnd);

        if (previousStatementId == 0) {
            next = entity.firstPeriodStart;
            entity.firstPeriodStart = start;
        } else {
            Statement storage previous = _statements[previousStatementId];
            require(
                previous.projectNumber == projectNumber && previous.periodStart <= end,
                RegistryPreviousStatementInvalid(previousStatementId)
            );
            require(previous.periodEnd < start, RegistryPeriodOverlap(previous.periodStart));
            next = previous.nextPeriodStart;
            previous.nextPeriodStart = start;
        }
        require(next == 0 || next >= start, RegistryPreviousStatementInvalid(previousStatementId));
        require(next == 0 || next > end, RegistryPeriodOverlap(next));
    }

    function _recordForeignBlock(ForeignBlock calldata foreign, uint64 hint, uint256 batchId) private {
        if (foreign.programme == 0) return;

        _foreignBlocks[foreign.programme][foreign.series].insert(foreign.start, foreign.end, hint);

        emit ForeignBlockRecorded(foreign.programme, foreign.series, foreign.start, foreign.end, batchId);
    }

    function _knownBatch(uint256 batchId) private view returns (BatchRecord storage record) {
        record = _batches[batchId];
        require(record.issuedTonnes != 0, RegistryBatchUnknown(batchId));
    }

    /// @dev Who proposed an issuance that still waits for a decision.
    function _proposerOf(bytes32 issuanceId) private view returns (address) {
        IssuanceRecord memory record = _issuances[issuanceId];
        require(record.status == IssuanceStatus.Proposed, RegistryIssuanceStatusInvalid(issuanceId, record.status));
        return record.proposer;
    }

    /// @dev The buffer account may have been suspended since it was set, so it is checked at every use.
    function _bufferShare(
        uint64 tonnes,
        uint16 basisPoints
    ) private view returns (uint64 bufferTonnes, address buffer) {
        if (basisPoints == 0) return (0, address(0));

        buffer = bufferAccount;
        _checkBufferAccount(buffer);
        bufferTonnes = uint64(Math.ceilDiv(uint256(tonnes) * basisPoints, BASIS_POINTS));
    }

    /// @dev An active account is one whose participant is active: so the project's owner is, too.
    function _checkRecipient(address recipient, uint32 ownerId) private view {
        require(
            PARTICIPANTS.participantOf(recipient) == ownerId && PARTICIPANTS.isActive(recipient),
            RegistryRecipientInvalid(recipient, ownerId)
        );
    }

    function _checkBufferAccount(address account) private view {
        require(PARTICIPANTS.isCapable(account, Capabilities.HOLD_BUFFER), RegistryBufferAccountInvalid(account));
    }

    /// @dev `AccessManager.execute` calls in its own name: with it, one registrar could look like two.
    function _checkCallerVisible() private view {
        require(msg.sender != authority(), RegistryCallerHidden(msg.sender));
    }

    function _checkForeignBlock(ForeignBlock calldata foreign, uint64 tonnes) private pure {
        (uint64 start, uint64 end) = (foreign.start, foreign.end);

        if (foreign.programme == 0) {
            bool isAllZero = foreign.series == 0 && start == 0 && end == 0;
            require(isAllZero, RegistryForeignBlockInvalid(start, end, tonnes));
            return;
        }
        require(foreign.programme.isValid(), RegistryCodeInvalid(foreign.programme));
        require(foreign.series.isValid(), RegistryCodeInvalid(foreign.series));
        require(
            start != 0 && start <= end && end - start + 1 == tonnes,
            RegistryForeignBlockInvalid(start, end, tonnes)
        );
    }
}
