// Claims about the built ES module that need no page: run in Node against the test server, whose origin is the
// argument. Prints a line for each, `ok` or `FAILED`, in the manner of Rust's own harness.
import { readFile } from "node:fs/promises";

const base = process.argv.at(-1);
const module = await import(`${process.cwd()}/pkg/pagewire.js`);
await module.default({ module_or_path: await readFile("pkg/pagewire_bg.wasm") });
const { cors, environment, http, jsonp, ping, poll, sse, stream, websocket } = module;

const unhandled = [];
process.on("unhandledRejection", (reason) => unhandled.push(reason));

function equal(actual, expected) {
  const [a, b] = [actual, expected].map((value) => JSON.stringify(value));
  if (a !== b) throw new Error(`${a} instead of ${b}`);
}

async function kind(call) {
  try {
    await call();
    return "none";
  } catch (error) {
    return error.name === "PagewireError" ? error.kind : `${error}`;
  }
}

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const journal = async (key) => (await fetch(`${base}/journal?key=${key}`)).json();

const claims = {
  async several_calls_of_next_are_answered_in_their_order() {
    const lines = stream.lines(`${base}/lines?count=3&every=20`);
    const steps = await Promise.all([lines.next(), lines.next(), lines.next(), lines.next()]);
    equal(steps.map((step) => step.value), ["line 1", "line 2", "line 3", undefined]);
    equal(steps[3].done, true);
  },
  async a_url_may_be_a_url_object() {
    equal((await stream.lines(new URL("/lines?count=1&every=1", base)).next()).value, "line 1");
  },
  async an_argument_of_another_type_is_refused_and_does_no_harm() {
    equal(await kind(() => stream.lines(123).next()), "invalid-request");
    equal(await kind(() => stream.lines({ toString() { throw new Error("mine"); } }).next()), "invalid-request");
    equal(await kind(() => http.get(base, 7)), "invalid-request");
  },
  async options_that_throw_are_unknown_or_inherited_are_refused() {
    equal(await kind(() => http.get(base, { query: { get a() { throw new Error("mine"); } } })), "invalid-request");
    equal(await kind(() => http.get(base, { timout: 1 })), "invalid-request");
    equal(await kind(() => http.get(base, Object.create({ timeout: 1 }))), "invalid-request");
    equal(await kind(() => http.get(base, { timeout: "soon" })), "invalid-request");
  },
  async options_without_a_prototype_are_options() {
    const options = Object.assign(Object.create(null), { timeout: 5000 });
    equal((await stream.lines(`${base}/lines?count=1&every=1`, options).next()).value, "line 1");
  },
  async where_there_is_no_xmlhttprequest_it_says_so() {
    equal(await kind(() => http.get(`${base}/status/200`)), "unsupported");
  },
  async what_needs_a_document_says_so_where_there_is_none() {
    equal(await kind(() => ping.image(`${base}/pixel`)), "unsupported");
    equal(await kind(() => ping.detach(`${base}/pixel`)), "unsupported");
    equal(await kind(() => jsonp.get(`${base}/jsonp`)), "unsupported");
    equal(await kind(() => jsonp.getAndTrustTheServerWithThisPage(`${base}/jsonp`)), "unsupported");
  },
  async where_there_is_no_beacon_it_says_so_or_goes_another_way() {
    equal(await kind(() => ping.beacon(`${base}/echo`, "x")), "unsupported");
    equal(ping.beacon(`${base}/echo?key=module-beacon`, "x", { fallback: true }), "fetch");
    const deadline = Date.now() + 5000;
    while ((await journal("module-beacon")).length === 0 && Date.now() < deadline) await pause(20);
    equal((await journal("module-beacon")).map((entry) => [entry.method, entry.body.text]), [["POST", "x"]]);
  },
  async options_of_pings_and_calls_are_checked_before_anything_else() {
    equal(await kind(() => ping.image(base, { timout: 1 })), "invalid-request");
    equal(await kind(() => ping.image(base, { referrerPolicy: "none" })), "invalid-request");
    equal(await kind(() => ping.beacon(base, 7)), "invalid-request");
    equal(await kind(() => ping.beacon("data:,x")), "invalid-request");
    equal(await kind(() => jsonp.get(base, { callbackName: "a.b" })), "invalid-request");
    equal(await kind(() => jsonp.get("javascript:1")), "invalid-request");
    const trusted = jsonp.getAndTrustTheServerWithThisPage;
    equal(await kind(() => trusted(base, { allowRedirectsTo: [base] })), "invalid-request");
  },
  async a_plan_is_plain_data() {
    const plan = cors.plan("PUT", `${base}/echo`, "text", { headers: { "X-B": "1" }, onUpload() {} });
    equal([plan.kind, plan.requestMethod, plan.requestHeaders], ["preflighted", "PUT", "x-b"]);
    // Where there is no XMLHttpRequest, http goes by fetch, which has no upload events.
    equal(plan.reasons.length, 2);
    equal(plan.withoutCredentials.preflight[1], { name: "Access-Control-Allow-Methods", value: "PUT", optional: false, orStar: true });
    equal(plan.withCredentials.answer[1], { name: "Access-Control-Allow-Credentials", value: "true", optional: false, orStar: false });
    equal(cors.plan("GET", `${base}/echo`, null, { headers: { dpr: 2 } }).deviations[0].engine, "chromium");
    equal(await kind(async () => cors.plan("GET", "http://[/")), "invalid-request");
    equal(cors.readable("ETag"), "when-exposed");
  },
  async an_environment_without_something_says_why() {
    const has = environment.capabilities();
    equal([has["fetch-streams"], typeof has.xhr], [true, "string"]);
  },
  async an_error_of_a_request_diagnoses_itself_and_shows_nothing_of_that() {
    const error = await stream.lines("http://127.0.0.1:6667/").next().catch((error) => error);
    equal(Object.keys(error).includes("diagnose"), false);
    const told = await error.diagnose();
    equal([told.verdict, told.detail, told.confidence, told.needed.answer], ["bad-port", 6667, "likely", []]);
    equal(await kind(() => error.diagnose({ prob: true })), "invalid-request");
  },
  async a_socket_says_where_there_is_none_and_refuses_unknown_options() {
    const outcome = await kind(async () => (await websocket.connect(`${base}/ws/echo`)).close());
    equal(outcome, typeof WebSocket === "undefined" ? "unsupported" : "none");
    equal(await kind(() => websocket.connect(base, { overflow: "spill" })), "invalid-request");
    equal(await kind(() => websocket.connect(base, { attempts: 3 })), "invalid-request");
    equal(await kind(() => websocket.reconnecting(base, { attempts: -1 })), "invalid-request");
    equal(await kind(() => websocket.reconnecting(base, { heartbeat: { every: 1000 } })), "invalid-request");
  },
  async a_connection_that_is_kept_up_is_over_where_there_is_none() {
    if (typeof WebSocket !== "undefined") return;
    const socket = websocket.reconnecting(`${base}/ws/echo`, { queue: { messages: 3 } });
    equal(await kind(() => socket.next()), "unsupported");
    equal(await kind(() => socket.send("x")), "closed");
    equal([socket.latest.state, await socket.closed()], ["closed", undefined]);
  },
  async a_client_s_transport_answers_without_a_network() {
    const seen = [];
    const api = new http.Client({
      base: "/api/",
      transport: async (request) => {
        seen.push([request.method, request.url, request.header("content-type"), request.body]);
        return { status: 201, headers: { "x-a": "1" }, body: new TextEncoder().encode("[1, 2]") };
      },
    });
    const response = await api.post("items", null, { json: { a: "ü" } });
    await api.put("note", "plain");
    await api.put("bytes", new Uint8Array([1]));
    equal(seen, [
      ["POST", "/api/items", "application/json", '{"a":"ü"}'],
      ["PUT", "/api/note", undefined, "plain"],
      ["PUT", "/api/bytes", undefined, undefined],
    ]);
    equal([response.status, response.header("X-A"), await response.json()], [201, "1", [1, 2]]);
  },
  async a_client_s_transport_is_asked_again_where_a_network_would_be() {
    let times = 0;
    const offline = Object.assign(new Error("offline"), { kind: "network" });
    const transport = () => {
      times += 1;
      if (times === 1) throw offline;
      return { status: times === 2 ? 503 : 200, body: "there" };
    };
    const api = new http.Client({ transport, retry: { moreAttempts: 2, base: 1 } });
    const response = await api.get("/");
    equal([times, response.attempts, await response.text()], [3, 3, "there"]);
  },
  async limits_signals_and_what_is_asked_of_the_body_hold_for_a_transport_too() {
    const silent = new http.Client({ transport: () => new Promise(() => {}) });
    equal(await kind(() => silent.get("/", { timeout: 20 })), "timeout");
    equal(await kind(() => silent.get("/", { signal: AbortSignal.timeout(20) })), "aborted");
    let times = 0;
    const failsOnce = new http.Client({
      transport: () => (times++ === 0 ? Promise.reject({ kind: "network" }) : new Promise(() => {})),
      retry: { base: 1 },
    });
    equal(await kind(() => failsOnce.get("/", { timeout: 200 })), "timeout");
    equal(times, 2);
    const prefixed = new http.Client({ transport: () => ({ body: ")]}'\n[1]" }) });
    equal(await (await prefixed.get("/", { stripXssiPrefix: true })).json(), [1]);
    equal(await kind(() => prefixed.get("/", { maxSize: 3 })), "too-large");
  },
  async json_is_utf8_whatever_is_said_of_its_charset() {
    const bytes = (text) => new TextEncoder().encode(text);
    const answering = (body) => new http.Client({ transport: () => ({ body }) });
    const read = async (body, more) => {
      const overrideMimeType = "application/json;charset=windows-1252";
      return (await answering(body).get("/", { overrideMimeType, ...more })).json();
    };
    equal(await read(bytes('"café"')), "café");
    equal(await read(bytes('\u{FEFF}"café"')), "café");
    equal(await read(bytes(')]}\'\n"café"'), { stripXssiPrefix: true }), "café");
    equal(await read(new Uint8Array([0x22, 0xe9, 0x22])), "\u{FFFD}");
    // A mark of UTF-16 is none here: https://encoding.spec.whatwg.org/#utf-8-decode
    equal(await kind(() => read(new Uint8Array([0xff, 0xfe, 0x37, 0]))), "decode");
    equal(await (await answering(bytes("é")).get("/", { overrideMimeType: "a/b;charset=windows-1252" })).text(), "Ã©");
  },
  async what_a_transport_throws_the_request_and_what_is_around_it_reject_with() {
    const mine = new Error("mine");
    const transport = () => Promise.reject(mine);
    const caught = [];
    const api = new http.Client({ transport, retry: true }).around(async (request, next) => {
      try {
        return await next(request);
      } catch (error) {
        caught.push(error);
        throw error;
      }
    });
    await api.get("/").catch((error) => caught.push(error));
    equal(caught.map((error) => error === mine), [true, true]);
  },
  async a_header_whose_text_the_page_makes_on_the_way_may_set_another() {
    const transport = (request) => ({ status: 200, body: JSON.stringify([...request.headers]) });
    const api = new http.Client({ transport }).around((request, next) => {
      request.setHeader("x-one", { toString: () => (request.setHeader("x-two", "2"), "1") });
      equal(request.header({ toString: () => (request.setHeader("x-three", "3"), "x-three") }), "3");
      return next(request);
    });
    const sent = new Map(await (await api.get("/")).json());
    equal([sent.get("x-one"), sent.get("x-two")], ["1", "2"]);
  },
  async a_transport_hears_of_no_request_and_gives_no_answer_that_is_wrong() {
    let times = 0;
    const answering = (answer) => new http.Client({ transport: () => (times += 1, answer) });
    equal(await kind(() => answering({}).get("/", { headers: { host: "elsewhere" } })), "invalid-request");
    equal(times, 0);
    for (const answer of [undefined, 7, { status: 99 }, { status: "200" }, { body: {} }, { code: 200 }]) {
      equal(await kind(() => answering(answer).get("/")), "invalid-request");
    }
    equal(times, 6);
    equal(await kind(() => new http.Client({ transport: "mine" })), "invalid-request");
    equal([(await answering({}).get("/")).status, await (await answering({}).get("/")).text()], [200, ""]);
  },
  async leaving_a_loop_closes_the_connection() {
    for await (const line of stream.lines(`${base}/lines?count=0&every=10&key=module-loop`)) {
      equal(line, "line 1");
      break;
    }
    await closed("module-loop");
  },
  async disposing_closes_the_connection_and_ends_the_iteration() {
    const lines = stream.lines(`${base}/lines?count=0&every=10&key=module-dispose`);
    await lines.next();
    const waiting = lines.next();
    // `[Symbol.dispose]`, where the engine has that symbol, is this method.
    lines.free();
    equal((await waiting).done || (await lines.next()).done, true);
    await closed("module-dispose");
  },
  async a_stream_is_bytes_text_values_or_frames() {
    const hex = (text) => Buffer.from(text).toString("hex");
    const url = (...pieces) => `${base}/pieces?every=5${pieces.map((piece) => `&hex=${piece}`).join("")}`;
    const all = async (reading) => {
      const items = [];
      for await (const item of reading) items.push(item);
      return items;
    };
    equal((await all(stream.text(url("c3", "bc61")))).join(""), "üa");
    equal(Buffer.concat(await all(stream.bytes(url("00ff", "01")))).toString("hex"), "00ff01");
    equal(await all(stream.ndjson(url(hex('{"a":1}\n[2'), hex("]\nnull")))), [{ a: 1 }, [2], null]);
    const frames = await all(stream.frames(url("02", "6162", "00"), { prefix: "varint" }));
    equal(frames.map((frame) => Buffer.from(frame).toString()), ["ab", ""]);
  },
  async an_error_of_a_stream_says_where() {
    const bad = `${base}/pieces?hex=${Buffer.from("[1]\n[x").toString("hex")}`;
    const values = stream.ndjson(bad);
    equal((await values.next()).value, [1]);
    equal(await values.next().catch((error) => [error.kind, error.offset]), ["decode", 5]);
    equal(await kind(() => stream.frames(bad, { prefix: "u64" })), "invalid-request");
  },
  async the_options_of_a_stream_over_xmlhttprequest_are_checked() {
    const refused = [{ budget: -1 }, { rotate: true }, 7, "yes", { resumeByQuery: "from", resumeByRange: true }];
    for (const xhr of refused) equal([xhr, await kind(() => stream.lines(base, { xhr }))], [xhr, "invalid-request"]);
    // Node has no XMLHttpRequest.
    const xhr = { budget: 1000, resumeByQuery: "from", uniqueBy: "u" };
    for (const read of [stream.bytes, stream.text, stream.lines, stream.ndjson, stream.frames]) {
      equal(await kind(() => read(`${base}/lines?count=1`, { xhr }).next()), "unsupported");
    }
    equal(await kind(() => sse.connect(`${base}/sse`, { xhr: true }).next()), "unsupported");
    equal((await stream.lines(`${base}/lines?count=1`, { xhr: false }).next()).value, "line 1");
  },
  async a_stream_may_be_the_answer_to_a_post() {
    const lines = stream.lines(`${base}/pieces?hex=610a&key=module-post`, { method: "POST", json: { a: 1 } });
    equal((await lines.next()).value, "a");
    const [entry] = await journal("module-post");
    equal([entry.method, entry.body.text], ["POST", '{"a":1}']);
  },
  async events_go_on_where_the_connection_was_lost() {
    const events = sse.connect(`${base}/sse?count=3&per=2&event=tick&key=module-sse`, { retry: { base: 1 } });
    equal(events.readyState, 0);
    const seen = [];
    for await (const { type, data, lastEventId, followsGap } of events) seen.push([type, data, lastEventId, followsGap]);
    equal(seen, [1, 2, 3].map((n) => ["tick", `event ${n}`, `${n}`, false]));
    equal([events.readyState, events.lastEventId], [2, "3"]);
    equal((await journal("module-sse")).map((entry) => entry.status), [200, 200, 204]);
  },
  async leaving_the_events_closes_their_connection() {
    for await (const event of sse.connect(`${base}/sse?count=0&key=module-sse-left`)) {
      equal(event.data, "event 1");
      break;
    }
    await closed("module-sse-left");
  },
  async refused_events_say_why() {
    equal(await kind(() => sse.connect(`${base}/status/404`).next()), "status");
    equal(await kind(() => sse.connect(`${base}/sse?type=text/plain`).next()), "decode");
    equal(await kind(() => sse.connect(base, { heartbeats: [] })), "invalid-request");
    equal(await kind(() => sse.native(base, { idleTimeout: 5 }).next()), "unsupported");
    const busy = sse.connect(`${base}/status/503?key=module-busy`, { retry: { moreAttempts: 2, base: 1, cap: 1 } });
    equal(await busy.next().catch((error) => [error.status, error.attempts]), [503, 3]);
    equal(await kind(() => sse.connect(`${base}/status/418`, { retry: { statuses: [418], moreAttempts: 1, base: 1 } }).next()), "status");
  },
  async a_long_poll_tells_the_place_it_has_reached() {
    const cursor = { read: () => "7", query: "after" };
    const ask = (more) => poll.long(`${base}/status/200?text=x`, { cursor, ...more });
    const answers = ask({ position: "3" });
    const before = answers.position;
    const { value } = await answers.next().catch((error) => ({ value: error }));
    answers.close();
    equal([before, value.kind ?? answers.position], ["3", typeof XMLHttpRequest === "undefined" ? "unsupported" : "7"]);
  },
  async the_options_of_polling_are_checked() {
    equal(await kind(() => poll.every(base, -1)), "invalid-request");
    equal(await kind(() => poll.every(base, 1, { cursor: "nchan" })), "invalid-request");
    equal(await kind(() => poll.long(base, { cursor: "other" })), "invalid-request");
    equal(await kind(() => poll.long(base, { cursor: { json: "a", header: "b", query: "c" } })), "invalid-request");
    // Node has no XMLHttpRequest.
    equal(await kind(() => poll.long(`${base}/poll`, { cursor: { json: "next", query: "after" } }).next()), "unsupported");
  },
  async an_error_is_an_error_with_a_kind_and_no_query() {
    try {
      await stream.lines(`${base}/status/503?secret=s3cret`).next();
      throw new Error("it must fail");
    } catch (error) {
      equal([error instanceof Error, error.kind, error.status], [true, "status", 503]);
      equal(`${error.url} ${error.message}`.includes("s3cret"), false);
    }
  },
};

async function closed(key) {
  for (let tries = 0; tries < 100; tries += 1) {
    const [entry] = await journal(key);
    if (entry?.ended?.how === "disconnected") return;
    await pause(50);
  }
  throw new Error("the server never saw the end");
}

console.log(`running ${Object.keys(claims).length} tests`);
for (const [name, claim] of Object.entries(claims)) {
  try {
    await claim();
    if (unhandled.length > 0) throw new Error(`unhandled: ${unhandled.splice(0)}`);
    console.log(`test ${name} ... ok`);
  } catch (error) {
    console.log(`test ${name} ... FAILED`);
    console.error(`${name}: ${error.stack}`);
  }
}
process.exit(0);
