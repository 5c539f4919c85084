// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice An account's cash position in one storage word, with what a trade must know of the account besides: its standing, as
/// `Participants` last confirmed it, and from which nonce on its orders are valid.
/// @dev From the low end: amount (72 bits), leaving amount (72), standing version (32), end of due diligence (40), capabilities (8),
/// first valid nonce (32). Amounts never leave their 72 bits: the settlement currency has at most 2^72 - 1 units.
type CashSlot is uint256;

using CashSlots for CashSlot global;

library CashSlots {
    uint256 internal constant MAX_AMOUNT = 2 ** 72 - 1;
    uint256 private constant LEAVING_SHIFT = 72;
    uint256 private constant VERSION_SHIFT = 144;
    uint256 private constant KYC_SHIFT = 176;
    uint256 private constant CAPABILITIES_SHIFT = 216;
    uint256 private constant NONCE_SHIFT = 224;
    uint256 private constant MAX_KYC = 2 ** 40 - 1;
    uint256 private constant STANDING_MASK = (2 ** 80 - 1) << VERSION_SHIFT;

    function amount(CashSlot slot) internal pure returns (uint256) {
        return CashSlot.unwrap(slot) & MAX_AMOUNT;
    }

    function leavingAmount(CashSlot slot) internal pure returns (uint256) {
        return (CashSlot.unwrap(slot) >> LEAVING_SHIFT) & MAX_AMOUNT;
    }

    /// @notice What a trade may take.
    function freeAmount(CashSlot slot) internal pure returns (uint256) {
        unchecked {
            return amount(slot) - leavingAmount(slot); // Never more leaves than is there.
        }
    }

    function plus(CashSlot slot, uint256 added) internal pure returns (CashSlot) {
        unchecked {
            return CashSlot.wrap(CashSlot.unwrap(slot) + added);
        }
    }

    /// @dev The caller has checked that so much is there.
    function minus(CashSlot slot, uint256 taken) internal pure returns (CashSlot) {
        unchecked {
            return CashSlot.wrap(CashSlot.unwrap(slot) - taken);
        }
    }

    function withLeaving(CashSlot slot, uint256 leaving) internal pure returns (CashSlot) {
        return CashSlot.wrap((CashSlot.unwrap(slot) & ~(MAX_AMOUNT << LEAVING_SHIFT)) | (leaving << LEAVING_SHIFT));
    }

    /// @notice Whether the account was active when the standing was kept, and nothing has happened since that could have changed it.
    function isActive(CashSlot slot, uint256 version) internal view returns (bool) {
        uint256 word = CashSlot.unwrap(slot);
        return uint32(word >> VERSION_SHIFT) == version && block.timestamp <= uint40(word >> KYC_SHIFT);
    }

    /// @dev Only as good as `isActive`.
    function isCapable(CashSlot slot, uint256 capability) internal pure returns (bool) {
        return uint8(CashSlot.unwrap(slot) >> CAPABILITIES_SHIFT) & capability == capability;
    }

    function withStanding(
        CashSlot slot,
        uint256 version,
        uint256 kycExpiresAt,
        uint256 capabilities
    ) internal pure returns (CashSlot) {
        uint256 kyc = kycExpiresAt < MAX_KYC ? kycExpiresAt : MAX_KYC;
        uint256 standing =
            (version << VERSION_SHIFT) | (kyc << KYC_SHIFT) | (uint256(uint8(capabilities)) << CAPABILITIES_SHIFT);
        return CashSlot.wrap((CashSlot.unwrap(slot) & ~STANDING_MASK) | standing);
    }

    function firstValidNonce(CashSlot slot) internal pure returns (uint32) {
        return uint32(CashSlot.unwrap(slot) >> NONCE_SHIFT);
    }

    function withFirstValidNonce(CashSlot slot, uint32 nonce) internal pure returns (CashSlot) {
        return CashSlot.wrap((CashSlot.unwrap(slot) & (2 ** NONCE_SHIFT - 1)) | (uint256(nonce) << NONCE_SHIFT));
    }
}
