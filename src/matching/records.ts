/** A record is one line of the processor's cache: whoever touches one field has them all. */
export const WORDS = 16;
export const NUMBERS = 8;

/**
 * Records of integers in one piece of memory, seen as 32-bit words and as numbers (two words each), handed out and taken back. Nothing of it
 * concerns the garbage collector. Record 0 is nobody's: a zero in a field means "none".
 */
export class Records {
  words: Int32Array;
  numbers: Float64Array;
  /** Records that were taken back, linked by their first word. */
  private free = 0;
  private used = 1;

  constructor(expected: number) {
    const memory = new ArrayBuffer((expected + 1) * WORDS * Int32Array.BYTES_PER_ELEMENT);
    this.words = new Int32Array(memory);
    this.numbers = new Float64Array(memory);
  }

  /** @returns a record whose fields hold whatever was there: set them all */
  take(): number {
    const record = this.free;
    if (record !== 0) {
      this.free = this.words[record * WORDS] as number;
      return record;
    }
    if (this.used * WORDS === this.words.length) this.grow();
    return this.used++;
  }

  giveBack(record: number): void {
    this.words[record * WORDS] = this.free;
    this.free = record;
  }

  private grow(): void {
    const words = new Int32Array(this.words.length * 2);
    words.set(this.words);
    this.words = words;
    this.numbers = new Float64Array(words.buffer);
  }
}
