// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title What was agreed
/// @notice Firms pre-fund positions here, in units (per batch) and in cash, and sign orders and deals. The operator settles them, trade
/// by trade: the seller's units and the buyer's cash change hands in one step, or neither does. There is no central counterparty.
/// The operator chooses what is matched and when; it can never go beyond what both sides signed.
/// @dev Domain of orders and deals (EIP-712): name "CarbonLedger", version "1", chain id, this contract; so the settlement currency is
/// part of every signature. The TypeScript twin is `src/chain/orders.ts`. Money is in minor units of the settlement currency.
/// Deposit: transfer units, or cash, to this contract; the position belongs to the sender. Inside, a batch is fungible.
/// What only an institution may call is restricted by the access manager; `src/chain/roles.ts` is the table.
interface IExchange {
    enum Side {
        Buy,
        Sell
    }

    enum InstrumentKind {
        None,
        Credit,
        Allowance
    }

    enum DealStatus {
        None,
        Settled,
        Cancelled
    }

    /// @notice Why a trade did not settle.
    /// @dev `AccountNotActive` may also be about the account that fees go to.
    enum Refusal {
        None,
        InstrumentUnknown,
        InstrumentPaused,
        SelfTrade,
        TonnesZero,
        SignatureInvalid,
        AccountNotActive,
        AccountNotAllowed,
        Expired,
        /// @dev By the account: all orders before a nonce, or the deal.
        Cancelled,
        /// @dev Filled, or cancelled by its nonce.
        NonceClosed,
        PriceOutsideLimit,
        Overfilled,
        BelowMinimum,
        FeeAboveCap,
        UnitsInsufficient,
        CashInsufficient,
        AlreadySettled
    }

    struct Order {
        address account;
        uint256 batchId;
        Side side;
        /// @dev The most that all its trades together may have.
        uint64 tonnes;
        /// @dev The first settlement that touches the order must fill at least this much of it, or none. Fill-or-kill: all of it.
        uint64 minimumTonnes;
        /// @dev Per tonne: the highest price of a buy, the lowest of a sale.
        uint128 limitPrice;
        /// @dev The highest fee that the account accepts, of the trade's value.
        uint16 maximumFeeBasisPoints;
        /// @dev Unique within the account and the batch. Counting up is cheapest.
        uint32 nonce;
        /// @dev Unix time of the last second in which it may settle.
        uint48 expiresAt;
    }

    /// @notice A trade that two members agreed elsewhere; both sign the same words.
    struct Deal {
        address seller;
        address buyer;
        uint256 batchId;
        uint64 tonnes;
        /// @dev Per tonne.
        uint128 price;
        uint16 maximumFeeBasisPoints;
        uint48 expiresAt;
        /// @dev Any number; tells deals with the same terms apart.
        uint256 nonce;
    }

    struct SignedDeal {
        Deal deal;
        bytes sellerSignature;
        bytes buyerSignature;
    }

    /// @notice Why a trade of a match failed; `None` when it would have settled.
    struct Failure {
        Refusal refusal;
        address account;
    }

    struct UnitPosition {
        uint64 tonnes;
        /// @dev Part of `tonnes` that the owner asked to withdraw: no trade can take it.
        uint64 leavingTonnes;
        /// @dev From then on the owner can take what is leaving without the operator; 0 when nothing is.
        uint48 availableAt;
    }

    struct CashPosition {
        uint128 amount;
        uint128 leavingAmount;
        uint48 availableAt;
    }

    /// @notice `batchId` zero means cash.
    struct Withdrawal {
        address account;
        uint256 batchId;
    }

    struct FeeSchedule {
        uint16 basisPoints;
        /// @dev From `nextFrom` (Unix time) on; 0: no change is set.
        uint16 nextBasisPoints;
        uint48 nextFrom;
        address account;
    }

    event InstrumentListed(uint256 indexed batchId, InstrumentKind kind);
    event UnitsDeposited(address indexed account, uint256 indexed batchId, uint256 tonnes);
    event CashDeposited(address indexed account, uint256 amount);
    /// @notice `leaving` is the total that is leaving after the request.
    event UnitsWithdrawalRequested(
        address indexed account,
        uint256 indexed batchId,
        uint256 tonnes,
        uint256 leaving,
        uint48 availableAt
    );
    event CashWithdrawalRequested(address indexed account, uint256 amount, uint256 leaving, uint48 availableAt);
    event WithdrawalCancelled(address indexed account, uint256 indexed batchId, uint256 amount);
    event UnitsWithdrawn(address indexed account, uint256 indexed batchId, uint256 tonnes);
    event CashWithdrawn(address indexed account, uint256 amount);
    /// @notice The hashes are the EIP-712 digests of the orders; for a deal both are the digest of the deal.
    event TradeSettled(
        uint256 indexed batchId,
        bytes32 takerHash,
        bytes32 makerHash,
        address buyer,
        address seller,
        uint64 tonnes,
        uint128 price,
        uint128 buyerFee,
        uint128 sellerFee
    );
    /// @notice Nothing of the trade happened. `account` is the side that it failed for; zero when it concerns both.
    event TradeFailed(uint256 indexed batchId, bytes32 takerHash, bytes32 makerHash, Refusal refusal, address account);
    event OrderCancelled(address indexed account, uint256 indexed batchId, uint32 nonce);
    /// @notice All orders of the account with a lower nonce are void.
    event OrdersCancelledBefore(address indexed account, uint32 nonce);
    event DealCancelled(bytes32 indexed dealHash, address indexed by);
    event FeeSet(uint16 basisPoints, uint48 from);
    event FeeAccountSet(address indexed account);
    /// @notice `batchId` zero: cash.
    event PositionRecovered(
        address indexed lostAccount,
        address indexed newAccount,
        uint256 indexed batchId,
        uint256 amount
    );

    error ExchangeCallerNotAllowed(address caller, address account);
    error ExchangeInstrumentListed(uint256 batchId);
    error ExchangeInstrumentInvalid(uint256 batchId, InstrumentKind kind);
    error ExchangeAmountZero();
    error ExchangePositionInsufficient(address account, uint256 batchId, uint256 available, uint256 asked);
    error ExchangeNothingLeaving(address account, uint256 batchId);
    error ExchangeWithdrawalNotYet(address account, uint256 batchId, uint48 availableAt);
    error ExchangeAccountNotActive(address account);
    error ExchangeNonceUsed(address account, uint256 batchId, uint32 nonce);
    error ExchangeNonceNotAhead(address account, uint32 nonce, uint32 current);
    error ExchangeDealNotOpen(bytes32 dealHash, DealStatus status);
    error ExchangeFeeInvalid(uint16 basisPoints, uint48 from);
    error ExchangeFeeAccountMissing();
    error ExchangeEmpty();
    /// @notice The matches do not end where they should.
    error ExchangeMalformed();
    error ExchangeTooMany(uint256 count, uint256 limit);
    error ExchangeNotReplaced(address account);
    /// @notice Only this contract may call, from `settle`.
    error ExchangeOnlySelf();
    /// @notice The taker's minimum was not reached: undoes the match. One failure for each of its trades.
    error ExchangeMinimumMissed(Failure[] failures);
    /// @notice Too little gas is left to ask a contract wallet about its signature.
    error ExchangeGasTooLow(uint256 available, uint256 required);

    /// @notice Settles matches in the order given. A match is one order, the taker's, against one or many others of the other side, the
    /// makers'; each fill is a trade of its own. What fails emits `TradeFailed` and harms nothing else, except where the taker has a
    /// minimum that is not reached yet: then all fills settle as far as it takes, or none. Role: EXCHANGE_OPERATOR.
    /// @param matches In the encoding of `PackedMatch`.
    function settle(bytes calldata matches) external;
    /// @notice Settles deals, each by itself. Role: EXCHANGE_OPERATOR.
    function settleDeals(SignedDeal[] calldata deals) external;
    /// @notice Settles a match if the taker's minimum is reached, else reverts with `ExchangeMinimumMissed`. Only this contract may call,
    /// from `settle`.
    function settleWhole(bytes calldata given) external returns (uint256 fees);
    /// @notice Makes a batch tradable, once and for ever. Role: REGISTRAR.
    function listInstrument(uint256 batchId, InstrumentKind kind) external;
    /// @notice Hands out what is leaving, without the delay; skips what nothing is leaving of. All or nothing, except that of units only
    /// as many go as `Units` moves at once. Role: EXCHANGE_OPERATOR.
    function serveWithdrawals(Withdrawal[] calldata withdrawals) external;

    /// @notice Takes units out of trading. By an active account, or by the intents contract for it. The delay begins anew for all that is
    /// leaving.
    function requestWithdrawal(address account, uint256 batchId, uint64 tonnes) external;
    function requestCashWithdrawal(address account, uint128 amount) external;
    /// @notice Puts what is leaving back into trading. By the account. `batchId` zero: cash.
    function cancelWithdrawal(uint256 batchId) external;
    /// @notice After the delay the owner needs nobody. `batchId` zero: cash. Units: as many as `Units` moves at once; the rest stays
    /// leaving, to be taken by the next call.
    function takeWithdrawal(uint256 batchId) external;

    /// @notice By the account, or by the intents contract for it.
    function cancelOrder(address account, uint256 batchId, uint32 nonce) external;
    function cancelOrdersBefore(address account, uint32 nonce) external;
    /// @notice By either party, before it settles.
    function cancelDeal(Deal calldata deal) external;

    /// @notice The fee from `from` on: not earlier than now, at most `MAX_FEE_BASIS_POINTS`. Role: ADMIN.
    function setFee(uint16 basisPoints, uint48 from) external;
    /// @notice Where fees go: the cash position of an active participant's account. Role: ADMIN.
    function setFeeAccount(address account) external;
    /// @notice Moves the position of a lost account to its successor, the last of them if that was replaced, too. Nothing of it is leaving
    /// any more. `batchId` zero: cash. Role: COMPLIANCE_OFFICER.
    function recover(address lostAccount, uint256 batchId) external returns (uint256 amount);

    /// @notice Credits a deposit. Only the cash contract may call, when cash was transferred here.
    function onCashReceived(address account, uint256 amount) external;

    function unitPosition(address account, uint256 batchId) external view returns (UnitPosition memory);
    function cashPosition(address account) external view returns (CashPosition memory);
    function instrumentKind(uint256 batchId) external view returns (InstrumentKind);
    /// @notice How much of an order is filled while some of it is open. Zero when it is untouched, and again once all of it is filled:
    /// `isNonceClosed` tells the two apart.
    function filledTonnes(bytes32 orderHash) external view returns (uint64);
    /// @notice Whether no order with this nonce can settle any more: filled, or cancelled.
    function isNonceClosed(address account, uint256 batchId, uint32 nonce) external view returns (bool);
    function firstValidNonce(address account) external view returns (uint32);
    function dealStatus(bytes32 dealHash) external view returns (DealStatus);
    function feeSchedule() external view returns (FeeSchedule memory);
    /// @notice The fee in force now, in basis points of the trade's value; both sides pay it, rounded down.
    function currentFeeBasisPoints() external view returns (uint16);
    /// @notice Sums of all positions: what this contract owes.
    function owedTonnes(uint256 batchId) external view returns (uint256);
    function owedCash() external view returns (uint256);
    function hashOrder(Order calldata order) external view returns (bytes32);
    function hashDeal(Deal calldata deal) external view returns (bytes32);
    function MAX_TRADES() external view returns (uint256);
    function MAX_FEE_BASIS_POINTS() external view returns (uint16);
    function WITHDRAWAL_DELAY() external view returns (uint48);
}
