// Lanes on one time axis that moves: requests as bars, messages as strokes, empty answers as rings.
import { percent, place, shape } from "../svg.js";

/** How much of the past is shown, in milliseconds. */
const SPAN = 20_000;

const STEP = 5000;
const HEIGHT = 40;
const BAR = 13;
/** Where a bar lies: one that follows another closely lies lower, so that they are seen as two. */
const ROWS = [6, 21];
const CLOSELY = SPAN / 100;

/** One lane, drawn into `place`; `label` says what it is. */
export class Lane {
  #svg;

  constructor(place, label) {
    this.#svg = shape("svg", { class: "lane-chart", role: "img", "aria-label": label, height: HEIGHT });
    place.append(this.#svg);
  }

  /** Draws what there was in the span before `now`. Times are milliseconds by one clock; what has no `to` goes on. */
  draw(now, { requests = [], messages = [] }) {
    const bars = [...inRows(requests)].filter(({ to }) => to > now - SPAN);
    this.#svg.replaceChildren(
      ...grid(),
      ...bars.map((request) => bar(request, now)),
      ...bars.filter(({ kind }) => kind in SIGNS).map((request) => SIGNS[request.kind](request, now)),
      ...messages.filter(({ at }) => at > now - SPAN).map(({ id, at }) => stroke(id, place(at, now, SPAN))),
    );
  }
}

/** The axis above the lanes. */
export function axis(place) {
  const times = Array.from({ length: SPAN / STEP }, (_, index) => index * STEP);
  const texts = times.map((ago) => {
    const anchor = { x: percent(1 - ago / SPAN), y: 12, "text-anchor": ago === 0 ? "end" : "middle" };
    const text = shape("text", anchor);
    text.textContent = ago === 0 ? "now" : `−${ago / 1000} s`;
    return text;
  });
  const svg = shape("svg", { class: "axis-chart", height: 16, "aria-hidden": "true" });
  svg.append(...texts);
  place.append(svg);
}

function* grid() {
  for (let ago = STEP; ago < SPAN; ago += STEP) {
    const x = percent(1 - ago / SPAN);
    yield shape("line", { class: "grid", x1: x, x2: x, y1: 0, y2: HEIGHT });
  }
}

function* inRows(requests) {
  let before = { to: -Infinity, row: 0 };
  for (const { to = Infinity, ...request } of requests) {
    const row = request.from - before.to < CLOSELY ? 1 - before.row : 0;
    yield (before = { ...request, to, row });
  }
}

function bar({ kind, from, to, row }, now) {
  const [left, right] = [place(from, now, SPAN), place(to, now, SPAN)];
  const across = { x: percent(left), width: percent(right - left) };
  return shape("rect", { class: "request", "data-kind": kind, ...across, y: ROWS[row], height: BAR });
}

/** What the end of a request looks like. */
const SIGNS = {
  empty: ({ to, row }, now) =>
    shape("circle", { class: "empty", cx: percent(place(to, now, SPAN)), cy: ROWS[row] + BAR / 2, r: 4 }),
  cut({ to, row }, now) {
    const x = percent(place(to, now, SPAN));
    const cross = shape("text", { class: "cross", x, y: ROWS[row] + BAR / 2 + 5, "text-anchor": "middle" });
    cross.textContent = "×";
    return cross;
  },
};

function stroke(id, share) {
  const x = percent(share);
  return shape("line", { class: "message", "data-id": id, x1: x, x2: x, y1: 2, y2: HEIGHT - 2 });
}
