// The interfaces of `stream`, `sse` and `poll`.

/**
 * What a server sends item by item: an async iterator. Leaving the loop closes the connection, and so do `close()` and
 * disposing.
 *
 * ```js
 * for await (const line of stream.lines("/log")) {
 *   if (line === "ready") break;
 * }
 * ```
 */
export interface Reading<T> {
  /** The next item. */
  next(): Promise<IteratorResult<T, undefined>>;
  /** Closes the connection: what a loop that is left early calls. */
  return(): Promise<IteratorResult<T, undefined>>;
  /** Closes the connection. */
  close(): void;
  [Symbol.asyncIterator](): AsyncIterator<T, undefined>;
  [Symbol.dispose](): void;
}

/**
 * The answers of a long poll.
 *
 * ```js
 * const updates = poll.long("/updates", { cursor: "nchan", position: sessionStorage.place });
 * for await (const answer of updates) {
 *   show(await answer.text());
 *   sessionStorage.place = updates.position; // the page may be left: the next one goes on here
 * }
 * ```
 */
export interface LongReading extends Reading<http.Response> {
  /** Where the next question goes on, by the cursor: what a later long poll takes as its option `position`. */
  readonly position: string | undefined;
}

/**
 * The options of a stream. Limits and credentials are as for a request. An unknown one is an error, never ignored.
 *
 * ```js
 * const film = stream.bytes("/film.mp4", { idleTimeout: 30_000 });
 * ```
 */
export interface StreamOptions extends OneRequestOptions {
  /** The method. Default: "GET". */
  method?: string;
  /** A body; not for GET and HEAD. */
  body?: Body;
  /** A value to send as JSON; in place of a body. */
  json?: unknown;
  /** Names and values to send form-urlencoded; in place of a body. */
  form?: Pairs | FormData | HTMLFormElement;
  /** Reads by an XMLHttpRequest in place of `fetch`. Default: false. */
  xhr?: boolean | XhrOptions;
}

/**
 * A stream over XMLHttpRequest, for where `fetch` cannot be used. The browser keeps the whole response of a request: so each
 * has a budget, after which the stream goes on with another request if it can resume, or ends with kind "too-large". There is
 * no backpressure. Chromium shows nothing of a `text/plain` response before its 1024th byte unless the server sends
 * `X-Content-Type-Options: nosniff`.
 *
 * ```js
 * const log = stream.lines("/log", { xhr: { budget: 1 << 20, resumeByQuery: "from" } });
 * ```
 */
export interface XhrOptions {
  /** How many bytes of its response a request may use up. Default: 4 MiB. */
  budget?: number;
  /** Goes on by a query parameter that says at which byte. Not for `sse`, which resumes by the IDs of its events. */
  resumeByQuery?: string;
  /** Goes on by a header `Range`, as servers of files have it. Not for `sse`. */
  resumeByRange?: boolean;
  /** The query parameter that makes each URL unique, so that none waits in the browser's cache. Default: "_". */
  uniqueBy?: string;
  /** Leaves the URL as it is. Default: false. */
  sameUrl?: boolean;
}

/** The options of a stream of text. */
export interface TextOptions extends StreamOptions {
  /** Takes bytes that are not UTF-8 for an error of kind "decode", in place of putting U+FFFD for them. Default: false. */
  strict?: boolean;
}

/** The options of a stream of JSON values. */
export interface ValueOptions extends StreamOptions {
  /** The longest line in bytes; a longer one is an error of kind "too-large". Default: 1 MiB. */
  maxLine?: number;
}

/**
 * The options of a stream of lines.
 *
 * ```js
 * const lines = stream.lines("/log", { idleTimeout: 30_000, maxLine: 64 * 1024 });
 * ```
 */
export interface LineOptions extends TextOptions, ValueOptions {}

/** The options of a stream of frames. */
export interface FrameOptions extends StreamOptions {
  /** How the length of a frame is written before it; "le" is the least significant byte first. Default: "u32". */
  prefix?: "u16" | "u16le" | "u32" | "u32le" | "varint";
  /** The longest frame in bytes; a longer one is an error of kind "too-large". Default: 1 MiB. */
  maxFrame?: number;
}

/** When to connect or ask again, and how soon. What is left out is the default of the call. */
export interface LastingRetryOptions extends RetryOptions {
  /** How often in a row; `Infinity` for no end. */
  moreAttempts?: number;
  /** Milliseconds that a connection must last before the waits begin anew. Default: 3000. */
  stableAfter?: number;
}

/** What rests while nobody looks, or while there is no network. */
export interface PauseOptions {
  /** Asks for nothing while the page is hidden, frozen or in the back/forward cache. Default: false. */
  pauseWhenHidden?: boolean;
  /** Asks for nothing while the browser says that it is offline. Default: false. */
  pauseWhenOffline?: boolean;
}

/**
 * The options of `sse.connect`. Of the limits `timeout` ends the stream, the others a connection, which is then made anew.
 *
 * ```js
 * const answer = sse.connect("/v1/answers", { method: "POST", bearerAuth: token, json: { prompt } });
 * ```
 */
export interface EventOptions extends StreamOptions, PauseOptions {
  /** When to connect again. Default: for ever, with waits of up to 1 s, 2 s and so on up to 30 s beside the server's
   * `retry:`; a POST only with `anyMethod`. */
  retry?: boolean | LastingRetryOptions;
  /** Tells the server where to go on by this query parameter, in place of the header `Last-Event-ID`, which costs a
   * preflight across origins. */
  resumeByQuery?: string;
  /** Goes on after this event, from an earlier stream. */
  lastEventId?: string;
  /** The most bytes of an event; more is an error of kind "too-large". Default: 16 MiB. */
  maxEvent?: number;
}

/**
 * The options of `sse.native`. An unknown one is an error, and so is one that an `EventSource` cannot have.
 *
 * ```js
 * const prices = sse.native("/prices", { events: ["price"], resumeByQuery: "last_event_id" });
 * ```
 */
export interface NativeEventOptions extends PauseOptions {
  /** The types to hand on beside "message". */
  events?: Iterable<string>;
  /** Types that are signs of life, and not handed on. */
  heartbeats?: Iterable<string>;
  /** Sends cookies across origins. Default: false. */
  withCredentials?: boolean;
  /** When to make a new one where the browser gives up. Default: five times in a row. */
  retry?: boolean | LastingRetryOptions;
  /** Tells the server by this query parameter where a new one goes on. */
  resumeByQuery?: string;
  /** Goes on after this event; needs `resumeByQuery`. */
  lastEventId?: string;
  /** Milliseconds until it must be open; otherwise a new one is made. */
  openTimeout?: number;
  /** Milliseconds without an event until a new one is made; needs `heartbeats`. */
  idleTimeout?: number;
  /** What may wait to be read: one event more is an error of kind "too-large". Default: 65,536 events, 64 MiB. */
  receiveLimit?: { events?: number; bytes?: number };
}

/** One event of a server. */
export interface SentEvent {
  /** What the server named with `event:`, otherwise "message". */
  readonly type: string;
  /** The `data:` lines, joined by line feeds. */
  readonly data: string;
  /** The last `id:`, of this event or one before it; empty if there was none. */
  readonly lastEventId: string;
  /** True for the first event of a connection that could not be told where the last one ended: some may be missing. */
  readonly followsGap: boolean;
}

/** What both ways of polling have. `timeout` holds for each question. */
export interface PollOptions extends StreamOptions, PauseOptions {
  /** When to ask again after a failure. Default: for ever, with waits of up to 1 s, 2 s and so on up to 30 s. */
  retry?: boolean | LastingRetryOptions;
  /** The query parameter that makes each URL unique, so that no answer comes from a cache; `false` for none. Default: "_". */
  unique?: string | boolean;
}

/** The options of `poll.every`. */
export interface EveryOptions extends PollOptions {
  /** Counts the interval from the start of a question, in place of its end. Default: false. */
  fromStart?: boolean;
  /** Milliseconds by up to which each interval is longer, at random. Default: 0. */
  jitter?: number;
  /** Asks with the last answer's `ETag` and `Last-Modified`; a 304 yields nothing. Across origins each question costs a
   * preflight then, and the server must expose its `ETag`. Default: false. */
  conditional?: boolean;
}

/** The options of `poll.long`. */
export interface LongOptions extends PollOptions {
  /**
   * Carries the place reached from each answer to the next question: the message id of Nchan, in the query or as conditional
   * headers; or what a member of a JSON answer, a header or a function says, in the query parameter `query`. An answer
   * without a position is an error, unless it is a function that finds none: then the last one stands. That function sees
   * the status and the headers; it cannot wait for the promises that the body is read with. What it throws ends the answers.
   */
  cursor?:
    | "nchan" | "nchan-headers"
    | { json: string; query: string }
    | { header: string; query: string }
    | { read: (answer: http.Response) => string | number | null | undefined; query: string };
  /** Begins after this position. */
  position?: string;
  /** The least milliseconds between two questions of which the first was answered with nothing, or without a new position.
   * Default: 1000. */
  spacing?: number;
}
