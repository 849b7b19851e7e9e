// The interfaces of `websocket` that have no class behind them.

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
  /** Gives up while connecting, or between two attempts; an open connection is left alone. */
  signal?: AbortSignal;
  /** What may wait to be read; `overflow` says what becomes of one more. Default: 65,536 messages, 64 MiB. */
  receiveLimit?: { messages?: number; bytes?: number };
  /**
   * What to do with a message for which there is no room: close the connection, so that the iterator ends with an error
   * of kind "too-large"; drop those that wait longest; drop the new one; or drop all that wait whenever a new one comes,
   * full or not. Default: "close".
   */
  overflow?: "close" | "drop-oldest" | "drop-newest" | "keep-latest";
  /** Sending waits when `high` bytes lie in the browser's buffer, until no more than `low` are left. Default: 1 MiB, 256 KiB. */
  sendBuffer?: { high?: number; low?: number };
  /** Milliseconds that the closing handshake may stand still. Default: 10,000. */
  closeTimeout?: number;
}

/**
 * The options of a connection that is kept up. The time limit is that of each attempt.
 *
 * ```js
 * const chat = websocket.reconnecting("/chat", {
 *   queue: { messages: 100 },
 *   heartbeat: { every: 20_000, patience: 5000, ping: "ping", isPong: (message) => message === "pong" },
 * });
 * ```
 */
export interface ReconnectOptions extends ConnectOptions {
  /** Milliseconds: the longest first wait, and what it doubles up to. Default: 500, 30,000. */
  backoff?: { base: number; cap: number };
  /** How many new attempts there are in a row, counted since the connection was last stable. Default: no end. */
  attempts?: number;
  /** Milliseconds that a connection must last to count as stable. Default: 10,000. */
  stableAfter?: number;
  /**
   * Keeps messages that are sent while there is no connection; what is left out is 1,000 messages and 1 MiB. Without this
   * option they are refused.
   */
  queue?: { messages?: number; bytes?: number };
  /** Whether new attempts wait while the page is hidden. Default: "continue". */
  whenHidden?: "continue" | "wait";
  /**
   * Decides, when a connection has ended, whether it is made again. Default: not after 1000, 1002, 1003, 1007, 1008, 1010.
   * What it throws is reported as by `reportError`, and the default decides.
   */
  againIf?: (end: CloseInfo) => boolean;
  /**
   * Sends `ping` after `every` milliseconds of silence; silence for `patience` more, and the connection counts as lost.
   * What `isPong` throws is reported as by `reportError`, and the message is given to the reader.
   */
  heartbeat?: {
    every: number;
    patience: number;
    ping: string | ArrayBuffer | ArrayBufferView;
    isPong: (message: string | Uint8Array) => boolean;
  };
}

/** A change of a connection that is kept up. */
export type ConnectionChange =
  /** `attempt` counts since the connection was last stable, from 0. */
  | { readonly state: "connecting"; readonly attempt: number }
  | { readonly state: "open" | "hidden" | "closing" }
  /** `againIn` is in milliseconds; `end` is absent where the connection was never open, or was found dead. */
  | { readonly state: "lost"; readonly againIn: number; readonly end?: CloseInfo }
  | { readonly state: "closed"; readonly end?: CloseInfo };

/** How a WebSocket connection ended. */
export interface CloseInfo {
  /** The close code: 1005 if the peer sent none, 1006 if the connection broke. */
  readonly code: number;
  /** The reason that the peer sent, empty without one; of a connection that this side gave up, why. */
  readonly reason: string;
  /** Whether the closing handshake was completed. */
  readonly wasClean: boolean;
  /** Bytes that the browser had taken and not sent, and at the last end of one that is kept up, those in its queue. */
  readonly unsent: number;
}

/** What the error of a WebSocket has besides. */
export interface PagewireError {
  /** How the WebSocket ended that the message was to be sent on; only of kind "closed". */
  readonly close?: CloseInfo;
  /** What no browser connects a WebSocket to; only of kind "invalid-request". */
  readonly refusal?: "url" | "scheme" | "fragment" | "port" | "mixed-content" | "subprotocol";
}

// The classes as types: `let socket: websocket.Socket`.
export namespace websocket {
  export type Changes = websocket__Changes;
  export type Reconnecting = websocket__Reconnecting;
  export type Socket = websocket__Socket;
}
