// Upload: a POST whose progress is shown as it is sent.
import { Demo } from "./demo.js";
import { duration, many } from "./format.js";
import { Meter } from "./meter.js";
import { http } from "./pkg/pagewire.js";

/** The server reads at a pace that makes any upload last about this long, so that there is something to see. */
const SECONDS = 3;

const demo = new Demo("upload");
const meter = new Meter(demo.root);
const chosen = document.getElementById("upload-file");

demo.onStart(async (signal) => {
  const began = performance.now();
  const body = chosen.files[0] ?? madeUp();
  const query = { pace: Math.ceil(body.size / SECONDS), key: demo.key };
  meter.start();
  const response = await http.post("/upload", body, { query, signal, onUpload: (progress) => meter.show(progress) });
  const { received } = await response.json();
  return `The server received ${many(received, "byte")} in ${duration(performance.now() - began)}.`;
});

/** 16,064,000 bytes; byte i is i modulo 251. */
function madeUp() {
  const piece = Uint8Array.from({ length: 251_000 }, (_, index) => index % 251);
  return new Blob(Array(64).fill(piece));
}
