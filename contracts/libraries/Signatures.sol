// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";

/// @notice Whether an account signed a hash: with its key (ECDSA), or, if it is a contract, by its own word (ERC-1271).
library Signatures {
    /// @dev OpenZeppelin's `SignatureChecker` in another order: it looks first whether the account has code, which costs 2,600 gas for
    /// every key holder. The key first is as strict. Nobody has a key to the address of a contract, except where a key holder delegated
    /// to code (EIP-7702), and that key can undo the delegation, so that it could sign anyway. An account without code answers nothing
    /// to ERC-1271, which is not the magic value.
    function isValid(address account, bytes32 hash, bytes calldata signature) internal view returns (bool) {
        (address recovered, ECDSA.RecoverError problem, ) = ECDSA.tryRecoverCalldata(hash, signature);
        if (problem == ECDSA.RecoverError.NoError && recovered == account) return true;

        return SignatureChecker.isValidERC1271SignatureNowCalldata(account, hash, signature);
    }
}
