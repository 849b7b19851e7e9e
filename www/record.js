// What the server saw of one demo: fetched from its journal, drawn as a small wire record.
import { element, explain } from "./dom.js";
import { bytes, duration, many } from "./format.js";
import { http } from "./pkg/pagewire.js";

/** The server notes an end a moment after the page does. */
const MOMENT = 150;
/** How often to look again for an end that is not noted yet. */
const PATIENCE = 20;

export class Record {
  #place;
  #key;
  #timer;
  #reads = 0;
  #patience = 0;
  #running = false;
  #shownFrom = -1;
  #last = -1;
  #division;
  #drawn;

  constructor(place, key) {
    this.#place = place;
    this.#key = key;
  }

  /** A run begins: from now on only its requests are shown. */
  begin() {
    this.#shownFrom = this.#last;
    this.#division = undefined;
    this.#running = true;
    this.#draw([]);
    this.look();
  }

  /** From now on only what is still to come is shown, however late the requests before were noted. */
  async catchUp() {
    this.#shownFrom = (await journal(this.#key)).at(-1)?.seq ?? -1;
  }

  /** What comes from now on is shown apart, under `title`. Gives what came before. */
  async divide(title) {
    const entries = await this.#entries();
    this.#division = { title, after: entries.at(-1)?.seq ?? this.#shownFrom };
    return entries;
  }

  /** Something happened that the server may have seen. */
  look() {
    this.#patience = PATIENCE;
    this.#lookSoon();
  }

  /** The run is over: looks until the server has noted how each request ended. */
  settle() {
    this.#running = false;
    this.look();
  }

  #lookSoon() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#read(), MOMENT);
  }

  async #read() {
    const turn = ++this.#reads;
    let shown;
    try {
      shown = await this.#entries();
      if (turn !== this.#reads) return;
    } catch (error) {
      this.#drawn = undefined;
      this.#place.replaceChildren(...explain(error));
      if (error.name !== "PagewireError") throw error;
      return;
    }
    this.#last = shown.at(-1)?.seq ?? this.#last;
    this.#draw(shown);
    const open = shown.length === 0 || (!this.#running && shown.some((entry) => entry.ended === null));
    if (open && this.#patience-- > 0) this.#lookSoon();
  }

  /** Headers that were unfolded stay so while there is nothing new. */
  #draw(shown) {
    const news = JSON.stringify([this.#division?.after, shown]);
    if (news === this.#drawn) return;
    this.#drawn = news;
    const { title, after = Infinity } = this.#division ?? {};
    const [own, apart] = [shown.filter(({ seq }) => seq <= after), shown.filter(({ seq }) => seq > after)];
    const heading = apart.length > 0 ? [element("h4", {}, title)] : [];
    this.#place.replaceChildren(...own.map(draw), ...heading, ...apart.map(draw));
  }

  /** Those of this run. */
  async #entries() {
    return (await journal(this.#key)).filter((entry) => entry.seq > this.#shownFrom);
  }
}

async function journal(key) {
  const response = await http.get("/journal", { query: { key } });
  return response.json();
}

function draw(entry) {
  return element(
    "article",
    { class: "exchange" },
    leg("out", "Request", element("b", {}, entry.method), " ", ...target(entry)),
    headers(entry),
    ...(entry.websocket ? conversation(entry) : answer(entry)),
  );
}

/** One arrow, to the server or from it; `name` is for those who do not see it. */
function leg(way, name, ...what) {
  return element("p", { class: `leg ${way}` }, element("span", { class: "spoken" }, `${name}: `), ...what);
}

function target({ path, query }) {
  return [element("span", { class: "path" }, path), element("span", { class: "query" }, query && `?${query}`)];
}

function headers({ headers, http, port, origin }) {
  const rows = headers.map(([name, value]) => element("div", {}, element("dt", {}, name), element("dd", {}, value)));
  const summary = [many(headers.length, "header"), `HTTP/${http}`, `port ${port}`, origin && `from ${origin}`];
  return element(
    "details",
    {},
    element("summary", {}, summary.filter(Boolean).join(" · ")),
    element("dl", { class: "headers" }, ...rows),
  );
}

function answer({ body, status, ended }) {
  const broken = body?.whole === false;
  return [
    body?.length > 0 ? leg(broken ? "cut" : "out", "Body", content(body)) : "",
    // Whatever the server answers to half a body, nobody is there to read it.
    leg(cut(ended) ? "cut" : "in", "Answer", ...listed(!broken && code(status, ended), size(ended), end(ended))),
  ];
}

function conversation({ status, ended, websocket }) {
  const { messages_in, bytes_in, messages_out, close } = websocket;
  return [
    leg("in", "Answer", code(status, ended)),
    leg("out messages", "To the server", `${many(messages_in, "message")}, ${bytes(bytes_in)}`),
    leg("in messages", "From the server", many(messages_out, "message")),
    close ? leg(close.by === "client" ? "out" : "in", "Close", ...listed(closing(close), end(ended))) : "",
    // Which side it was, nobody can tell: there was no close frame.
    cut(ended) ? leg("cut", "End", `broken off after ${duration(ended.after_ms)}`) : "",
  ];
}

const cut = (ended) => ended?.how === "disconnected";

const content = ({ length, sha256, whole }) =>
  `${many(length, "byte")}, ${whole ? `SHA-256 ${sha256.slice(0, 16)}…` : "then it broke off"}`;

function code(status, ended) {
  if (status === null) return ended === null ? "no answer yet" : "no answer";
  return element("b", {}, String(status));
}

const size = (ended) => ended?.sent > 0 && many(ended.sent, "byte");

const closing = ({ code, reason }) => `close ${code ?? "without a code"}${reason && ` “${reason}”`}`;

function end(ended) {
  if (ended === null) return "going on";
  return `${cut(ended) ? "the browser disconnected" : "complete"} after ${duration(ended.after_ms)}`;
}

/** The parts that there are, with commas between them. */
const listed = (...parts) => parts.filter(Boolean).flatMap((part, index) => (index > 0 ? [", ", part] : [part]));
