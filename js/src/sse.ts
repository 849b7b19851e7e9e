// The interfaces of `sse`.

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

// The class as a type: `let events: sse.Events`.
export namespace sse {
  export type Events = sse__Events;
}
