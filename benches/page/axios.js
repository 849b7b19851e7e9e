// The jobs by axios.
import axios from "./node_modules/axios/dist/esm/axios.min.js";
import { Rows, Sample, Tally, pattern, uploaded } from "./digest.js";

export async function get(url, count) {
  const tally = new Tally();
  for (let number = 0; number < count; number += 1) tally.add((await axios.get(url)).data);
  return tally.digest();
}

export async function json(url) {
  return Rows.of((await axios.get(url)).data);
}

export async function download(url) {
  return Sample.of(new Uint8Array((await axios.get(url, { responseType: "arraybuffer" })).data));
}

let body;

/** Makes the body of the uploads, which is no part of the job. */
export function prepare(length) {
  body ??= pattern(length);
}

export const upload = (url) => uploadBlob(url, body);

export async function uploadBlob(url, blob) {
  let last = 0;
  const onUploadProgress = ({ loaded }) => (last = loaded);
  const { data } = await axios.post(url, blob, { onUploadProgress, responseType: "text" });
  return uploaded(typeof data === "string" ? data : JSON.stringify(data), last);
}

export async function stream(url) {
  const { data } = await axios.get(url, { adapter: "fetch", responseType: "stream" });
  const reader = data.getReader();
  const sample = new Sample();
  for (let piece = await reader.read(); !piece.done; piece = await reader.read()) sample.add(piece.value);
  return sample.digest();
}
