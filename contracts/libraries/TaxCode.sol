// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice A Vietnamese tax code (mã số thuế): ten digits, or ten digits, a hyphen and the three digits of a branch.
/// @dev As a number: the ten digits times 10,000, plus 1,000 and the branch when there is one. So "0100109106" is
/// 1001091060000 and "0100109106-007" is 1001091061007: a head office and its branch "-000" are different codes.
library TaxCode {
    uint256 private constant HEAD_LENGTH = 10;
    uint256 private constant BRANCH_LENGTH = 14;

    /// @return valid False when `text` has not this form; the number is zero then.
    function tryParse(string calldata text) internal pure returns (bool valid, uint64 code) {
        bytes calldata characters = bytes(text);
        if (characters.length != HEAD_LENGTH && characters.length != BRANCH_LENGTH) return (false, 0);

        uint256 number;
        for (uint256 i = 0; i < characters.length; ++i) {
            uint8 character = uint8(characters[i]);
            if (i == HEAD_LENGTH) {
                if (character != 0x2d) return (false, 0);
                number = number * 10 + 1;
            } else {
                if (character < 0x30 || character > 0x39) return (false, 0);
                number = number * 10 + (character - 0x30);
            }
        }
        if (characters.length == HEAD_LENGTH) number *= 10_000;

        return (true, uint64(number));
    }
}
