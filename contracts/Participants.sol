// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {IParticipants} from "./interfaces/IParticipants.sol";
import {Capabilities} from "./libraries/Capabilities.sol";
import {TaxCode} from "./libraries/TaxCode.sol";

/// @title Who may act
/// @dev Every transfer asks `areActive`, so what it reads is one slot per account and one per participant.
contract Participants is IParticipants, AccessManaged {
    using TaxCode for string;

    /// @dev One slot.
    struct Account {
        uint32 participantId;
        AccountStatus status;
        address successor;
    }

    struct Replacement {
        address newAccount;
        address proposer;
    }

    /// @notice Most accounts that a participant may have active at once.
    uint256 public constant MAX_ACCOUNTS = 64;

    /// @inheritdoc IParticipants
    uint32 public participantCount;
    /// @inheritdoc IParticipants
    uint32 public standingVersion;
    /// @dev All but the document hash is in the first slot.
    mapping(uint32 participantId => Participant) private _participants;
    mapping(address account => Account) private _accounts;
    mapping(uint64 taxCode => uint32 participantId) private _idByTaxCode;
    mapping(address lostAccount => Replacement) private _replacements;

    constructor(address authority) AccessManaged(authority) {}

    /// @inheritdoc IParticipants
    function admit(
        string calldata taxCode,
        uint32 capabilities,
        uint48 kycExpiresAt,
        bytes32 documentHash,
        address firstAccount
    ) external restricted returns (uint32 participantId) {
        uint64 code = _parseTaxCode(taxCode);
        participantId = participantCount + 1;

        uint32 holder = _idByTaxCode[code];
        require(holder == 0, ParticipantsTaxCodeTaken(taxCode, holder));
        _checkTerms(capabilities, kycExpiresAt);
        _checkNewAccount(firstAccount);

        participantCount = participantId;
        _idByTaxCode[code] = participantId;
        _participants[participantId] = Participant(
            code,
            ParticipantStatus.Active,
            capabilities,
            kycExpiresAt,
            1,
            documentHash
        );
        _accounts[firstAccount] = Account(participantId, AccountStatus.Active, address(0));

        emit ParticipantAdmitted(participantId, taxCode, capabilities, kycExpiresAt, documentHash);
        emit AccountAdded(participantId, firstAccount);
    }

    /// @inheritdoc IParticipants
    function update(
        uint32 participantId,
        uint32 capabilities,
        uint48 kycExpiresAt,
        bytes32 documentHash
    ) external restricted {
        Participant storage entity = _known(participantId);

        _checkNotClosed(participantId, entity);
        _checkTerms(capabilities, kycExpiresAt);

        entity.capabilities = capabilities;
        entity.kycExpiresAt = kycExpiresAt;
        entity.documentHash = documentHash;
        standingVersion += 1;

        emit ParticipantUpdated(participantId, capabilities, kycExpiresAt, documentHash);
    }

    /// @inheritdoc IParticipants
    function suspend(uint32 participantId, bytes32 reasonHash) external restricted {
        Participant storage entity = _known(participantId);

        _checkStatus(participantId, entity, ParticipantStatus.Active);

        entity.status = ParticipantStatus.Suspended;
        standingVersion += 1;

        emit ParticipantSuspended(participantId, reasonHash);
    }

    /// @inheritdoc IParticipants
    /// @dev Due diligence that lapsed meanwhile stays lapsed: `update` renews it.
    function reinstate(uint32 participantId) external restricted {
        Participant storage entity = _known(participantId);

        _checkStatus(participantId, entity, ParticipantStatus.Suspended);

        entity.status = ParticipantStatus.Active;

        emit ParticipantReinstated(participantId);
    }

    /// @inheritdoc IParticipants
    /// @dev The tax code stays taken, for ever.
    function close(uint32 participantId) external restricted {
        Participant storage entity = _known(participantId);

        _checkNotClosed(participantId, entity);

        entity.status = ParticipantStatus.Closed;
        standingVersion += 1;

        emit ParticipantClosed(participantId);
    }

    /// @inheritdoc IParticipants
    function addAccount(uint32 participantId, address account) external restricted {
        Participant storage entity = _known(participantId);

        _checkStatus(participantId, entity, ParticipantStatus.Active);
        _checkNewAccount(account);
        require(entity.accountCount < MAX_ACCOUNTS, ParticipantsTooManyAccounts(participantId, MAX_ACCOUNTS));

        entity.accountCount += 1;
        _accounts[account] = Account(participantId, AccountStatus.Active, address(0));

        emit AccountAdded(participantId, account);
    }

    /// @inheritdoc IParticipants
    function removeAccount(uint32 participantId, address account) external restricted {
        Participant storage entity = _known(participantId);
        Account storage entry = _accounts[account];

        _checkNotClosed(participantId, entity);
        require(
            entry.participantId == participantId && entry.status == AccountStatus.Active,
            ParticipantsAccountUnknown(participantId, account)
        );

        entity.accountCount -= 1;
        entry.status = AccountStatus.Removed;
        standingVersion += 1;

        emit AccountRemoved(participantId, account);
    }

    /// @inheritdoc IParticipants
    function proposeReplacement(address lostAccount, address newAccount) external restricted {
        _checkCallerVisible();
        uint32 participantId = _checkReplaceable(lostAccount, newAccount);

        _replacements[lostAccount] = Replacement(newAccount, msg.sender);

        emit AccountReplacementProposed(participantId, lostAccount, newAccount, msg.sender);
    }

    /// @inheritdoc IParticipants
    function withdrawReplacement(address lostAccount) external restricted {
        require(_replacements[lostAccount].newAccount != address(0), ParticipantsReplacementUnknown(lostAccount));

        delete _replacements[lostAccount];

        emit AccountReplacementWithdrawn(_accounts[lostAccount].participantId, lostAccount);
    }

    /// @inheritdoc IParticipants
    /// @dev Everything is checked again: either account may have changed since the proposal.
    function approveReplacement(address lostAccount, address newAccount) external restricted {
        Replacement memory proposal = _replacements[lostAccount];

        _checkCallerVisible();
        require(proposal.newAccount != address(0), ParticipantsReplacementUnknown(lostAccount));
        require(
            proposal.newAccount == newAccount,
            ParticipantsReplacementMismatch(lostAccount, proposal.newAccount, newAccount)
        );
        require(proposal.proposer != msg.sender, ParticipantsSameOfficer(msg.sender));
        uint32 participantId = _checkReplaceable(lostAccount, newAccount);

        delete _replacements[lostAccount];
        _accounts[lostAccount] = Account(participantId, AccountStatus.Replaced, newAccount);
        _accounts[newAccount] = Account(participantId, AccountStatus.Active, address(0));
        standingVersion += 1;

        emit AccountReplaced(participantId, lostAccount, newAccount, proposal.proposer, msg.sender);
    }

    /// @inheritdoc IParticipants
    function isActive(address account) external view returns (bool) {
        Account storage entry = _accounts[account];
        return entry.status == AccountStatus.Active && _mayAct(entry.participantId);
    }

    /// @inheritdoc IParticipants
    function isCapable(address account, uint32 capabilities) external view returns (bool) {
        Account storage entry = _accounts[account];
        return
            entry.status == AccountStatus.Active &&
            _mayAct(entry.participantId) &&
            _participants[entry.participantId].capabilities & capabilities == capabilities;
    }

    /// @inheritdoc IParticipants
    function areActive(address first, address second) external view returns (bool firstActive, bool secondActive) {
        Account storage firstEntry = _accounts[first];
        Account storage secondEntry = _accounts[second];
        (AccountStatus firstStatus, uint32 firstId) = (firstEntry.status, firstEntry.participantId);
        (AccountStatus secondStatus, uint32 secondId) = (secondEntry.status, secondEntry.participantId);

        bool firstMayAct = firstStatus == AccountStatus.Active && _mayAct(firstId);

        // A participant that was just looked up is not looked up again.
        bool sameAnswer = firstId == secondId && firstStatus == AccountStatus.Active;
        bool secondMayAct = secondStatus == AccountStatus.Active && (sameAnswer ? firstMayAct : _mayAct(secondId));

        return (firstMayAct, secondMayAct);
    }

    /// @inheritdoc IParticipants
    function participant(uint32 participantId) external view returns (Participant memory) {
        return _known(participantId);
    }

    /// @inheritdoc IParticipants
    function participantOf(address account) external view returns (uint32 participantId) {
        return _accounts[account].participantId;
    }

    /// @inheritdoc IParticipants
    function accountStatus(address account) external view returns (AccountStatus) {
        return _accounts[account].status;
    }

    /// @inheritdoc IParticipants
    function successorOf(address lostAccount) external view returns (address) {
        return _accounts[lostAccount].successor;
    }

    /// @inheritdoc IParticipants
    function participantByTaxCode(string calldata taxCode) external view returns (uint32 participantId) {
        return _idByTaxCode[_parseTaxCode(taxCode)];
    }

    function _known(uint32 participantId) private view returns (Participant storage entity) {
        entity = _participants[participantId];
        require(entity.status != ParticipantStatus.None, ParticipantsUnknown(participantId));
    }

    function _mayAct(uint32 participantId) private view returns (bool) {
        Participant storage entity = _participants[participantId];
        // Before the comparison, so that the slot which both are in is read once.
        (ParticipantStatus status, uint48 kycExpiresAt) = (entity.status, entity.kycExpiresAt);
        return status == ParticipantStatus.Active && block.timestamp <= kycExpiresAt;
    }

    function _checkStatus(uint32 participantId, Participant storage entity, ParticipantStatus required) private view {
        ParticipantStatus status = entity.status;
        require(status == required, ParticipantsStatusInvalid(participantId, status));
    }

    function _checkNotClosed(uint32 participantId, Participant storage entity) private view {
        ParticipantStatus status = entity.status;
        require(status != ParticipantStatus.Closed, ParticipantsStatusInvalid(participantId, status));
    }

    function _checkTerms(uint32 capabilities, uint48 kycExpiresAt) private view {
        require(capabilities & ~Capabilities.ALL == 0, ParticipantsCapabilitiesUnknown(capabilities));
        require(kycExpiresAt > block.timestamp, ParticipantsKycExpired(kycExpiresAt));
    }

    /// @dev An account that was ever known, also a removed or replaced one, is never taken again.
    function _checkNewAccount(address account) private view {
        require(account != address(0), ParticipantsAccountInvalid(account));
        uint32 holder = _accounts[account].participantId;
        require(holder == 0, ParticipantsAccountTaken(account, holder));
    }

    /// @dev `AccessManager.execute` calls in its own name: with it, one officer could look like two.
    function _checkCallerVisible() private view {
        require(msg.sender != authority(), ParticipantsCallerHidden(msg.sender));
    }

    function _checkReplaceable(address lostAccount, address newAccount) private view returns (uint32 participantId) {
        Account storage entry = _accounts[lostAccount];
        participantId = entry.participantId;

        require(entry.status == AccountStatus.Active, ParticipantsAccountUnknown(participantId, lostAccount));
        _checkStatus(participantId, _participants[participantId], ParticipantStatus.Active);
        _checkNewAccount(newAccount);
    }

    function _parseTaxCode(string calldata taxCode) private pure returns (uint64 code) {
        bool valid;
        (valid, code) = taxCode.tryParse();
        require(valid, ParticipantsTaxCodeInvalid(taxCode));
    }
}
