// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Intents} from "../../contracts/Intents.sol";
import {Participants} from "../../contracts/Participants.sol";
import {Registry} from "../../contracts/Registry.sol";
import {Retirements} from "../../contracts/Retirements.sol";
import {Units} from "../../contracts/Units.sol";
import {LedgerModel} from "./LedgerModel.sol";
import {LedgerActors, LedgerFixture} from "./LedgerSetup.sol";

/// @notice What both handlers know: the ledger and its model.
abstract contract LedgerHandler is LedgerActors {
    Participants internal immutable participants;
    Registry internal immutable registry;
    Units internal immutable units;
    Retirements internal immutable retirements;
    Intents internal immutable intents;
    LedgerModel internal immutable model;

    constructor(LedgerFixture ledger, LedgerModel model_) {
        participants = ledger.participants();
        registry = ledger.registry();
        units = ledger.units();
        retirements = ledger.retirements();
        intents = ledger.intents();
        model = model_;
    }

    function _anyAccount(uint256 seed) internal view returns (address) {
        return account(seed % model.accountsKnown());
    }

    function _anyBatch(uint256 seed) internal view returns (uint256) {
        return model.batchIds(seed % model.batchCount());
    }
}
