// Runs before any test of its global scope: watches for errors that nobody handled and tells the test server of each,
// so that a panic in a spawned task, or a forgotten rejection, cannot pass unseen. Also says where the servers are.

// A promise and no top-level await: a service worker's module may not wait, and another worker's would miss the
// message that starts its tests.
const servers = whoIsThere();
let expected = 0;

// `cargo xtask test` and `cargo xtask serve` write the file, and the test runner serves it beside the page: the test
// server's two origins and the name of this run, a line each, then NAME=ORIGIN for each real server by others.
async function whoIsThere() {
  const answer = await fetch("/test-server.txt");
  const text = answer.ok ? await answer.text() : "";
  const lines = text.split("\n").map((line) => line.trim()).filter(Boolean);
  const peers = Object.fromEntries(lines.slice(3).map((line) => line.split("=")));
  const [first, second, run] = lines.length >= 2 ? lines : ["http://127.0.0.1:8765", "http://127.0.0.1:8766"];
  return { first, second, run, peers };
}

async function tell(text) {
  const { first, run } = await servers;
  if (run === undefined) return;
  await fetch(`${first}/echo?key=guard-${run}`, { method: "POST", body: text, keepalive: true }).catch(() => {});
}

function unclaimed(kind, message) {
  if (expected > 0) {
    expected -= 1;
    return;
  }
  console.error(`unclaimed ${kind}: ${message}`);
  tell(`unclaimed ${kind} ${message}`);
}

self.addEventListener("error", (event) => unclaimed("error", event.message));
self.addEventListener("unhandledrejection", (event) => unclaimed("unhandledrejection", String(event.reason)));
tell(`watching ${self.constructor.name}`);

export const firstOrigin = async () => (await servers).first;
export const secondOrigin = async () => (await servers).second;
export const peerOrigin = async (name) => (await servers).peers[name];

// Something that the test's report is to say.
export const note = (text) => tell(`note ${text}`);

// The next `count` unhandled errors are part of the test.
export function claim(count) {
  expected += count;
}

// How many of the claimed ones have not come.
export const outstanding = () => expected;

export const scopeName = () => self.constructor.name;

export const sleep = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

// What the server recorded under `key`, as text.
export async function journal(key) {
  const answer = await fetch(`${await firstOrigin()}/journal?key=${key}`);
  return await answer.text();
}

export const randomKey = () => crypto.randomUUID();

// Runs `source` as the body of an async function, for what only JavaScript can stage.
export const evaluate = (source) => new (Object.getPrototypeOf(async function () {}).constructor)(source)();
