// An exchange drawn on one time axis, and as a table that says the same.
import { element } from "./dom.js";
import { many, milliseconds } from "./format.js";
import { STATES, Timeline } from "./timeline.js";

/** The axis has so many parts at the most. */
const PARTS = 5;
/** What of the axis the exchange takes once it is over; the rest shows that the last state stays. */
const SHARE = 0.94;

const CAPTION =
  "Above: the events of the exchange, as this page received them. Below: its phases, as the browser measured them. " +
  "A connection that is open already takes no time for DNS, Connect and TLS.";

export class Waterfall {
  #timeline;
  #rows;
  #axis = element("div", { class: "track" });
  #table = element("table");

  /** Draws into the figure `place`; with `upload`, there is a lane for the events of the way to the server. */
  constructor(place, options) {
    this.#timeline = new Timeline(options);
    this.#rows = this.#timeline.lanes.map((lane) => new Row(lane));
    place.append(
      element(
        "div",
        { class: "chart", role: "img", "aria-label": "The exchange on a time axis; the table below says the same" },
        element("div", { class: "lane" }, element("span"), this.#axis, element("span", { class: "took" }, "took")),
        ...this.#rows.map((row) => row.root),
      ),
      ...legend(),
      element("figcaption", {}, CAPTION),
      element("details", {}, element("summary", {}, "The same as a table"), this.#table),
    );
    this.#draw();
  }

  /** An exchange begins now. */
  start() {
    this.#timeline.start();
    this.#draw();
  }

  /** An event of the exchange, which came just now. */
  note(event) {
    if (this.#timeline.note(event)) this.#draw();
  }

  /** The response's `timing()`. */
  phases(timing) {
    this.#timeline.phases(timing);
    this.#draw();
  }

  #draw() {
    const { lanes, last, over } = this.#timeline;
    const step = round(last / PARTS);
    // While more may come, the axis grows by whole parts: it would never rest otherwise.
    const end = over ? last / SHARE : Math.max(step, step * Math.ceil(last / step));
    this.#axis.replaceChildren(...(last > 0 ? ticks(step, end) : []));
    for (const row of this.#rows) row.draw(step, end, over ? end : last);
    this.#table.replaceChildren(...tabulate(lanes));
  }
}

class Row {
  #lane;
  #track = element("div", { class: "track" });
  #took = element("span", { class: "took" });

  constructor(lane) {
    this.#lane = lane;
    const name = element("span", { class: "name" }, lane.name);
    this.root = element("div", { class: "lane", "data-lane": lane.key }, name, this.#track, this.#took);
  }

  /** A span that goes on is drawn up to `now`. */
  draw(step, end, now) {
    const { spans, marks, took } = this.#lane;
    this.#track.style.setProperty("--part", step / end);
    this.#track.replaceChildren(
      ...spans.map(({ state, from, to }) => at(bar(state), from / end, (to ?? now) / end)),
      ...marks.map((mark) => at(sign(mark.moment), mark.at / end)),
    );
    this.#took.textContent = took ?? "–";
  }
}

const bar = (state) => element("span", { class: "bar", "data-state": state }, element("b", {}, state ?? ""));

const sign = (moment) => element("i", { class: "mark", "data-moment": moment });

/** Puts it there on the axis, from 0 to 1. By script, since the page's policy allows no style in the markup. */
function at(made, from, to = from) {
  made.style.setProperty("--from", from);
  made.style.setProperty("--to", to);
  return made;
}

/** The next of 1, 2, 5, 10, 20, 50 ... ms */
function round(ms) {
  const power = 10 ** Math.floor(Math.log10(Math.max(ms, 1)));
  return power * [1, 2, 5, 10].find((factor) => factor * power >= ms);
}

function* ticks(step, end) {
  for (let time = 0; time <= end; time += step) {
    const text = step < 500 ? `${time} ms` : `${time / 1000} s`;
    yield at(element("span", {}, time === 0 ? "0" : text), time / end);
  }
}

function* legend() {
  const entry = (text, sign) => element("li", {}, sign, text);
  const list = (...entries) => element("ul", { class: "legend" }, ...entries);
  yield list(...STATES.map((name, state) => entry(name, bar(state))));
  yield list(
    entry("loadstart, loadend", sign("loadend")),
    entry("progress", sign("progress")),
    entry("load", sign("load")),
    entry("abort, error or timeout", sign("abort")),
  );
}

function* tabulate(lanes) {
  const cells = (kind, ...texts) => element("tr", {}, ...texts.map((text) => element(kind, {}, text)));
  yield element("thead", {}, cells("th", "What", "Began at", "Took"));
  for (const { name, spans, marks, took } of lanes) {
    const rows = [...spans.filter(({ what }) => what), ...merged(marks)];
    yield element(
      "tbody",
      {},
      element("tr", {}, element("th", { scope: "rowgroup" }, name), element("td"), element("td", {}, took ?? "–")),
      ...rows.map(({ what, from, to }) => cells("td", what, milliseconds(from), length(from, to))),
    );
  }
}

const length = (from, to) => (to === undefined ? "–" : milliseconds(to - from));

/** Progress that nothing interrupts is one entry. */
function merged(marks) {
  const entries = [];
  for (const { moment, at, count } of marks) {
    const before = entries.at(-1);
    if (moment === "progress" && before?.moment === moment) {
      before.count += count;
      before.to = at;
    } else {
      entries.push({ moment, count, from: at, to: undefined });
    }
  }
  return entries.map(({ moment, count, ...times }) => ({
    what: count > 1 ? `${moment}, ${many(count, "time")}` : moment,
    ...times,
  }));
}
