/** Signatures of contracts that act as accounts (ERC-1271). */
import type { Connection } from "./connection.js";
import { isExecutionFailure } from "./revert.js";
import { RpcError } from "./rpc-errors.js";

/** Selector of `isValidSignature(bytes32,bytes)`, and what it answers for yes. */
const IS_VALID_SIGNATURE = "1626ba7e";
const WORD_DIGITS = 64;
/** As much as an intent may use in all. */
const GAS = 2_000_000n;

/**
 * Whether the account is a contract that accepts the signature, now. What a wallet answers may change: the contract asks again.
 * @param digest 32 bytes, hex.
 * @param signature Any bytes, hex.
 * @throws ChainUnavailableError
 */
export async function isWalletSignature(
  connection: Pick<Connection, "getCode" | "call">,
  account: string,
  digest: string,
  signature: string,
): Promise<boolean> {
  if ((await connection.getCode(account)) === "0x") return false;
  try {
    const answer = await connection.call({ to: account, data: encodeQuestion(digest, signature), gas: GAS });
    return answer.slice(2, 2 + WORD_DIGITS) === IS_VALID_SIGNATURE.padEnd(WORD_DIGITS, "0");
  } catch (error) {
    if (error instanceof RpcError && isExecutionFailure(error)) return false;
    throw error;
  }
}

function encodeQuestion(digest: string, signature: string): string {
  const bytes = signature.slice(2);
  const padded = bytes.padEnd(Math.ceil(bytes.length / WORD_DIGITS) * WORD_DIGITS, "0");
  return `0x${IS_VALID_SIGNATURE}${digest.slice(2)}${word(64)}${word(bytes.length / 2)}${padded}`;
}

function word(value: number): string {
  return value.toString(16).padStart(WORD_DIGITS, "0");
}
