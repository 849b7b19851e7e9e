// Image ping and beacon: tell the server something, and see what there is to know of it.
import { Demo } from "./demo.js";
import { Log } from "./dom.js";
import { ping } from "./pkg/pagewire.js";

const demo = new Demo("ping");
const log = new Log(demo.find(".log"));
const form = document.getElementById("ping-what");

/** What is asked for in each case, and what a browser makes of it. */
const TARGETS = {
  pixel: "/pixel",
  missing: "/pixel?status=404",
  page: "/status/200?text=no+image",
  empty: "/status/204",
};

demo.onStart(async (signal) => {
  const { target } = Object.fromEntries(new FormData(form));
  log.start();
  const query = { key: demo.key, seen: "page 7" };
  const pong = await ping.image(TARGETS[target], { query, unique: "_", timeout: 5000, signal });
  log.add(pong.loaded ? `an image of ${pong.width} × ${pong.height}` : "no image", "server");
  const via = ping.beacon("/echo", "a note that outlives the page", { query: { key: demo.key }, fallback: true });
  log.add(`a beacon, by ${via}`, "page");
  return `${pong.loaded ? "Loaded" : "Not an image"} after ${Math.round(pong.elapsed)} ms; the note went by ${via}.`;
});
