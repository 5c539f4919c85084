// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice An account's position in one batch, and the state of its latest order nonces, in one storage word: a trade then reads and
/// writes one slot where it would need three.
/// @dev From the low end: tonnes (40 bits), leaving tonnes (40), window (48), touched nonces (64), closed nonces (64). A window is 64
/// nonces in a row: `nonce >> 6`. Touched: an order with this nonce was filled in part. Closed: none can settle any more.
/// Sums of tonnes never leave their 40 bits: all positions together are at most the batch, which has at most 2^40 - 1.
type UnitSlot is uint256;

using UnitSlots for UnitSlot global;

library UnitSlots {
    uint256 internal constant MAX_TONNES = 2 ** 40 - 1;
    uint256 private constant LEAVING_SHIFT = 40;
    uint256 private constant WINDOW_SHIFT = 80;
    uint256 private constant MARKS_SHIFT = 128;
    uint256 private constant CLOSED_SHIFT = 64;
    uint256 private constant WINDOW_MASK = 2 ** 48 - 1;

    function tonnes(UnitSlot slot) internal pure returns (uint256) {
        return UnitSlot.unwrap(slot) & MAX_TONNES;
    }

    function leavingTonnes(UnitSlot slot) internal pure returns (uint256) {
        return (UnitSlot.unwrap(slot) >> LEAVING_SHIFT) & MAX_TONNES;
    }

    /// @notice What a trade may take.
    function freeTonnes(UnitSlot slot) internal pure returns (uint256) {
        unchecked {
            return tonnes(slot) - leavingTonnes(slot); // Never more leaves than is there.
        }
    }

    function plus(UnitSlot slot, uint256 amount) internal pure returns (UnitSlot) {
        unchecked {
            return UnitSlot.wrap(UnitSlot.unwrap(slot) + amount);
        }
    }

    /// @dev The caller has checked that so much is there.
    function minus(UnitSlot slot, uint256 amount) internal pure returns (UnitSlot) {
        unchecked {
            return UnitSlot.wrap(UnitSlot.unwrap(slot) - amount);
        }
    }

    function withLeaving(UnitSlot slot, uint256 amount) internal pure returns (UnitSlot) {
        return UnitSlot.wrap((UnitSlot.unwrap(slot) & ~(MAX_TONNES << LEAVING_SHIFT)) | (amount << LEAVING_SHIFT));
    }

    function window(UnitSlot slot) internal pure returns (uint256) {
        return (UnitSlot.unwrap(slot) >> WINDOW_SHIFT) & WINDOW_MASK;
    }

    /// @notice Touched and closed nonces of the slot's window.
    function marks(UnitSlot slot) internal pure returns (uint256) {
        return UnitSlot.unwrap(slot) >> MARKS_SHIFT;
    }

    function withMarks(UnitSlot slot, uint256 newWindow, uint256 newMarks) internal pure returns (UnitSlot) {
        uint256 amounts = UnitSlot.unwrap(slot) & (2 ** WINDOW_SHIFT - 1);
        return UnitSlot.wrap(amounts | (newWindow << WINDOW_SHIFT) | (newMarks << MARKS_SHIFT));
    }

    /// @dev Marks in the slot's own window.
    function plusMarks(UnitSlot slot, uint256 moreMarks) internal pure returns (UnitSlot) {
        return UnitSlot.wrap(UnitSlot.unwrap(slot) | (moreMarks << MARKS_SHIFT));
    }

    function windowOf(uint256 nonce) internal pure returns (uint256) {
        return nonce >> 6;
    }

    /// @notice Whether the nonce, which is in the window of `marks`, is closed, and whether it is touched.
    function read(uint256 marks_, uint256 nonce) internal pure returns (bool closed, bool touched) {
        uint256 shifted = marks_ >> (nonce & 63);
        return ((shifted >> CLOSED_SHIFT) & 1 != 0, shifted & 1 != 0);
    }

    function touchedMark(uint256 nonce) internal pure returns (uint256) {
        return 1 << (nonce & 63);
    }

    function closedMark(uint256 nonce) internal pure returns (uint256) {
        return (1 << CLOSED_SHIFT) << (nonce & 63);
    }
}
