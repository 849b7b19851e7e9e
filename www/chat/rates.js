// Messages per second, each way: numbers, and bars of the last half minute.
import { count } from "../format.js";
import { percent, shape } from "../svg.js";

/** So long is one bar, in milliseconds, and so many are shown. */
export const STEP = 500;
const BARS = 60;

const HEIGHT = 60;
const MIDDLE = HEIGHT / 2;

export class Rates {
  #svg = shape("svg", { class: "rates", role: "img", "aria-label": "Messages per second", height: HEIGHT });
  #gauges;
  #totals;
  #bars;

  /** Draws into `place`; the gauges are looked for in `root`. */
  constructor(root, place) {
    this.#gauges = [...root.querySelectorAll("[data-gauge]")];
    place.append(this.#svg);
    this.start();
  }

  start() {
    this.#totals = { sent: 0, received: 0 };
    this.#bars = [];
    this.#draw();
  }

  /** Once in each step: how many messages there were so far, and how many wait. */
  note(totals) {
    const rate = (way) => ((totals[way] - this.#totals[way]) * 1000) / STEP;
    const bar = { sent: rate("sent"), received: rate("received") };
    this.#totals = totals;
    this.#bars = [...this.#bars, bar].slice(-BARS);
    const told = { ...totals, "sent-rate": bar.sent, "received-rate": bar.received };
    for (const gauge of this.#gauges) gauge.textContent = count(told[gauge.dataset.gauge]);
    this.#draw();
  }

  #draw() {
    const most = Math.max(10, ...this.#bars.flatMap(({ sent, received }) => [sent, received]));
    const draw = ({ sent, received }, index) => {
      const x = 1 - (this.#bars.length - index) / BARS;
      return [bar("sent", x, (MIDDLE * sent) / most), bar("received", x, (MIDDLE * received) / most)];
    };
    this.#svg.replaceChildren(
      shape("line", { x1: 0, x2: "100%", y1: MIDDLE, y2: MIDDLE }),
      ...this.#bars.flatMap(draw),
    );
  }
}

/** What is sent rises from the middle, what is received hangs from it. */
function bar(way, x, height) {
  const y = way === "sent" ? MIDDLE - height : MIDDLE;
  return shape("rect", { class: way, x: percent(x), width: percent(0.8 / BARS), y, height });
}
