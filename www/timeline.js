// What happened when in one exchange: a lane each for its ready states, its events, and the browser's own phases.
import { duration } from "./format.js";

export const STATES = ["unsent", "opened", "headers received", "loading", "done"];

/** The phases of `Timing` and what each is, in the order in which they happen. */
const PHASES = {
  dns: ["DNS", "looking the name up"],
  connect: ["Connect", "connecting, TLS included"],
  tls: ["TLS", "the TLS handshake"],
  firstByte: ["First byte", "from sending until the answer begins"],
  body: ["Body", "the answer’s body"],
};

/**
 * Progress is to come every 50 ms at the most (https://xhr.spec.whatwg.org/#the-send()-method). WebKit tells that of an
 * upload every few kilobytes: too often to draw each.
 */
const PACE = 50;

/**
 * A lane has spans, which last, and marks, which are moments with a count; `took` is its length in words. All times are
 * milliseconds since the start. A span without `to` goes on.
 */
export class Timeline {
  /** The time of the latest that is known. */
  last = 0;
  /** Whether no event can follow. */
  over = false;
  #began = 0;

  constructor({ upload = false } = {}) {
    const names = { state: "State", ...(upload && { upload: "Upload" }), download: "Download" };
    for (const [key, [name]] of Object.entries(PHASES)) names[key] = name;
    this.lanes = Object.entries(names).map(([key, name]) => ({ key, name, spans: [], marks: [] }));
  }

  /** An exchange begins now, unsent: for that state there is no event. */
  start() {
    this.#began = performance.now();
    this.last = 0;
    this.over = false;
    for (const lane of this.lanes) Object.assign(lane, { spans: [], marks: [], took: undefined });
    this.#enter(0, 0);
  }

  /** An event of the exchange, which came just now. Whether there is something new to see. */
  note({ kind, readyState, moment }) {
    this.last = performance.now() - this.#began;
    this.over = kind === "download" && moment === "loadend";
    if (kind !== "state") return this.#mark(kind, moment, this.last);
    this.#enter(readyState, this.last);
    return true;
  }

  /** The response's `timing()`: lengths without beginnings, so they are laid end to end, back from the last byte. */
  phases(timing) {
    let end = timing?.total ?? 0;
    this.last = Math.max(this.last, end);
    for (const [key, [, what]] of Object.entries(PHASES).reverse()) {
      const length = timing?.[key];
      this.#lane(key).took = length === undefined ? "not told" : duration(length);
      if (!(length > 0)) continue;
      this.#lane(key).spans = [{ what, from: end - length, to: end }];
      // The TLS handshake is the last part of connecting.
      if (key !== "tls") end -= length;
    }
  }

  #enter(state, at) {
    const lane = this.#lane("state");
    const before = lane.spans.at(-1);
    if (before) before.to = at;
    lane.spans.push({ what: `${state} ${STATES[state]}`, state, from: at });
    if (state === 4) lane.took = duration(at);
  }

  #mark(key, moment, at) {
    const lane = this.#lane(key);
    const before = lane.marks.at(-1);
    if (moment === "progress" && before?.moment === moment && at - before.at < PACE) {
      before.count += 1;
      return false;
    }
    lane.marks.push({ moment, at, count: 1 });
    const from = lane.marks[0].at;
    lane.spans = [{ from, to: at }];
    if (moment === "loadend") lane.took = duration(at - from);
    return true;
  }

  #lane(key) {
    return this.lanes.find((lane) => lane.key === key);
  }
}
