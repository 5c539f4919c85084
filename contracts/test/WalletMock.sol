// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC1271} from "@openzeppelin/contracts/interfaces/IERC1271.sol";
import {IERC1155Receiver} from "@openzeppelin/contracts/token/ERC1155/IERC1155Receiver.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {IERC165} from "@openzeppelin/contracts/utils/introspection/IERC165.sol";

/// @notice A firm's contract wallet: one key signs for it. It can also misbehave, as a wallet and as a receiver of units.
contract WalletMock is IERC1271, IERC1155Receiver {
    enum Manner {
        Proper,
        Reverting,
        BurningGas,
        /// Reverts with as much data as its gas pays for.
        Bombing,
        /// Answers a word that is not the magic value.
        Denying,
        /// Calls `callee` with `data` first, then behaves.
        Calling
    }

    error WalletMockRefused();

    address public immutable OWNER;

    Manner public walletManner;
    Manner public receiverManner;
    address public callee;
    bytes public data;
    bool public succeeded;
    bytes public answer;

    constructor(address owner) {
        OWNER = owner;
    }

    function setManners(Manner wallet, Manner receiver) external {
        walletManner = wallet;
        receiverManner = receiver;
    }

    function setCall(address callee_, bytes calldata data_) external {
        callee = callee_;
        data = data_;
    }

    /// @notice Lets the wallet act directly. Reverts as the callee does.
    function act(address callee_, bytes calldata data_) external returns (bytes memory) {
        (bool success, bytes memory result) = callee_.call(data_);
        if (!success) {
            assembly ("memory-safe") {
                revert(add(result, 0x20), mload(result))
            }
        }
        return result;
    }

    function onERC1155Received(address, address, uint256, uint256, bytes calldata) external returns (bytes4) {
        if (receiverManner == Manner.Denying) return 0xffffffff;
        if (receiverManner == Manner.Calling) (succeeded, answer) = callee.call(data);
        _misbehave(receiverManner);
        return IERC1155Receiver.onERC1155Received.selector;
    }

    function onERC1155BatchReceived(
        address,
        address,
        uint256[] calldata,
        uint256[] calldata,
        bytes calldata
    ) external returns (bytes4) {
        if (receiverManner == Manner.Denying) return 0xffffffff;
        if (receiverManner == Manner.Calling) (succeeded, answer) = callee.call(data);
        _misbehave(receiverManner);
        return IERC1155Receiver.onERC1155BatchReceived.selector;
    }

    function isValidSignature(bytes32 hash, bytes calldata signature) external view returns (bytes4) {
        _misbehave(walletManner);
        if (walletManner == Manner.Denying) return 0xffffffff;
        (address signer, ECDSA.RecoverError problem, ) = ECDSA.tryRecoverCalldata(hash, signature);
        bool valid = problem == ECDSA.RecoverError.NoError && signer == OWNER;
        return valid ? IERC1271.isValidSignature.selector : bytes4(0xffffffff);
    }

    function supportsInterface(bytes4 interfaceId) external pure returns (bool) {
        return
            interfaceId == type(IERC1155Receiver).interfaceId ||
            interfaceId == type(IERC165).interfaceId ||
            interfaceId == type(IERC1271).interfaceId;
    }

    function _misbehave(Manner manner) private view {
        if (manner == Manner.Reverting) revert WalletMockRefused();
        if (manner == Manner.BurningGas) {
            assembly {
                invalid()
            }
        }
        if (manner == Manner.Bombing) {
            // Memory costs about words * words / 512: take what fits into half of the gas.
            uint256 words = _squareRoot((gasleft() / 2) * 512) / 2;
            assembly {
                revert(0, mul(words, 32))
            }
        }
    }

    function _squareRoot(uint256 square) private pure returns (uint256 root) {
        root = square / 2 + 1;
        uint256 next = (root + square / root) / 2;
        while (next < root) {
            root = next;
            next = (root + square / root) / 2;
        }
    }
}
