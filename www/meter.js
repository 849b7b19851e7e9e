// A progress bar and its four gauges: share, bytes, rate, time left.
import { bytes, duration } from "./format.js";

export class Meter {
  #bar;
  #gauges;

  constructor(root) {
    this.#bar = root.querySelector("progress");
    this.#gauges = Object.fromEntries(
      [...root.querySelectorAll("[data-gauge]")].map((gauge) => [gauge.dataset.gauge, gauge]),
    );
  }

  start() {
    this.#fill(0);
    for (const gauge of Object.values(this.#gauges)) gauge.textContent = "–";
  }

  /** What `onDownload` and `onUpload` are given. */
  show({ loaded, total, rate, remaining }) {
    this.#fill(total === undefined ? undefined : loaded / Math.max(total, 1));
    const { percent, size, speed, left } = this.#gauges;
    percent.textContent = total === undefined ? "unknown" : `${Math.floor((100 * loaded) / Math.max(total, 1))} %`;
    size.textContent = bytes(loaded);
    speed.textContent = rate === undefined ? "–" : `${bytes(rate)}/s`;
    left.textContent = remaining === undefined ? "unknown" : duration(remaining);
  }

  /** It is over: what was complete is so, also where the total was not known or nothing. */
  finish(complete) {
    if (complete) {
      this.#fill(1);
      this.#gauges.percent.textContent = "100 %";
      this.#gauges.left.textContent = duration(0);
    } else if (this.#bar.position < 0) {
      this.#fill(0);
    }
  }

  #fill(share) {
    if (share === undefined) this.#bar.removeAttribute("value");
    else this.#bar.value = share;
  }
}
