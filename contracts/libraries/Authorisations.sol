// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice Article 6 authorisation purposes, as a bit set. OIMP (other international mitigation purposes) is the pair IMP and OP.
library Authorisations {
    /// @notice Use towards a nationally determined contribution.
    uint8 internal constant NDC = 1 << 0;
    /// @notice International mitigation purposes, CORSIA among them.
    uint8 internal constant IMP = 1 << 1;
    /// @notice Other purposes, the voluntary market among them.
    uint8 internal constant OP = 1 << 2;
    uint8 internal constant OIMP = IMP | OP;
    uint8 internal constant ALL = NDC | OIMP;
}
