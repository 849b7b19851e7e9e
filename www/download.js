// Download: a GET into a blob, shown as it arrives; the visitor may keep the file.
import { Demo } from "./demo.js";
import { follow } from "./follow.js";
import { duration, many } from "./format.js";
import { Meter } from "./meter.js";
import { http } from "./pkg/pagewire.js";
import { SaveLink } from "./save.js";
import { Waterfall } from "./waterfall.js";

const SIZE = 4_000_000;

const demo = new Demo("download");
const meter = new Meter(demo.root);
const waterfall = new Waterfall(demo.find(".waterfall"));
const link = new SaveLink(demo.find(".save"));
const lengthTold = document.getElementById("download-length");

demo.onStart(async (signal) => {
  const query = { chunk: 50_000, delay: 25, length: lengthTold.checked ? "yes" : "no", key: demo.key };
  const options = { query, signal, responseType: "blob", timing: true };
  const began = performance.now();
  let complete = false;
  link.clear();
  meter.start();
  waterfall.start();
  try {
    const exchange = http.start("GET", `/bytes/${SIZE}`, undefined, options);
    const response = await follow(exchange, "download", meter, waterfall);
    const took = duration(performance.now() - began);
    complete = true;
    const blob = await response.blob();
    link.offer(blob, "pagewire.bin");
    waterfall.phases(await response.timing());
    return `${many(blob.size, "byte")} in ${took}.`;
  } finally {
    meter.finish(complete);
  }
});
