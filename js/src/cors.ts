// The interfaces of `cors`.

/** What a diagnosis may do. */
export interface DiagnoseOptions {
  /** Whether it may send requests of its own. Default: false. */
  probe?: boolean;
}

/** Why a request failed. */
export interface Diagnosis {
  /** What most likely happened: a stable word to decide on. */
  readonly verdict:
    | "offline" | "unreachable" | "interrupted" | "blocked-by-cors" | "no-websocket" | "mixed-content"
    | "blocked-by-csp" | "local-network-access" | "bad-port" | "timed-out" | "aborted" | "told" | "cannot-tell";
  /**
   * What the verdict says beside its word: of "blocked-by-cors" the part ("origin", "redirect", "preflight", "method",
   * "credentials", "answer"), of "blocked-by-csp" the directive, of "bad-port" the port, of "timed-out" the phase, of
   * "aborted" by whom, of "told" the error's kind, of "cannot-tell" the reason ("not-probed", "isolated", "no-request").
   */
  readonly detail: string | number | undefined;
  /** How sure that is. "high": nothing else explains what was seen. "likely": what this most often is. */
  readonly confidence: "high" | "likely" | "low";
  /** The verdict as a sentence. */
  readonly message: string;
  /** What to do about it. */
  readonly advice: string;
  /** What it rests on, a sentence each. */
  readonly evidence: readonly string[];
  /** What the server must answer to the preflight and to the request, where CORS blocks it; some of it may be there. */
  readonly needed: { readonly preflight: readonly HeaderLine[]; readonly answer: readonly HeaderLine[] };
  /** All of it, as a few lines to print. */
  readonly text: string;
}

/** One line of a server's answer. */
export interface HeaderLine {
  readonly name: string;
  readonly value: string;
  /** Whether the request passes without it: it saves a preflight, or keeps caches right. */
  readonly optional: boolean;
  /** Whether `*` does as well as this value. */
  readonly orStar: boolean;
}

/** What a browser does with a request, and what the server must answer: the Fetch Standard's answer. */
export interface Plan {
  /** "same-origin": CORS has no part in it. "simple": sent at once. "preflighted": sent after an `OPTIONS` request. */
  readonly kind: "same-origin" | "simple" | "preflighted";
  /** Every reason for a preflight, what would take it away, and where the rule stands. */
  readonly reasons: readonly { readonly message: string; readonly remedy: string; readonly link: string }[];
  /** The preflight's `Access-Control-Request-Method`. */
  readonly requestMethod: string | undefined;
  /** The preflight's `Access-Control-Request-Headers`. */
  readonly requestHeaders: string | undefined;
  /** What the server must answer to a request without credentials: to the preflight, and to the request. */
  readonly withoutCredentials: { readonly preflight: readonly HeaderLine[]; readonly answer: readonly HeaderLine[] };
  /** What it must answer to one with credentials. */
  readonly withCredentials: { readonly preflight: readonly HeaderLine[]; readonly answer: readonly HeaderLine[] };
  /** The response headers that can be read without being exposed. */
  readonly readable: readonly string[];
  /** Engines that are known to treat this request in another way. */
  readonly deviations: readonly {
    readonly engine: "chromium" | "gecko" | "webkit";
    readonly what: string;
    readonly link: string;
  }[];
  /** All of it, as a few lines to print. */
  readonly text: string;
}

/** What the error of a request has besides. */
export interface PagewireError {
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
