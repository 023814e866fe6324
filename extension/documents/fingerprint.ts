/**
 * Tells whether two texts are the same without keeping them: their length, and two 32-bit multiplicative
 * hashes over UTF-16 code units (FNV-1a with its own and another offset basis). Not for security.
 */
export class Fingerprint {
  #a = 0x811c9dc5;
  #b = 0x6c62272e;
  #units = 0;

  static of(text: string): Fingerprint {
    const fingerprint = new Fingerprint();
    fingerprint.append(text);
    return fingerprint;
  }

  /** UTF-16 code units so far. */
  get length(): number {
    return this.#units;
  }

  append(piece: string): void {
    let a = this.#a;
    let b = this.#b;
    for (let i = 0; i < piece.length; i++) {
      const code = piece.charCodeAt(i);
      a = Math.imul(a ^ code, 0x01000193);
      b = Math.imul(b ^ code, 0x01000193) + a;
    }
    this.#a = a;
    this.#b = b | 0;
    this.#units += piece.length;
  }

  /** Equal for equal texts; fit for a file name. */
  toString(): string {
    const hex = (word: number) => (word >>> 0).toString(16).padStart(8, '0');
    return `${this.#units}-${hex(this.#a)}${hex(this.#b)}`;
  }

  equals(other: Fingerprint): boolean {
    return this.#units === other.#units && this.#a === other.#a && this.#b === other.#b;
  }
}
