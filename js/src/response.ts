// The response of `http` and `poll`.

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

// The class as a type: `let response: http.Response`.
export namespace http {
  export type Response = http__Response;
}
