// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";

/// @title Who holds which role, and with what delay
/// @notice The ledger's one `AccessManager`; role numbers are in `Roles`, and the deployment manifest
/// says who holds what.
contract LedgerAccess is AccessManager {
    constructor(address initialAdmin) AccessManager(initialAdmin) {}
}
