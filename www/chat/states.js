// What became of a connection that is kept up: its states on a time axis that ends now.
import { percent, place, shape } from "../svg.js";

/** How much of the past is shown, in milliseconds. */
const SPAN = 30_000;

const HEIGHT = 22;

export class States {
  #svg = shape("svg", { class: "states", role: "img", "aria-label": "States of the connection", height: HEIGHT });
  #spans = [];

  constructor(place) {
    place.append(this.#svg);
  }

  start() {
    this.#spans = [];
  }

  /** From now on it is in this state. */
  enter(state) {
    const before = this.#spans.at(-1);
    if (before?.state === state) return;
    const at = performance.now();
    if (before) before.to = at;
    this.#spans.push({ state, from: at });
    this.draw();
  }

  draw() {
    const now = performance.now();
    const seen = this.#spans.filter(({ to = now }) => to >= now - SPAN);
    this.#svg.replaceChildren(...seen.map((span) => bar(span, now)));
  }
}

function bar({ state, from, to = Infinity }, now) {
  const [left, right] = [place(from, now, SPAN), place(to, now, SPAN)];
  return shape("rect", { "data-state": state, x: percent(left), width: percent(right - left), y: 3, height: HEIGHT - 6 });
}
