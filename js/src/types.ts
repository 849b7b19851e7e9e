/** What every call of this module throws or rejects with. */
export interface PagewireError extends Error {
  readonly name: "PagewireError";
  /** What went wrong: a stable word to decide on. */
  readonly kind:
    | "invalid-request" | "unsupported" | "network" | "timeout" | "aborted"
    | "status" | "decode" | "too-large" | "closed";
  /** The address without query, fragment and credentials, where one is known. */
  readonly url?: string;
  /** Which time limit passed; only of kind "timeout". */
  readonly phase?: "connect" | "first-byte" | "idle" | "total";
  /** Who ended it; only of kind "aborted". */
  readonly by?: "caller" | "browser";
  /** The response's status; only of kind "status". */
  readonly status?: number;
}

/** How far one direction of an exchange is. */
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

/** Names and values, as an object or as a list of pairs where names repeat. */
export type Pairs = Record<string, string | number | boolean> | Iterable<readonly [string, string | number | boolean]>;

/** The options of a request. An unknown one is an error, never ignored. */
export interface RequestOptions {
  headers?: Pairs;
  /** Parameters added to the URL, encoded as `encodeURIComponent` does. */
  query?: Pairs;
  /** Milliseconds until the whole exchange must be over. */
  timeout?: number;
  /** Milliseconds from the end of the upload until the response's headers. */
  firstByteTimeout?: number;
  /** Milliseconds without progress in either direction. */
  idleTimeout?: number;
  /** Sends and takes cookies across origins. */
  withCredentials?: boolean;
  signal?: AbortSignal;
  /** Called as the response arrives. */
  onDownload?: (progress: Progress) => void;
  /** Called as the body is sent. Across origins it makes a simple request a preflighted one. */
  onUpload?: (progress: Progress) => void;
  /** Called with each ready state, 1 to 4. */
  onState?: (readyState: number) => void;
}

/** The options of a stream. */
export interface StreamOptions {
  headers?: Pairs;
  query?: Pairs;
  timeout?: number;
  firstByteTimeout?: number;
  idleTimeout?: number;
  withCredentials?: boolean;
  signal?: AbortSignal;
  /** The longest line in bytes; a longer one is an error of kind "too-large". Default: 1 MiB. */
  maxLine?: number;
}

/** The options of a WebSocket connection. */
export interface ConnectOptions {
  /** Subprotocols to offer, the preferred one first. */
  protocols?: Iterable<string>;
  /** Milliseconds until the connection must be open. */
  timeout?: number;
  /** Gives up while connecting. */
  signal?: AbortSignal;
}

/** How a WebSocket connection ended. */
export interface CloseInfo {
  /** The close code: 1005 if the peer sent none, 1006 if the connection broke. */
  readonly code: number;
  readonly reason: string;
  /** Whether the closing handshake was completed. */
  readonly wasClean: boolean;
}

/** A request body. Bytes are copied; a Blob or File is not read. */
export type Body = string | ArrayBuffer | ArrayBufferView | Blob | FormData | URLSearchParams | null | undefined;
