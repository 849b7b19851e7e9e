// The jobs by the browser's own objects, as a careful engineer uses them.
import { Rows, Sample, Tally, pattern, ping, uploaded } from "./digest.js";

/** The answer to a request that has been opened. */
function answered(xhr, body) {
  return new Promise((resolve, reject) => {
    xhr.onload = () => resolve(xhr.response);
    xhr.onerror = () => reject(new Error("no answer"));
    xhr.send(body);
  });
}

export async function get(url, count) {
  const tally = new Tally();
  for (let number = 0; number < count; number += 1) {
    const xhr = new XMLHttpRequest();
    xhr.open("GET", url);
    tally.add(await answered(xhr));
  }
  return tally.digest();
}

export async function fetchGet(url, count) {
  const tally = new Tally();
  for (let number = 0; number < count; number += 1) tally.add(await (await fetch(url)).text());
  return tally.digest();
}

export async function json(url) {
  return Rows.of(await (await fetch(url)).json());
}

export async function download(url) {
  const xhr = new XMLHttpRequest();
  xhr.open("GET", url);
  xhr.responseType = "arraybuffer";
  return Sample.of(new Uint8Array(await answered(xhr)));
}

export async function fetchDownload(url) {
  return Sample.of(new Uint8Array(await (await fetch(url)).arrayBuffer()));
}

let body;

/** Makes the body of the uploads, which is no part of the job. */
export function prepare(length) {
  body ??= pattern(length);
}

export const upload = (url) => uploadBlob(url, body);

export async function uploadBlob(url, blob) {
  const xhr = new XMLHttpRequest();
  let last = 0;
  xhr.upload.onprogress = ({ loaded }) => (last = loaded);
  xhr.open("POST", url);
  return uploaded(await answered(xhr, blob), last);
}

export async function stream(url) {
  const reader = (await fetch(url)).body.getReader();
  const sample = new Sample();
  for (let piece = await reader.read(); !piece.done; piece = await reader.read()) sample.add(piece.value);
  return sample.digest();
}

/** Into one buffer of 256 KiB, again and again. */
export async function streamIntoBuffer(url) {
  const { body } = await fetch(url);
  const sample = new Sample();
  let room = new Uint8Array(256 << 10);
  let reader;
  try {
    reader = body.getReader({ mode: "byob" });
  } catch {
    // No byte stream in this browser.
    reader = body.getReader();
  }
  for (let piece = await reader.read(room); !piece.done; piece = await reader.read(room)) {
    sample.add(piece.value);
    if (room.length === 0) room = new Uint8Array(piece.value.buffer);
  }
  return sample.digest();
}

export function nativeEvents(url, count) {
  return new Promise((resolve, reject) => {
    const source = new EventSource(url);
    const tally = new Tally();
    source.onerror = () => reject(new Error("no events"));
    source.onmessage = ({ data }) => {
      tally.add(data);
      if (tally.count < count) return;
      source.close();
      resolve(tally.digest());
    };
  });
}

/** Records as they arrive. */
export async function ndjson(url) {
  const reader = (await fetch(url)).body.getReader();
  const decoder = new TextDecoder();
  const rows = new Rows();
  let rest = "";
  for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
    const lines = (rest + decoder.decode(piece.value, { stream: true })).split("\n");
    rest = lines.pop();
    for (const line of lines) rows.add(JSON.parse(line));
  }
  return rows.digest();
}

/** Records when all have arrived. */
export async function wholeNdjson(url) {
  const rows = new Rows();
  for (const line of (await (await fetch(url)).text()).split("\n")) if (line) rows.add(JSON.parse(line));
  return rows.digest();
}

/** Runs `job` for each message until it gives its answer. */
function converse(url, start, job) {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url);
    socket.binaryType = "arraybuffer";
    socket.onopen = () => start(socket);
    socket.onerror = () => reject(new Error("no socket"));
    socket.onmessage = ({ data }) => {
      const answer = job(data, socket);
      if (answer === undefined) return;
      socket.close();
      resolve(answer);
    };
  });
}

export function pingPong(url, count) {
  const tally = new Tally();
  const start = (socket) => socket.send(ping(0));
  return converse(url, start, (text, socket) => {
    if (text !== ping(tally.count)) return "not the echo";
    tally.add(text);
    if (tally.count === count) return tally.digest();
    socket.send(ping(tally.count));
  });
}

export function flood(url, count) {
  const tally = new Tally();
  return converse(url, () => {}, (text) => {
    tally.add(text);
    if (tally.count === count) return tally.digest();
  });
}

export function binary(url, count, size) {
  const [message, sample] = [pattern(size), new Sample()];
  let received = 0;
  const start = (socket) => {
    for (let number = 0; number < count; number += 1) socket.send(message);
  };
  return converse(url, start, (buffer) => {
    sample.add(new Uint8Array(buffer));
    received += 1;
    if (received === count) return sample.digest();
  });
}
