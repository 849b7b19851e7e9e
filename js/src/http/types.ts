// The interfaces of `http`.

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
 * A function that answers requests without a network. Requests are checked first, retried, aborted, and bound by
 * `timeout` and `maxSize`, as ever. What it throws, the request rejects with; an error whose `kind` is "network" counts
 * as a failure of the network.
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

// The classes as types: `let client: http.Client`.
export namespace http {
  export type Client = http__Client;
  export type Exchange = http__Exchange;
  export type Request = http__Request;
}
