// The requests of one way, as the server recorded them.
import { http } from "../pkg/pagewire.js";

export class Traffic {
  #requests = new Map();
  #key;
  /** The first that is new, or may still change. */
  #from = 0;

  constructor(key) {
    this.#key = key;
  }

  /** From now on only what is still to come counts. */
  async begin() {
    this.#requests.clear();
    this.#from = ((await this.#journal()).at(-1)?.seq ?? this.#from - 1) + 1;
  }

  /** Reads on; `clock` turns the server's time into this page's. */
  async look(clock) {
    const entries = await this.#journal();
    for (const entry of entries) this.#requests.set(entry.seq, request(entry, clock));
    const open = entries.find(({ ended }) => ended === null);
    this.#from = open?.seq ?? (entries.at(-1)?.seq ?? this.#from - 1) + 1;
  }

  /** Each with `from`, `to` once it has ended, and its `kind`. */
  get requests() {
    return [...this.#requests.values()];
  }

  /** Whether one goes on. */
  get isOpen() {
    return this.requests.some(({ to }) => to === undefined);
  }

  /** How many there were, how many of them were answered with nothing, and how many bytes it took. */
  get sums() {
    const sum = (of) => this.requests.reduce((sum, request) => sum + of(request), 0);
    return {
      made: this.#requests.size,
      empty: sum(({ kind }) => Number(kind === "empty")),
      asked: sum(({ asked }) => asked),
      answered: sum(({ answered }) => answered),
    };
  }

  async #journal() {
    return (await http.get("/journal", { query: { key: this.#key, from: this.#from } })).json();
  }
}

function request(entry, clock) {
  const from = clock(entry.started_ms);
  const to = entry.ended === null ? undefined : from + entry.ended.after_ms;
  return { from, to, kind: kind(entry), asked: head(entry), answered: entry.sent };
}

function kind({ method, status, ended }) {
  if (method === "OPTIONS") return "preflight";
  if (ended === null) return "open";
  if (ended.how === "disconnected") return "cut";
  return status === 204 || status === 304 ? "empty" : "answer";
}

/** The bytes of a question as HTTP/1.1 writes it: its first line, its headers, and an empty line. */
function head({ method, path, query, headers }) {
  const first = `${method} ${path}?${query} HTTP/1.1\r\n`.length;
  return headers.reduce((sum, [name, value]) => sum + name.length + value.length + 4, first + 2);
}
