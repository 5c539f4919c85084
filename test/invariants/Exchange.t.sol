// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ExchangeModel} from "./ExchangeModel.sol";
import {InstitutionHandler} from "./InstitutionHandler.sol";
import {LedgerFixture} from "./LedgerSetup.sol";
import {MarketInstitutionHandler} from "./MarketInstitutionHandler.sol";
import {OperatorHandler} from "./OperatorHandler.sol";
import {TraderHandler} from "./TraderHandler.sol";

/// @notice The numbered invariants of the exchange and its money, while the ledger under it goes on as in `Ledger.t.sol`.
contract ExchangeInvariantTest {
    struct FuzzSelector {
        address addr;
        bytes4[] selectors;
    }

    uint256 private constant ROUNDS = 300;
    string private constant OPERATOR_ACTS =
        "passTime settle settleMany settleAgain settleTwice settleDeals agreeDeal serveWithdrawals";
    string private constant TRADER_ACTS =
        "depositUnits safeTransferFrom safeBatchTransferFrom executeTransfer transfer transferFrom approve "
        "executeCashTransfer requestRedemption executeRedemption requestWithdrawal requestCashWithdrawal "
        "executeExchangeWithdrawal cancelWithdrawal takeWithdrawal cancelOrder executeOrderCancellation "
        "cancelOrdersBefore executeMassCancellation cancelDeal";
    string private constant INSTITUTION_ACTS =
        "listInstrument setFee setFeeAccount updateCapabilities restore replaceKey recoverPosition recoverCash mint "
        "proposeMint approveMint withdrawMint approveRedemption payRedemption refuseRedemption "
        "setSingleApprovalLimit pauseCash unpauseCash";

    ExchangeModel private model;
    InstitutionHandler private institutions;
    MarketInstitutionHandler private marketInstitutions;
    TraderHandler private traders;
    OperatorHandler private operator;

    function setUp() public {
        LedgerFixture ledger = new LedgerFixture();
        model = new ExchangeModel(ledger);
        institutions = new InstitutionHandler(ledger, model);
        marketInstitutions = new MarketInstitutionHandler(ledger, model);
        traders = new TraderHandler(ledger, model);
        operator = new OperatorHandler(ledger, model);
        ledger.makeAdmin(address(institutions));
        ledger.makeAdmin(address(marketInstitutions));
        institutions.begin();
        marketInstitutions.begin();
    }

    function targetContracts() public view returns (address[] memory targets) {
        targets = new address[](4);
        targets[0] = address(operator);
        targets[1] = address(traders);
        targets[2] = address(marketInstitutions);
        targets[3] = address(institutions);
    }

    /// @dev Of the institutions' acts those that concern trading.
    function targetSelectors() public view returns (FuzzSelector[] memory targets) {
        targets = new FuzzSelector[](1);
        bytes4[] memory selectors = new bytes4[](10);
        selectors[0] = institutions.suspend.selector;
        selectors[1] = institutions.reinstate.selector;
        selectors[2] = institutions.close.selector;
        selectors[3] = institutions.removeAccount.selector;
        selectors[4] = institutions.setFrozenTokens.selector;
        selectors[5] = institutions.pause.selector;
        selectors[6] = institutions.unpause.selector;
        selectors[7] = institutions.pauseBatch.selector;
        selectors[8] = institutions.unpauseBatch.selector;
        selectors[9] = institutions.issueBatch.selector;
        targets[0] = FuzzSelector(address(institutions), selectors);
    }

    function invariant_INV4_onlyActiveParticipantsTradeAndMoveMoney() public {
        model.checkStandings();
        _requireWhole();
    }

    function invariant_INV5_unitsAndCashMoveTogether() public {
        model.checkPositions();
        model.checkCash();
        _requireWhole();
    }

    function invariant_INV6_noOrderBeyondWhatWasSigned() public {
        model.checkOrders();
        _requireWhole();
    }

    function invariant_INV7_whatIsHeldIsWhatIsOwed() public {
        model.checkPositions();
        _requireWhole();
    }

    function invariant_INV9_everybodyCanLeaveAlone() public {
        model.checkExits();
        _requireWhole();
    }

    /// @dev The invariants say something only if the acts happen: from one seed, each does in the end, and many trades.
    function test_INV6_everyActHappens() public {
        bytes[][3] memory acts = [_split(OPERATOR_ACTS), _split(TRADER_ACTS), _split(INSTITUTION_ACTS)];
        address[3] memory handlers = [address(operator), address(traders), address(marketInstitutions)];
        for (uint256 round = 0; round < ROUNDS; round++) {
            for (uint256 i = 0; i < 3; i++) _act(handlers[i], acts[i], uint256(keccak256(abi.encode(round, i))));
        }

        _requireWhole();
        for (uint256 i = 0; i < 3; i++) {
            for (uint256 j = 0; j < acts[i].length; j++) {
                require(model.done(bytes32(acts[i][j])) != 0, string.concat(string(acts[i][j]), " never happened"));
            }
        }
        require(model.done("trade settled") > ROUNDS / 5, "few trades");
        require(model.done("deal settled") > ROUNDS / 100, "few deals");
    }

    /// @dev One of these acts, which may be refused.
    function _act(address handler, bytes[] memory names, uint256 seed) private {
        bytes4 selector = bytes4(keccak256(bytes.concat(names[seed % names.length], "(uint256)")));
        (bool happened, ) = handler.call(abi.encodeWithSelector(selector, seed));
        if (!happened) model.note("refused");
    }

    function _split(string memory words) private pure returns (bytes[] memory names) {
        bytes memory text = bytes(words);
        uint256 count = 1;
        for (uint256 i = 0; i < text.length; i++) if (text[i] == " ") count++;
        names = new bytes[](count);
        count = 0;
        for (uint256 i = 0; i < text.length; i++) {
            if (text[i] == " ") count++;
            else names[count] = bytes.concat(names[count], text[i]);
        }
    }

    /// @dev The handler notes whatever rule broke first, whichever test is looking.
    function _requireWhole() private view {
        uint256 broken = model.brokenInvariant();
        require(broken == 0, string(abi.encodePacked("INV-", bytes1(uint8(48 + broken)), ": ", model.brokenDetail())));
    }
}
