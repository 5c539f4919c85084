// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC1271} from "@openzeppelin/contracts/interfaces/IERC1271.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";

/// @notice Whether an account signed a hash: with its key (ECDSA), or, if it is a contract, by its own word (ERC-1271).
library Signatures {
    /// @dev OpenZeppelin's `SignatureChecker` in another order: it looks first whether the account has code, which costs 2,600 gas for
    /// every key holder. The key first is as strict. Nobody has a key to the address of a contract, except where a key holder delegated
    /// to code (EIP-7702), and that key can undo the delegation, so that it could sign anyway. An account without code answers nothing
    /// to ERC-1271, which is not the magic value.
    function isValid(address account, bytes32 hash, bytes calldata signature) internal view returns (bool) {
        if (isKeys(account, hash, signature)) return true;

        return SignatureChecker.isValidERC1271SignatureNowCalldata(account, hash, signature);
    }

    /// @notice Whether the key of `account` signed.
    function isKeys(address account, bytes32 hash, bytes calldata signature) internal pure returns (bool) {
        (address recovered, ECDSA.RecoverError problem, ) = ECDSA.tryRecoverCalldata(hash, signature);
        return problem == ECDSA.RecoverError.NoError && recovered == account;
    }

    /// @notice Whether the contract `account` says, within `gasLimit`, that it signed. Nothing of what it answers is copied but one word.
    function isWallets(
        address account,
        bytes32 hash,
        bytes calldata signature,
        uint256 gasLimit
    ) internal view returns (bool valid) {
        bytes memory question = abi.encodeCall(IERC1271.isValidSignature, (hash, signature));
        bytes32 magic = IERC1271.isValidSignature.selector;
        assembly ("memory-safe") {
            let success := staticcall(gasLimit, account, add(question, 0x20), mload(question), 0, 0x20)
            valid := and(success, and(gt(returndatasize(), 0x1f), eq(mload(0), magic)))
        }
    }
}
