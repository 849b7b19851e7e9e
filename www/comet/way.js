// One way to follow a feed: it is started and stopped, receives messages, and is drawn.
import { explain } from "../dom.js";
import { bytes, milliseconds } from "../format.js";
import { Lane } from "./chart.js";
import { now } from "./source.js";
import { Traffic } from "./traffic.js";

/** How many of the latest delays count. */
const DELAYS = 500;

/** The server notes an end a moment after the page does: so many looks more. */
const LOOKS_AFTER = 3;

export class Way {
  #name;
  #root;
  #traffic;
  #lane;
  #gauges;
  #source;
  #controller;
  #messages = [];
  #looksAfter = 0;

  /** In the element `root`; the server records its requests under `key`. `onPress` is called for its button. */
  constructor(root, key, onPress) {
    this.#name = root.dataset.way;
    this.#root = root;
    this.#traffic = new Traffic(`${key}-${this.#name}`);
    this.#lane = new Lane(this.#find(".lane-place"), `${this.#find("h3").textContent}: its requests and messages`);
    this.#gauges = [...root.querySelectorAll("[data-gauge]")];
    this.#find("button").setAttribute("aria-disabled", "false");
    this.#find("button").addEventListener("click", () => (this.isRunning ? this.stop() : onPress(this)));
  }

  get isRunning() {
    return this.#controller !== undefined;
  }

  /** Whether there may be something new to draw. */
  get isBusy() {
    return this.isRunning || this.#traffic.isOpen || this.#looksAfter > 0;
  }

  /** Follows the source until it is stopped, or until it fails for good. `beat` is that of short polling. */
  async run(source, beat) {
    this.#controller = new AbortController();
    this.#source = source;
    this.#messages = [];
    this.#enter("running");
    try {
      await this.#follow(beat, this.#controller.signal);
      this.#enter("done", "The server ended it.");
    } catch (error) {
      this.#fail(error);
    } finally {
      this.#controller = undefined;
      this.#looksAfter = LOOKS_AFTER;
    }
  }

  stop() {
    this.#controller?.abort();
  }

  /** Reads on in the server's record. */
  async look() {
    if (!this.isBusy || !this.#source.feed.isRecorded) return;
    this.#looksAfter -= Number(this.#looksAfter > 0);
    await this.#traffic.look((time) => this.#source.clock(time));
  }

  draw(time) {
    this.#lane.draw(time, { requests: this.#traffic.requests, messages: this.#messages });
    const told = { messages: this.#messages.length, ...this.#delays(), ...this.#sums() };
    for (const gauge of this.#gauges) write(gauge, String(told[gauge.dataset.gauge]));
  }

  async #follow(beat, signal) {
    const [after] = await Promise.all([this.#source.position(), this.#traffic.begin()]);
    signal.throwIfAborted();
    for await (const { id, sent } of this.#source.feed[this.#name](after, { beat, signal })) {
      const at = now();
      this.#messages.push({ id, at, delay: Math.max(0, at - this.#source.clock(sent)) });
    }
  }

  #delays() {
    const delays = this.#messages.slice(-DELAYS).map(({ delay }) => delay).sort((a, b) => a - b);
    if (delays.length === 0) return { median: "–", worst: "–" };
    return { median: milliseconds(delays[delays.length >> 1]), worst: milliseconds(delays.at(-1)) };
  }

  #sums() {
    if (this.#source && !this.#source.feed.isRecorded) {
      return { requests: "not recorded", empty: "–", asked: "–", answered: "–" };
    }
    const { made, empty, asked, answered } = this.#traffic.sums;
    return { requests: made, empty, asked: bytes(asked), answered: bytes(answered) };
  }

  #enter(state, ...outcome) {
    this.#root.dataset.state = state;
    this.#find("button").textContent = state === "running" ? "Stop" : "Start";
    this.#find(".verdict").replaceChildren(...outcome);
  }

  #fail(error) {
    if (this.#controller.signal.aborted) return this.#enter("cancelled", "Stopped.");
    this.#enter("failed", ...explain(error));
    // Not a failure on the wire but a mistake in this page: it goes on to the console.
    if (error.name !== "PagewireError") throw error;
  }

  #find(selector) {
    return this.#root.querySelector(selector);
  }
}

/** Only what changed, so that what a visitor has selected stays so. */
function write(gauge, text) {
  if (gauge.textContent !== text) gauge.textContent = text;
}
