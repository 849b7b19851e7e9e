// Image ping and beacon: tell another origin something, and see what there is to know of it.
import { Demo } from "./demo.js";
import { Log } from "./dom.js";
import { origins } from "./origins.js";
import { ping } from "./pkg/pagewire.js";

const demo = new Demo("ping");
const log = new Log(demo.find(".log"));
const form = document.getElementById("ping-what");

/** What a browser asks for, to make an image of it. */
const TARGETS = {
  pixel: "/pixel",
  missing: "/pixel?status=404",
  page: "/status/200?text=no+image",
  empty: "/status/204",
};

const NOTES = { short: "a note that outlives the page", large: "x".repeat(70 << 10) };

/** How a note went, by what the module calls it. */
const WAYS = {
  beacon: "as a beacon",
  fetch: "by fetch, with keepalive",
  xhr: "by XMLHttpRequest: it was too much for a beacon",
  image: "in the address of an image",
};

demo.onStart(async (signal) => {
  const { target, note } = Object.fromEntries(new FormData(form));
  // The server is told to allow nothing: neither a ping nor a beacon needs its leave.
  const query = { key: demo.key, cors: "off", seen: "page 7" };
  log.start();
  log.add("a ping", "page");
  const pong = await ping.image(origins.second + TARGETS[target], { query, unique: "_", timeout: 5000, signal });
  const seen = pong.loaded ? `an image of ${pong.width} × ${pong.height}` : "an end, without an image";
  log.add(seen, "server");
  const via = ping.beacon(`${origins.second}/echo`, NOTES[note], { query, fallback: true });
  log.add(`a note, ${WAYS[via]}`, "page");
  return `The ping brought ${seen}, after ${Math.round(pong.elapsed)} ms. The note went ${WAYS[via]}.`;
});
