/**
 * A whole number that a JavaScript number holds exactly. On the money path nothing else may turn a text or a bigint into a number.
 * @throws RangeError when it is not a whole number, or beyond 2^53 - 1 on either side of zero
 */
export function toInteger(value: bigint | string): number {
  if (typeof value === "string" && !/^(0|-?[1-9][0-9]*)$/.test(value))
    throw new RangeError(`Not a whole number: ${value}`);
  const number = Number(value);
  if (!Number.isSafeInteger(number)) throw new RangeError(`Not a safe integer: ${value}`);
  return number;
}
