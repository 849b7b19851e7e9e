// The interfaces that all parts of the module use.

/**
 * What every call of this module throws or rejects with.
 *
 * ```js
 * try {
 *   await http.get("/report", { timeout: 5000 });
 * } catch (error) {
 *   if (error.kind === "timeout") console.log(`nothing within 5 s: ${error.phase}`);
 *   else console.error(error.message); // it names no query, so it may be logged
 * }
 * ```
 */
export interface PagewireError extends Error {
  readonly name: "PagewireError";
  /** What went wrong: a stable word to decide on. */
  readonly kind:
    | "invalid-request" | "unsupported" | "blocked" | "network" | "timeout" | "aborted"
    | "status" | "decode" | "too-large" | "closed";
  /** The address without query, fragment and credentials, where one is known. */
  readonly url?: string;
  /** Which time limit passed; only of kind "timeout". */
  readonly phase?: "connect" | "first-byte" | "idle" | "total";
  /** Who ended it; only of kind "aborted". */
  readonly by?: "caller" | "browser";
  /** The response's status; only of kind "status". */
  readonly status?: number;
  /** The first 4 KiB of the body that came with an error status, where it was held in memory; only of kind "status". */
  readonly body?: string;
  /** How many times the request was sent, if more than once. */
  readonly attempts?: number;
  /** Where in the body of a stream it went wrong, in bytes from its start; of kinds "decode" and "too-large". */
  readonly offset?: number;
}

/** Names and values, as an object or as a list of pairs where names repeat: `{ page: 2 }`, `[["tag", "a"], ["tag", "b"]]`. */
export type Pairs = Record<string, string | number | boolean> | Iterable<readonly [string, string | number | boolean]>;

/** Limits and credentials of requests. */
export interface CommonOptions {
  /** Request headers. One that may not be set, or has a line break or a character outside Latin-1, is an error. */
  headers?: Pairs;
  /** Milliseconds until the whole exchange must be over. */
  timeout?: number;
  /** Milliseconds from the end of the upload until the response's headers. With a body it makes a simple cross-origin
   * request a preflighted one. */
  firstByteTimeout?: number;
  /** Milliseconds without progress in either direction. With a body it makes a simple cross-origin request a
   * preflighted one. */
  idleTimeout?: number;
  /** Sends and takes cookies across origins. Default: false; within one origin they always go. */
  withCredentials?: boolean;
}

/** What one request has besides, whatever reads its response. */
export interface OneRequestOptions extends CommonOptions {
  /** Parameters added to the URL, encoded as `encodeURIComponent` does. */
  query?: Pairs;
  /** Credentials for the header `Authorization`. Across origins it costs a preflight. */
  basicAuth?: { user: string; password: string };
  /** A token for the header `Authorization`. Across origins it costs a preflight. */
  bearerAuth?: string;
  /** Aborts the request, which rejects with kind "aborted"; one that is aborted already sends nothing. */
  signal?: AbortSignal;
}

/**
 * Which requests are sent again, and with what waits. By default those with an idempotent method, after a network error
 * or a status of 408, 413, 425, 429, 500, 502, 503 or 504. A `Retry-After` is kept to; across origins only if the server
 * exposes it.
 *
 * ```js
 * await http.get("/items", { retry: { moreAttempts: 4, cap: 5000 }, timeout: 15_000 });
 * ```
 */
export interface RetryOptions {
  /** The statuses after which to try again, in place of those eight; only those from 400 to 599 count. */
  statuses?: Iterable<number>;
  /** How many times a request is sent after the first. Default: 2. */
  moreAttempts?: number;
  /** The longest first wait in milliseconds; it doubles with each attempt. The wait is random between 0 and that.
   * Default: 300. */
  base?: number;
  /** Milliseconds that it doubles up to. Default: 30000. */
  cap?: number;
  /** Sends requests of every method again, POST too: only where the server bears the same request twice. */
  anyMethod?: boolean;
  /** Does not try again where the server asks for a longer wait than this many milliseconds. */
  longestRetryAfter?: number;
}

/** A request body. Bytes are copied; a Blob or File is not read. */
export type Body = string | ArrayBuffer | ArrayBufferView | Blob | FormData | URLSearchParams | null | undefined;

/** How much of the page's address a request names. */
export type ReferrerPolicyName =
  | "no-referrer" | "no-referrer-when-downgrade" | "origin" | "origin-when-cross-origin"
  | "same-origin" | "strict-origin" | "strict-origin-when-cross-origin" | "unsafe-url";
