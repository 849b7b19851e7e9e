// Download: a GET whose progress is shown as it arrives.
import { Demo } from "./demo.js";
import { duration, many } from "./format.js";
import { Meter } from "./meter.js";
import { http } from "./pkg/pagewire.js";

const SIZE = 4_000_000;

const demo = new Demo("download");
const meter = new Meter(demo.root);
const lengthTold = document.getElementById("download-length");

demo.onStart(async (signal) => {
  const began = performance.now();
  const query = { chunk: 50_000, delay: 25, length: lengthTold.checked ? "yes" : "no", key: demo.key };
  meter.start();
  let complete = false;
  try {
    const response = await http.get(`/bytes/${SIZE}`, {
      query,
      signal,
      onDownload: (progress) => meter.show(progress),
    });
    const received = await response.bytes();
    complete = true;
    return `${many(received.length, "byte")} in ${duration(performance.now() - began)}.`;
  } finally {
    meter.finish(complete);
  }
});
