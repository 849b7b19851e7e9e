// Upload: a POST of a file, shown as it is sent.
import { Demo } from "./demo.js";
import { follow } from "./follow.js";
import { duration, many } from "./format.js";
import { Meter } from "./meter.js";
import { http } from "./pkg/pagewire.js";
import { Waterfall } from "./waterfall.js";

/** The server reads at a pace that makes any upload last about this long, so that there is something to see. */
const SECONDS = 3;
/** Bytes per second that the server can be asked for. */
const FASTEST = 2 ** 32 - 1;

const demo = new Demo("upload");
const meter = new Meter(demo.root);
const waterfall = new Waterfall(demo.find(".waterfall"), { upload: true });
const chosen = document.getElementById("upload-file");

demo.onStart(async (signal) => {
  const body = chosen.files[0] ?? madeUp();
  const pace = Math.min(Math.max(Math.ceil(body.size / SECONDS), 1), FASTEST);
  const options = { query: { pace, key: demo.key }, signal, uploadEvents: true, timing: true };
  const began = performance.now();
  let complete = false;
  meter.start();
  waterfall.start();
  try {
    const exchange = http.start("POST", "/upload", body, options);
    const response = await follow(exchange, "upload", meter, waterfall);
    const took = duration(performance.now() - began);
    waterfall.phases(await response.timing());
    const { received } = await response.errorForStatus().json();
    complete = received === body.size;
    return `The server received ${many(received, "byte")} in ${took}.`;
  } finally {
    meter.finish(complete);
  }
});

/** 16,064,000 bytes; byte i is i modulo 251. */
function madeUp() {
  const piece = Uint8Array.from({ length: 251_000 }, (_, index) => index % 251);
  return new Blob(Array(64).fill(piece));
}
