// The jobs by ky.
import ky from "./node_modules/ky/distribution/index.js";
import { Rows, Sample, Tally } from "./digest.js";

export async function get(url, count) {
  const tally = new Tally();
  for (let number = 0; number < count; number += 1) tally.add(await ky.get(url).text());
  return tally.digest();
}

export async function json(url) {
  return Rows.of(await ky.get(url).json());
}

export async function download(url) {
  return Sample.of(new Uint8Array(await ky.get(url).arrayBuffer()));
}

export async function stream(url) {
  const reader = (await ky.get(url, { timeout: false })).body.getReader();
  const sample = new Sample();
  for (let piece = await reader.read(); !piece.done; piece = await reader.read()) sample.add(piece.value);
  return sample.digest();
}
