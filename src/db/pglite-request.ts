const BIND = 0x42;
const COPY_DATA = 0x64;

/** Bytes before a message's body: what it is, and how long it is from there. */
const HEAD = 5;
const INT16 = 2;
const INT32 = 4;
const NULL_LENGTH = -1;

/*
 * The messages of the wire protocol that carry values, written once and in their place: PGlite's own writer grows as it goes, and copies what it
 * has several times, which for a thousand rows takes longer than to make them.
 */

/** The message `Bind` for the unnamed portal. @param values Texts; all come and go as text */
export function bindMessage(statement: string, values: readonly (string | null)[]): Uint8Array {
  const lengths = values.map((value) => (value === null ? NULL_LENGTH : Buffer.byteLength(value)));
  const bytes = lengths.reduce((sum, length) => sum + INT32 + Math.max(length, 0), 0);
  const message = messageOf(BIND, 2 + Buffer.byteLength(statement) + 3 * INT16 + bytes);
  let at = message.writeUInt8(0, HEAD);
  at += message.write(statement, at);
  at = message.writeUInt8(0, at);
  at = message.writeInt16BE(0, at);
  at = message.writeInt16BE(values.length, at);
  for (const [place, value] of values.entries()) {
    at = message.writeInt32BE(lengths[place] ?? NULL_LENGTH, at);
    if (value !== null) at += message.write(value, at);
  }
  message.writeInt16BE(0, at);
  return message;
}

/** The message `CopyData`. */
export function copyDataMessage(rows: string): Uint8Array {
  const message = messageOf(COPY_DATA, Buffer.byteLength(rows));
  message.write(rows, HEAD);
  return message;
}

function messageOf(kind: number, bodyLength: number): Buffer {
  const message = Buffer.allocUnsafe(HEAD + bodyLength);
  message.writeUInt8(kind);
  message.writeInt32BE(HEAD - 1 + bodyLength, 1);
  return message;
}
