// The jobs: what each contender's function is given, and the answer that it must give.
import { Rows, Sample, Tally, pattern, ping } from "./digest.js";

const MB = 1 << 20;
const HELLO = "/status/200?text=hello";
const sockets = location.origin.replace("http", "ws");

/** A tally of `count` texts. */
function tally(count, text) {
  const all = new Tally();
  for (let number = 0; number < count; number += 1) all.add(text(number));
  return all.digest();
}

/** The server's records, by their definition. */
function rows(count) {
  const cities = ["Aachen", "Bergen", "Córdoba", "Győr", "Łódź"];
  const row = (id) => ({
    id,
    name: `Name ${id}`,
    email: `user${id}@mail.example`,
    active: id % 3 === 0,
    score: (id % 1000) / 4,
    city: cities[id % cities.length],
  });
  return Rows.of(Array.from({ length: count }, (_, at) => row(at + 1)));
}

/** Bytes as the server sends them. */
function bytes(length) {
  const sample = new Sample();
  // A piece of whole periods, so that each begins as the first one.
  const piece = pattern(251 * 4096);
  for (let left = length; left > 0; left -= piece.length) sample.add(piece.subarray(0, Math.min(left, piece.length)));
  return sample.digest();
}

/** The bytes of the server's events. */
function eventBytes(count) {
  const events = Array.from({ length: count }, (_, at) => `id: ${at + 1}\ndata: event ${at + 1}\n\n`);
  const sample = new Sample();
  sample.add(new TextEncoder().encode(events.join("")));
  return sample.digest();
}

async function uploadAnswer(length) {
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", pattern(length)));
  const sha256 = Array.from(hash, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return `${JSON.stringify({ received: length, sha256 })}:${length}`;
}

/** Computes an answer when it is first asked for. */
function once(compute) {
  let answer;
  return () => (answer ??= compute());
}

/** What a page uploads as a rule: it has come from a file input. */
const file = once(() => new Blob([pattern(32 * MB)]));

const EVENTS = {
  times: 2,
  parameters: ["/bulk/sse?count=50000", 50_000],
  answer: once(() => tally(50_000, (at) => `event ${at + 1}`)),
};

/** `times` in a round: what is over in a moment is done more than once, and its time is the mean. */
const fixed = {
  get: hellos(200),
  json: { times: 10, parameters: ["/bulk/json?count=5000"], answer: once(() => rows(5000)) },
  download: { times: 4, parameters: [`/bytes/${32 * MB}?chunk=${MB}`], answer: once(() => bytes(32 * MB)) },
  upload: {
    times: 4,
    get parameters() {
      return ["/upload", file()];
    },
    answer: once(() => uploadAnswer(32 * MB)),
  },
  uploadbytes: { times: 4, parameters: ["/upload"], prepare: [32 * MB], answer: once(() => uploadAnswer(32 * MB)) },
  stream: { times: 4, parameters: [`/bytes/${128 * MB}?chunk=${MB}`], answer: once(() => bytes(128 * MB)) },
  events: EVENTS,
  watchedevents: EVENTS,
  eventbytes: { times: 4, parameters: ["/bulk/sse?count=50000"], answer: once(() => eventBytes(50_000)) },
  ndjson: { times: 4, parameters: ["/bulk/ndjson?count=50000"], answer: once(() => rows(50_000)) },
  pingpong: {
    times: 1,
    parameters: [`${sockets}/ws/echo`, 2000],
    answer: once(() => tally(2000, ping)),
  },
  flood: {
    times: 1,
    parameters: [`${sockets}/ws/flood?count=100000`, 100_000],
    answer: once(() => tally(100_000, ping)),
  },
  binary: {
    times: 1,
    parameters: [`${sockets}/ws/echo`, 500, 64 << 10],
    answer: once(() => {
      const [sample, message] = [new Sample(), pattern(64 << 10)];
      for (let number = 0; number < 500; number += 1) sample.add(message);
      return sample.digest();
    }),
  },
};

function hellos(count) {
  return { times: 1, parameters: [HELLO, count], answer: () => tally(count, () => "hello") };
}

/** The same of so many: what work costs as it grows. */
const growing = {
  morerequests: hellos,
  morepolls: hellos,
  moremessages: (count) => ({
    times: 1,
    parameters: [`${sockets}/ws/flood?count=${count}`, count],
    answer: () => tally(count, ping),
  }),
  moreevents: (count) => ({
    times: 4,
    parameters: [`/bulk/sse?count=${count}`, count],
    answer: () => tally(count, (at) => `event ${at + 1}`),
  }),
};

/** The job of that name. */
export function jobOf(name, count) {
  const job = growing[name]?.(count) ?? fixed[name];
  // ehttp and reqwest take no relative URL.
  const [url, ...others] = job.parameters;
  return { ...job, parameters: [new URL(url, location.href).href, ...others] };
}
