// What `stream`, `sse` and `poll` have in common.

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
