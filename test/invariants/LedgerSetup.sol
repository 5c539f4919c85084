// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {LedgerAccess} from "../../contracts/LedgerAccess.sol";
import {Participants} from "../../contracts/Participants.sol";
import {Registry} from "../../contracts/Registry.sol";
import {Units} from "../../contracts/Units.sol";
import {Retirements} from "../../contracts/Retirements.sol";
import {Intents} from "../../contracts/Intents.sol";
import {Exchange} from "../../contracts/Exchange.sol";
import {SettlementCash} from "../../contracts/SettlementCash.sol";
import {IExchange} from "../../contracts/interfaces/IExchange.sol";
import {IParticipants} from "../../contracts/interfaces/IParticipants.sol";
import {IRegistry} from "../../contracts/interfaces/IRegistry.sol";
import {IUnits} from "../../contracts/interfaces/IUnits.sol";
import {IRetirements} from "../../contracts/interfaces/IRetirements.sol";
import {Capabilities} from "../../contracts/libraries/Capabilities.sol";
import {Roles} from "../../contracts/libraries/Roles.sol";
import {vm} from "./Vm.sol";

/// @notice Who acts: role holders, and five firms, each with two accounts whose keys the tests know.
abstract contract LedgerActors {
    address internal constant REGISTRAR_1 = address(0xA1);
    address internal constant REGISTRAR_2 = address(0xA2);
    address internal constant OFFICER_1 = address(0xB1);
    address internal constant OFFICER_2 = address(0xB2);
    address internal constant GUARDIAN = address(0xC1);
    address internal constant ENFORCER = address(0xC2);
    address internal constant BANK_1 = address(0xE1);
    address internal constant BANK_2 = address(0xE2);
    address internal constant OPERATOR = address(0xE3);
    uint256 internal constant VERIFIER_KEY = 0xD1;
    uint256 internal constant FIRMS = 5;
    uint256 internal constant ACCOUNTS = FIRMS * 2;
    uint256 internal constant FIRST_KEY = 0xF000;
    bytes32 internal constant PROJECT = "VCS-1";
    uint48 internal constant KYC_EXPIRES_AT = type(uint48).max;
    uint256 internal constant APPROVAL_LIMIT = 5_000;
    uint48 internal constant WITHDRAWAL_DELAY = 1 days;

    function keyOf(uint256 index) internal pure returns (uint256) {
        return FIRST_KEY + index;
    }

    /// @dev Accounts 0 and 1 are firm 1's, 2 and 3 firm 2's, and so on. Further indexes are keys of nobody yet.
    function account(uint256 index) internal pure returns (address) {
        return vm.addr(keyOf(index));
    }

    function sign(uint256 key, bytes32 digest) internal pure returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, digest);
        return abi.encodePacked(r, s, v);
    }
}

/// @notice A whole ledger, its roles granted and its firms admitted.
contract LedgerFixture is LedgerActors {
    LedgerAccess public access;
    Participants public participants;
    Registry public registry;
    Units public units;
    Retirements public retirements;
    Intents public intents;
    SettlementCash public cash;
    Exchange public exchange;

    constructor() {
        vm.warp(1_780_000_000);
        uint256 nonce = vm.getNonce(address(this));
        address unitsAddress = vm.computeCreateAddress(address(this), nonce + 3);
        address retirementsAddress = vm.computeCreateAddress(address(this), nonce + 4);
        address intentsAddress = vm.computeCreateAddress(address(this), nonce + 5);
        address cashAddress = vm.computeCreateAddress(address(this), nonce + 6);
        address exchangeAddress = vm.computeCreateAddress(address(this), nonce + 7);
        access = new LedgerAccess(address(this));
        participants = new Participants(address(access));
        registry = new Registry(address(access), address(participants), unitsAddress);
        units = new Units(
            address(access),
            address(participants),
            address(registry),
            retirementsAddress,
            intentsAddress,
            exchangeAddress,
            "https://ledger.example/batches/"
        );
        retirements = new Retirements(
            address(access),
            address(participants),
            address(registry),
            address(units),
            intentsAddress,
            "https://ledger.example/certificates/"
        );
        intents = new Intents(address(units), address(retirements), cashAddress, exchangeAddress);
        cash = new SettlementCash(
            address(access),
            address(participants),
            exchangeAddress,
            address(intents),
            "Settlement dong",
            "VND",
            0,
            APPROVAL_LIMIT
        );
        exchange = new Exchange(
            address(access),
            address(participants),
            address(units),
            address(cash),
            address(intents),
            WITHDRAWAL_DELAY
        );
        require(address(exchange) == exchangeAddress, "addresses must be as computed");

        _assignFunctions();
        _assignMarketFunctions();
        _grantRoles();
        _admitFirms();
    }

    function _assignFunctions() private {
        bytes4[] memory registrar = new bytes4[](5);
        registrar[0] = IParticipants.admit.selector;
        registrar[1] = IParticipants.update.selector;
        registrar[2] = IParticipants.close.selector;
        registrar[3] = IParticipants.addAccount.selector;
        registrar[4] = IParticipants.removeAccount.selector;
        access.setTargetFunctionRole(address(participants), registrar, Roles.REGISTRAR);

        bytes4[] memory officer = new bytes4[](5);
        officer[0] = IParticipants.suspend.selector;
        officer[1] = IParticipants.reinstate.selector;
        officer[2] = IParticipants.proposeReplacement.selector;
        officer[3] = IParticipants.withdrawReplacement.selector;
        officer[4] = IParticipants.approveReplacement.selector;
        access.setTargetFunctionRole(address(participants), officer, Roles.COMPLIANCE_OFFICER);

        registrar = new bytes4[](7);
        registrar[0] = IRegistry.listProject.selector;
        registrar[1] = IRegistry.setProjectStatus.selector;
        registrar[2] = IRegistry.setProjectDocument.selector;
        registrar[3] = IRegistry.proposeIssuance.selector;
        registrar[4] = IRegistry.approveIssuance.selector;
        registrar[5] = IRegistry.rejectIssuance.selector;
        registrar[6] = IRegistry.authoriseBatch.selector;
        access.setTargetFunctionRole(address(registry), registrar, Roles.REGISTRAR);

        officer = new bytes4[](1);
        officer[0] = IRegistry.revokeAuthorisation.selector;
        access.setTargetFunctionRole(address(registry), officer, Roles.COMPLIANCE_OFFICER);

        officer = new bytes4[](4);
        officer[0] = units.setFrozenTokens.selector;
        officer[1] = IUnits.recover.selector;
        officer[2] = IUnits.unpause.selector;
        officer[3] = IUnits.unpauseBatch.selector;
        access.setTargetFunctionRole(address(units), officer, Roles.COMPLIANCE_OFFICER);

        bytes4[] memory guardian = new bytes4[](2);
        guardian[0] = IUnits.pause.selector;
        guardian[1] = IUnits.pauseBatch.selector;
        access.setTargetFunctionRole(address(units), guardian, Roles.GUARDIAN);

        bytes4[] memory enforcement = new bytes4[](1);
        enforcement[0] = units.forcedTransfer.selector;
        access.setTargetFunctionRole(address(units), enforcement, Roles.ENFORCEMENT);
    }

    function _assignMarketFunctions() private {
        bytes4[] memory bank = new bytes4[](7);
        bank[0] = cash.mint.selector;
        bank[1] = cash.proposeMint.selector;
        bank[2] = cash.approveMint.selector;
        bank[3] = cash.withdrawMint.selector;
        bank[4] = cash.approveRedemption.selector;
        bank[5] = cash.payRedemption.selector;
        bank[6] = cash.refuseRedemption.selector;
        access.setTargetFunctionRole(address(cash), bank, Roles.SETTLEMENT_BANK);

        bytes4[] memory operator = new bytes4[](3);
        operator[0] = IExchange.settle.selector;
        operator[1] = IExchange.settleDeals.selector;
        operator[2] = IExchange.serveWithdrawals.selector;
        access.setTargetFunctionRole(address(exchange), operator, Roles.EXCHANGE_OPERATOR);

        bytes4[] memory officer = new bytes4[](2);
        officer[0] = cash.unpause.selector;
        officer[1] = cash.recover.selector;
        access.setTargetFunctionRole(address(cash), officer, Roles.COMPLIANCE_OFFICER);

        bytes4[] memory one = new bytes4[](1);
        one[0] = IExchange.recover.selector;
        access.setTargetFunctionRole(address(exchange), one, Roles.COMPLIANCE_OFFICER);
        one[0] = IExchange.listInstrument.selector;
        access.setTargetFunctionRole(address(exchange), one, Roles.REGISTRAR);
        one[0] = cash.pause.selector;
        access.setTargetFunctionRole(address(cash), one, Roles.GUARDIAN);
    }

    function _grantRoles() private {
        access.grantRole(Roles.SETTLEMENT_BANK, BANK_1, 0);
        access.grantRole(Roles.SETTLEMENT_BANK, BANK_2, 0);
        access.grantRole(Roles.EXCHANGE_OPERATOR, OPERATOR, 0);
        access.grantRole(Roles.REGISTRAR, REGISTRAR_1, 0);
        access.grantRole(Roles.REGISTRAR, REGISTRAR_2, 0);
        access.grantRole(Roles.COMPLIANCE_OFFICER, OFFICER_1, 0);
        access.grantRole(Roles.COMPLIANCE_OFFICER, OFFICER_2, 0);
        access.grantRole(Roles.GUARDIAN, GUARDIAN, 0);
        access.grantRole(Roles.ENFORCEMENT, ENFORCER, 0);
        access.grantRole(Roles.VERIFIER, vm.addr(VERIFIER_KEY), 0);
    }

    function _admitFirms() private {
        string[FIRMS] memory taxCodes = ["0100000001", "0100000002", "0100000003-001", "0100000004", "0100000005"];
        for (uint256 firm = 0; firm < FIRMS; firm++) {
            vm.prank(REGISTRAR_1);
            uint32 id = participants.admit(
                taxCodes[firm],
                Capabilities.ALL,
                KYC_EXPIRES_AT,
                keccak256("firm"),
                account(firm * 2)
            );
            vm.prank(REGISTRAR_1);
            participants.addAccount(id, account(firm * 2 + 1));
        }
        vm.prank(REGISTRAR_1);
        registry.listProject(PROJECT, 1, 1_000, keccak256("project"));
        vm.prank(REGISTRAR_1);
        registry.setProjectStatus(PROJECT, IRegistry.ProjectStatus.Validated);
        vm.prank(REGISTRAR_1);
        registry.setProjectStatus(PROJECT, IRegistry.ProjectStatus.Registered);
        registry.setBufferAccount(account(ACCOUNTS - 1));
    }

    function makeAdmin(address account_) external {
        access.grantRole(Roles.ADMIN, account_, 0);
    }
}
