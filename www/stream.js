// Text stream: one answer, read line by line while it arrives.
import { Demo } from "./demo.js";
import { Log } from "./dom.js";
import { many } from "./format.js";
import { stream } from "./pkg/pagewire.js";

const demo = new Demo("stream");
const log = new Log(demo.find(".log"));
const endless = document.getElementById("stream-endless");

demo.onStart(async (signal) => {
  const query = { count: endless.checked ? 0 : 12, every: 250, key: demo.key };
  log.start();
  let lines = 0;
  for await (const line of stream.lines("/lines", { query, signal })) {
    log.add(line);
    lines += 1;
  }
  return `${many(lines, "line")}; the server ended the stream.`;
});
