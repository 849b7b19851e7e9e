// What every demo has: its key at the server, one run at a time, buttons, an outcome, and the server's record.
import { explain } from "./dom.js";
import { Record } from "./record.js";

/** A name that nobody else has. */
export const unique = () => crypto.getRandomValues(new Uint32Array(2)).join("");

/** All keys of this page begin with it; `?key=` in the address chooses it. */
const base = new URLSearchParams(location.search).get("key") ?? unique();

/** Sent with every request of a demo, so that the server's record of it can be found. */
export const keyOf = (name) => `${base}-${name}`;

export class Demo {
  #controller;
  #verdict;

  constructor(name) {
    this.root = document.querySelector(`[data-demo="${name}"]`);
    this.key = keyOf(name);
    this.record = new Record(this.find(".record"), this.key);
    this.#verdict = this.find(".verdict");
    this.enable("start", true);
    this.#button("stop")?.addEventListener("click", () => this.#controller?.abort());
  }

  find(selector) {
    return this.root.querySelector(selector);
  }

  /** Runs `task` when the start button is pressed. The text it returns is the outcome; it ends early by its signal. */
  onStart(task) {
    this.#button("start").addEventListener("click", () => this.#run(task));
  }

  /** A button that cannot be used now stays focusable, so a keyboard user does not lose the place. */
  enable(action, enabled) {
    this.#button(action)?.setAttribute("aria-disabled", String(!enabled));
  }

  async #run(task) {
    if (this.#controller) return;
    this.#controller = new AbortController();
    this.#enter("running");
    this.record.begin();
    try {
      this.#enter("done", await task(this.#controller.signal));
    } catch (error) {
      this.#fail(error);
    } finally {
      this.#controller = undefined;
      this.record.settle();
    }
  }

  #enter(state, ...outcome) {
    this.root.dataset.state = state;
    this.enable("start", state !== "running");
    this.enable("stop", state === "running");
    this.#verdict.replaceChildren(...outcome);
  }

  #fail(error) {
    const cancelled = error.kind === "aborted" && error.by === "caller";
    this.#enter(cancelled ? "cancelled" : "failed", ...explain(error));
    // Not a failure on the wire but a mistake in this page: it goes on to the console.
    if (error.name !== "PagewireError") throw error;
  }

  #button(action) {
    return this.find(`[data-action="${action}"]`);
  }
}
