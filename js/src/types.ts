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
  /**
   * Finds out why the request failed, as far as a page can. Without `probe` it sends nothing; with it, it may send up to
   * three `HEAD` requests (`GET` where the request was one) to the same address, without credentials or body, and one to
   * the page's own origin. It rejects only for wrong options. Absent where the arguments of a call were refused.
   *
   * ```js
   * const { text } = await error.diagnose({ probe: true });
   * ```
   */
  diagnose?(options?: DiagnoseOptions): Promise<Diagnosis>;
}

/**
 * How far one direction of an exchange is.
 *
 * ```js
 * const onUpload = ({ loaded, total, remaining }) => {
 *   bar.value = total ? loaded / total : null;
 *   label.textContent = remaining === undefined ? "" : `${Math.ceil(remaining / 1000)} s left`;
 * };
 * ```
 */
export interface Progress {
  /** Bytes so far. */
  readonly loaded: number;
  /** All the bytes there will be, where that is known. */
  readonly total: number | undefined;
  /** Bytes per second, lately. */
  readonly rate: number | undefined;
  /** Milliseconds that the rest will take at this rate. */
  readonly remaining: number | undefined;
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

/** The options of `http.start`. An unknown one is an error, never ignored. */
export interface ExchangeOptions extends OneRequestOptions {
  /** A value to send as JSON; in place of a body. */
  json?: unknown;
  /** Names and values to send form-urlencoded; in place of a body. A file is sent as its name. For the button that
   * submits a form, pass `new FormData(form, submitter)`. */
  form?: Pairs | FormData | HTMLFormElement;
  /** How the browser holds the body until it is read. Default: "bytes", in memory. */
  responseType?: "bytes" | "blob" | "document";
  /** Takes the response for one of this media type, whatever the server says. */
  overrideMimeType?: string;
  /** Bytes that the body may have; a longer one ends with an error of kind "too-large". Default: no bound. */
  maxSize?: number;
  /** Takes off the line `)]}'` with which some servers keep JSON from being run as a script. */
  stripXssiPrefix?: boolean;
  /** Lets the response's `timing()` say where the time went. */
  timing?: boolean;
  /** Sends again when that is safe and promises to help. `true` is the default policy; `false` takes back a client's. */
  retry?: boolean | RetryOptions;
  /** Tells the upload's events too. Across origins it makes a simple request a preflighted one. */
  uploadEvents?: boolean;
}

/**
 * The options of a request. An unknown one is an error, never ignored.
 *
 * ```js
 * await http.post("/films", file, {
 *   idleTimeout: 20_000,
 *   signal: controller.signal,
 *   onUpload: ({ loaded, total }) => bar.update(loaded, total),
 * });
 * ```
 */
export interface RequestOptions extends Omit<ExchangeOptions, "uploadEvents"> {
  /** Called as the response arrives. What it throws ends the request, which rejects with it. */
  onDownload?: (progress: Progress) => void;
  /** Called as the body is sent. Across origins it makes a simple request a preflighted one. */
  onUpload?: (progress: Progress) => void;
  /** Called with each ready state, 1 to 4. */
  onState?: (readyState: ReadyState) => void;
}

/** The options of a blocking request, which has less than another. */
export type BlockingOptions = Omit<
  ExchangeOptions,
  "firstByteTimeout" | "idleTimeout" | "signal" | "maxSize" | "retry" | "uploadEvents"
>;

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

/**
 * The options of a client: what its requests begin with.
 *
 * ```js
 * const api = new http.Client({ base: "/api/", headers: { accept: "application/json" }, retry: true });
 * ```
 */
export interface ClientOptions extends CommonOptions {
  /** Put in front of each URL, unless that has a scheme or begins with a slash. */
  base?: string;
  /** Sends again when that is safe and promises to help; a request may say otherwise. Default: false. */
  retry?: boolean | RetryOptions;
  /** Copies a cookie of this page into a header of requests that change something and go to the page's own origin. */
  xsrf?: { cookie: string; header: string };
  /** Answers in the place of the browser: for an app's own tests, in Node too. */
  transport?: Transport;
}

/**
 * A function that answers requests without a network. Requests are checked first, and retried, as ever. What it throws,
 * the request rejects with; an error whose `kind` is "network" counts as a failure of the network.
 *
 * ```js
 * const api = new http.Client({
 *   transport: (request) =>
 *     request.url === "/items" ? { body: "[1, 2]", headers: { "content-type": "application/json" } } : { status: 404 },
 * });
 * ```
 */
export type Transport = (request: http.Request) => Answer | Promise<Answer>;

/** What a transport answers with. */
export interface Answer {
  /** 200 to 599. Default: 200. */
  status?: number;
  /** The response headers. */
  headers?: Pairs;
  /** The body: text or bytes. Default: empty. */
  body?: string | ArrayBuffer | ArrayBufferView;
}

/**
 * The phases of a request in milliseconds, as the browser measured them. Across origins a server must grant all but the
 * whole with `Timing-Allow-Origin`: a phase that is not granted is `undefined`, one that took no time is 0.
 */
export interface Timing {
  /** Following redirects. */
  readonly redirect: number | undefined;
  /** Looking the name up. */
  readonly dns: number | undefined;
  /** Connecting, with TLS. */
  readonly connect: number | undefined;
  /** The TLS handshake, a part of `connect`. */
  readonly tls: number | undefined;
  /** From sending the request to the first byte of its answer. */
  readonly firstByte: number | undefined;
  /** From the first to the last byte of the answer. */
  readonly body: number | undefined;
  /** The whole, from asking to the last byte. */
  readonly total: number;
}

/** A function around requests: see `http.Client.around`. What it gives must be a response: that of `next`, or one that was kept. */
export type Around = (
  request: http.Request,
  next: (request: http.Request) => Promise<http.Response>,
) => http.Response | Promise<http.Response>;

/** 0 unsent, 1 opened, 2 headers received, 3 loading, 4 done. */
export type ReadyState = 0 | 1 | 2 | 3 | 4;

/** The progress events of one direction. An upload's "load" is no proof that the bytes arrived. */
export type Moment = "loadstart" | "progress" | "abort" | "error" | "timeout" | "load" | "loadend";

/** What happens during an exchange. Progress may be merged while nobody looks; nothing else is dropped. */
export type ExchangeEvent =
  | { readonly kind: "state"; readonly readyState: ReadyState }
  | ({ readonly kind: "download" | "upload"; readonly moment: Moment } & Progress);

/**
 * The options of a stream. Limits and credentials are as for a request, except that nothing is uploaded.
 *
 * ```js
 * const lines = stream.lines("/log", { idleTimeout: 30_000, maxLine: 64 * 1024 });
 * ```
 */
export interface StreamOptions extends OneRequestOptions {
  /** The longest line in bytes; a longer one is an error of kind "too-large". Default: 1 MiB. */
  maxLine?: number;
}

/**
 * The options of a WebSocket connection. An unknown one is an error, never ignored.
 *
 * ```js
 * const socket = await websocket.connect("/prices", { timeout: 5000, receiveLimit: { messages: 1000 } });
 * ```
 */
export interface ConnectOptions {
  /** Subprotocols to offer, the preferred one first. */
  protocols?: Iterable<string>;
  /** Milliseconds until the connection must be open. Default: the browser's own limit, which may be minutes. */
  timeout?: number;
  /** Gives up while connecting; once the connection is open it has no effect. */
  signal?: AbortSignal;
  /**
   * What may wait to be read: one message more closes the connection, and the iterator ends with an error of kind
   * "too-large". Default: 65,536 messages, 64 MiB.
   */
  receiveLimit?: { messages?: number; bytes?: number };
}

/** How much of the page's address a request names. */
export type ReferrerPolicyName =
  | "no-referrer" | "no-referrer-when-downgrade" | "origin" | "origin-when-cross-origin"
  | "same-origin" | "strict-origin" | "strict-origin-when-cross-origin" | "unsafe-url";

/** The options of a ping by an image. */
export interface ImageOptions {
  /** Parameters added to the URL, encoded as `encodeURIComponent` does. */
  query?: Pairs;
  /** The name of a parameter whose value never repeats: the same URL twice can be one request. */
  unique?: string;
  /** Default: what the page says. */
  referrerPolicy?: ReferrerPolicyName;
  /** Milliseconds until something must have come. Default: the browser's own limit, which may be minutes. */
  timeout?: number;
  /** Gives up; one that is aborted already sends nothing. */
  signal?: AbortSignal;
}

/** What came of a ping by an image. */
export interface Pong {
  /** Whether an image came, with whichever status. If not, the request may have arrived all the same. */
  readonly loaded: boolean;
  /** Its width in pixels. */
  readonly width: number | undefined;
  /** Its height in pixels. */
  readonly height: number | undefined;
  /** Milliseconds from sending to the outcome. */
  readonly elapsed: number;
}

/** The options of a beacon. */
export interface BeaconOptions {
  /** Parameters added to the URL, encoded as `encodeURIComponent` does. */
  query?: Pairs;
  /** Sends text, bytes or a Blob as this type. One that is not simple, such as "application/json", costs a preflight
   * across origins, and the beacon is lost where that fails. */
  contentType?: string;
  /** Sends in the next best way where the browser has no beacon or refuses this one. */
  fallback?: boolean;
  /** Lets the fallback come down to an image for a text body too: as a query parameter of this name. */
  imageParameter?: string;
}

/** The way a beacon went. Only "beacon" and "fetch" outlive the page; whether it arrived nobody is told. */
export type Via = "beacon" | "fetch" | "xhr" | "image";

/** The options of a JSONP call whose script runs in the page. */
export interface TrustedJsonpOptions {
  /** Parameters added to the URL, encoded as `encodeURIComponent` does. */
  query?: Pairs;
  /** The parameter in which the server looks for the callback's name. Default: "callback". */
  callbackParameter?: string;
  /** The callback's name, for servers that always call the same. */
  callbackName?: string;
  /** Milliseconds until there must be an answer. Default: 30000. */
  timeout?: number;
  /** Gives up; one that is aborted already sends nothing. */
  signal?: AbortSignal;
  /** The longest answer in bytes of its JSON; a longer one is an error of kind "too-large". Default: 16 MiB. */
  maxSize?: number;
  /** The nonce that the page's policy lets scripts run by. */
  nonce?: string;
  /** How the script is decoded where the server does not say. */
  charset?: string;
  /** Default: what the page says; of a frame's request it names nothing in any case. */
  referrerPolicy?: ReferrerPolicyName;
}

/** The options of a JSONP call whose script runs in a frame of its own. */
export interface JsonpOptions extends TrustedJsonpOptions {
  /** Origins that the script may come from after a redirect. */
  allowRedirectsTo?: Iterable<string>;
}

/** How a WebSocket connection ended. */
export interface CloseInfo {
  /** The close code: 1005 if the peer sent none, 1006 if the connection broke. */
  readonly code: number;
  /** The reason that the peer sent; empty without one. */
  readonly reason: string;
  /** Whether the closing handshake was completed. */
  readonly wasClean: boolean;
}

/** A request body. Bytes are copied; a Blob or File is not read. */
export type Body = string | ArrayBuffer | ArrayBufferView | Blob | FormData | URLSearchParams | null | undefined;

// The classes as types: `let response: http.Response`.
export namespace http {
  export type Client = http__Client;
  export type Exchange = http__Exchange;
  export type Request = http__Request;
  export type Response = http__Response;
}
export namespace stream {
  export type Lines = stream__Lines;
}
export namespace websocket {
  export type Socket = websocket__Socket;
}
