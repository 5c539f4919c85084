// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice What a participant may do beyond holding, transferring and retiring: a bit set.
library Capabilities {
    uint32 internal constant TRADE_ALLOWANCES = 1 << 0;
    uint32 internal constant TRADE_CREDITS = 1 << 1;
    uint32 internal constant DEVELOP_PROJECTS = 1 << 2;
    /// @notice Keeps the units set aside against reversal.
    uint32 internal constant HOLD_BUFFER = 1 << 3;
    uint32 internal constant ALL = (1 << 4) - 1;
}
