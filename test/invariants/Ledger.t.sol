// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {HolderHandler} from "./HolderHandler.sol";
import {InstitutionHandler} from "./InstitutionHandler.sol";
import {LedgerModel} from "./LedgerModel.sol";
import {LedgerFixture} from "./LedgerSetup.sol";

/// @notice The numbered invariants of the ledger, under random sequences of every entry point by every kind of actor.
contract LedgerInvariantTest {
    LedgerModel private model;
    HolderHandler private holders;
    InstitutionHandler private institutions;

    function setUp() public {
        LedgerFixture ledger = new LedgerFixture();
        model = new LedgerModel(ledger);
        holders = new HolderHandler(ledger, model);
        institutions = new InstitutionHandler(ledger, model);
        ledger.makeAdmin(address(institutions));
        institutions.begin();
    }

    function targetContracts() public view returns (address[] memory targets) {
        targets = new address[](2);
        targets[0] = address(holders);
        targets[1] = address(institutions);
    }

    function invariant_INV1_issuedEqualsHeldRetiredCancelled() public {
        model.checkTotals();
        _requireWhole();
    }

    function invariant_INV2_everySerialInExactlyOnePlace() public {
        model.checkSerials();
        _requireWhole();
    }

    function invariant_INV3_nothingIssuedWithoutStatementAndSecondRegistrar() public {
        model.checkIssuance();
        _requireWhole();
    }

    function invariant_INV4_onlyActiveParticipantsMoveAndReceive() public view {
        _requireWhole();
    }

    function invariant_INV8_goneIsGone() public {
        model.checkSerials();
        _requireWhole();
    }

    /// @dev The handler notes whatever rule broke first, whichever test is looking.
    function _requireWhole() private view {
        uint256 broken = model.brokenInvariant();
        require(broken == 0, string(abi.encodePacked("INV-", bytes1(uint8(48 + broken)), ": ", model.brokenDetail())));
    }
}
