// The events by eventsource-parser over fetch.
import { createParser } from "./node_modules/eventsource-parser/dist/index.js";
import { Tally } from "./digest.js";

export async function events(url, count) {
  const tally = new Tally();
  const parser = createParser({ onEvent: ({ data }) => tally.add(data) });
  const decoder = new TextDecoder();
  const reader = (await fetch(url)).body.getReader();
  for (let piece = await reader.read(); !piece.done && tally.count < count; piece = await reader.read()) {
    parser.feed(decoder.decode(piece.value, { stream: true }));
  }
  return tally.digest();
}
