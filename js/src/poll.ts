// The interfaces of `poll`.

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

/** What both ways of polling have. `timeout` holds for each question. */
export interface PollOptions extends Omit<StreamOptions, "xhr">, PauseOptions {
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
  /** Begins after this position; needs a cursor. */
  position?: string;
  /** The least milliseconds between two questions of which the first was answered with nothing, or without a new position.
   * Default: 1000. */
  spacing?: number;
}
