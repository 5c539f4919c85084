// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {IParticipants} from "./interfaces/IParticipants.sol";
import {IRegistry} from "./interfaces/IRegistry.sol";
import {Capabilities} from "./libraries/Capabilities.sol";
import {ShortCode} from "./libraries/ShortCode.sol";

/// @title The list of projects
/// @notice The part of `Registry` that keeps the projects: who owns each, its status, its share for the buffer, its document.
abstract contract Projects is IRegistry, AccessManaged {
    using ShortCode for bytes32;

    struct ProjectRecord {
        ProjectStatus status;
        uint32 ownerId;
        uint16 bufferBasisPoints;
        /// @dev Zero while there is no statement.
        uint32 firstPeriodStart;
        bytes32 documentHash;
        bytes32 code;
    }

    uint16 private constant MAX_BUFFER_BASIS_POINTS = 5_000;

    IParticipants internal immutable PARTICIPANTS;

    uint32 private _projectCount;
    mapping(bytes32 projectCode => uint32 projectNumber) private _projectNumbers;
    mapping(uint32 projectNumber => ProjectRecord) private _projects;

    constructor(address authority, address participants) AccessManaged(authority) {
        PARTICIPANTS = IParticipants(participants);
    }

    /// @inheritdoc IRegistry
    /// @dev An owner that was never admitted: `ParticipantsUnknown`.
    function listProject(
        bytes32 projectCode,
        uint32 ownerId,
        uint16 bufferBasisPoints,
        bytes32 documentHash
    ) external restricted {
        IParticipants.Participant memory owner = PARTICIPANTS.participant(ownerId);

        require(projectCode.isValid(), RegistryCodeInvalid(projectCode));
        require(_projectNumbers[projectCode] == 0, RegistryCodeTaken(projectCode));
        require(bufferBasisPoints <= MAX_BUFFER_BASIS_POINTS, RegistryBufferShareInvalid(bufferBasisPoints));
        require(
            owner.status == IParticipants.ParticipantStatus.Active &&
                block.timestamp <= owner.kycExpiresAt &&
                owner.capabilities & Capabilities.DEVELOP_PROJECTS != 0,
            RegistryOwnerNotCapable(ownerId)
        );

        uint32 number = ++_projectCount;
        _projectNumbers[projectCode] = number;
        ProjectRecord storage entity = _projects[number];
        entity.status = ProjectStatus.Listed;
        entity.ownerId = ownerId;
        entity.bufferBasisPoints = bufferBasisPoints;
        entity.documentHash = documentHash;
        entity.code = projectCode;

        emit ProjectListed(projectCode, ownerId, bufferBasisPoints, documentHash);
    }

    /// @inheritdoc IRegistry
    function setProjectStatus(bytes32 projectCode, ProjectStatus status) external restricted {
        (ProjectRecord storage entity, ) = _knownProject(projectCode);
        ProjectStatus from = entity.status;

        require(_mayBecome(from, status), RegistryProjectTransitionForbidden(projectCode, from, status));

        entity.status = status;

        emit ProjectStatusChanged(projectCode, from, status);
    }

    /// @inheritdoc IRegistry
    function setProjectDocument(bytes32 projectCode, bytes32 documentHash) external restricted {
        (ProjectRecord storage entity, ) = _knownProject(projectCode);

        entity.documentHash = documentHash;

        emit ProjectDocumentChanged(projectCode, documentHash);
    }

    /// @inheritdoc IRegistry
    function project(bytes32 projectCode) external view returns (Project memory) {
        (ProjectRecord storage entity, ) = _knownProject(projectCode);
        return Project(entity.status, entity.ownerId, entity.bufferBasisPoints, entity.documentHash);
    }

    function _knownProject(bytes32 projectCode) internal view returns (ProjectRecord storage entity, uint32 number) {
        number = _projectNumbers[projectCode];
        require(number != 0, RegistryProjectUnknown(projectCode));
        entity = _projects[number];
    }

    /// @dev An empty record, which is not `Registered`, where there is no such project.
    function _projectAt(uint32 number) internal view returns (ProjectRecord storage) {
        return _projects[number];
    }

    function _checkRegistered(ProjectRecord storage entity) internal view {
        ProjectStatus status = entity.status;
        if (status != ProjectStatus.Registered) revert RegistryProjectNotRegistered(entity.code, status);
    }

    function _mayBecome(ProjectStatus from, ProjectStatus to) private pure returns (bool) {
        if (from == ProjectStatus.Listed) {
            return to == ProjectStatus.Validated || to == ProjectStatus.Rejected || to == ProjectStatus.Withdrawn;
        }
        if (from == ProjectStatus.Validated) {
            return to == ProjectStatus.Registered || to == ProjectStatus.Rejected || to == ProjectStatus.Withdrawn;
        }
        if (from == ProjectStatus.Registered) {
            return to == ProjectStatus.Completed || to == ProjectStatus.Inactive || to == ProjectStatus.Withdrawn;
        }
        if (from == ProjectStatus.Inactive) {
            return to == ProjectStatus.Registered || to == ProjectStatus.Withdrawn;
        }
        return false;
    }
}
