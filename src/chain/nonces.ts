/** Nonces for intents: unordered on chain, but cheapest when they share a word. */

/** `Intents` keeps a bit per nonce, 256 to a storage word, and the first nonce of a word costs about 17,000 gas more than the others. */
const NONCES_PER_WORD = 256n;

/**
 * Numbers for one account, never used before: a random word, counted through, then another.
 * Nothing needs to be remembered: after a restart, or in another process, a new random word of 248 bits meets no old one.
 * @param randomWord A random number below 2^248; given only in tests.
 */
export function createNonceSource(randomWord: () => bigint = randomWordIndex): () => bigint {
  let next = 0n;
  return () => {
    if (next % NONCES_PER_WORD === 0n) next = randomWord() * NONCES_PER_WORD;
    const nonce = next;
    next += 1n;
    return nonce;
  };
}

function randomWordIndex(): bigint {
  const bytes = globalThis.crypto.getRandomValues(new Uint8Array(31));
  return bytes.reduce((number, byte) => number * 256n + BigInt(byte), 0n);
}
