// The digests that prove a job done: those of the crate bench-shared, in JavaScript.

export class Rows {
  #count = 0;
  #ids = 0;
  #scores = 0;
  #active = 0;
  #last;

  add(row) {
    this.#count += 1;
    this.#ids += row.id;
    this.#scores += row.score;
    this.#active += Number(row.active);
    this.#last = row;
  }

  digest() {
    const { name, email, city } = this.#last;
    return [this.#count, this.#ids, this.#scores, this.#active, name, email, city].join(":");
  }

  static of(rows) {
    const all = new Rows();
    for (const row of rows) all.add(row);
    return all.digest();
  }
}

const STEP = 4099;

export class Sample {
  #length = 0;
  #sum = 0;

  add(bytes) {
    const first = (STEP - (this.#length % STEP)) % STEP;
    for (let at = first; at < bytes.length; at += STEP) this.#sum += bytes[at];
    this.#length += bytes.length;
  }

  digest() {
    return `${this.#length}:${this.#sum}`;
  }

  static of(bytes) {
    const sample = new Sample();
    sample.add(bytes);
    return sample.digest();
  }
}

/** Of ASCII text only: Rust counts bytes. */
export class Tally {
  count = 0;
  #length = 0;

  add(text) {
    this.count += 1;
    this.#length += text.length;
  }

  digest() {
    return `${this.count}:${this.#length}`;
  }
}

export const ping = (number) => `message ${number}`;

/** Byte i is i modulo 251. */
export function pattern(length) {
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length; at += 1) bytes[at] = at % 251;
  return bytes;
}

export const uploaded = (answer, loaded) => `${answer}:${loaded}`;
