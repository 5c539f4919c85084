// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice A short name in one word: 1 to 31 of `A-Z 0-9 - .`, left-aligned, zeroes after it and none within.
/// @dev The TypeScript twin is `src/chain/codes.ts`.
library ShortCode {
    /// @dev Bit n is set when the ASCII character n may stand in a code: `-` and `.`, `0-9`, `A-Z`.
    uint256 private constant ALLOWED = (0x3 << 0x2d) | (0x3ff << 0x30) | (0x3ffffff << 0x41);

    function isValid(bytes32 code) internal pure returns (bool) {
        uint256 rest = uint256(code);
        if (rest == 0 || rest & 0xff != 0) return false;

        // A gap is a character zero with more behind it, and zero is not allowed.
        while (rest != 0) {
            if ((ALLOWED >> (rest >> 248)) & 1 == 0) return false;
            rest <<= 8;
        }
        return true;
    }

    /// @notice The characters before the first zero, whether or not they make a valid code.
    function toText(bytes32 code) internal pure returns (string memory text) {
        uint256 length;
        while (length < 32 && code[length] != 0) ++length;

        text = new string(length);
        assembly ("memory-safe") {
            // The word after a string's length belongs to it, in steps of 32 bytes, unless the string is empty.
            if length {
                mstore(add(text, 0x20), code)
            }
        }
    }
}
