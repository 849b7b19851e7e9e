// The interfaces of `stream`.

/** The options of a stream of text. */
export interface TextOptions extends StreamOptions {
  /** Takes bytes that are not UTF-8 for an error of kind "decode", in place of putting U+FFFD for them. Default: false. */
  strict?: boolean;
}

/** The options of a stream of JSON values. */
export interface ValueOptions extends StreamOptions {
  /** The longest line in bytes; a longer one is an error of kind "too-large". Default: 1 MiB. */
  maxLine?: number;
}

/**
 * The options of a stream of lines.
 *
 * ```js
 * const lines = stream.lines("/log", { idleTimeout: 30_000, maxLine: 64 * 1024 });
 * ```
 */
export interface LineOptions extends TextOptions, ValueOptions {}

/** The options of a stream of frames. */
export interface FrameOptions extends StreamOptions {
  /** How the length of a frame is written before it; "le" is the least significant byte first. Default: "u32". */
  prefix?: "u16" | "u16le" | "u32" | "u32le" | "varint";
  /** The longest frame in bytes; a longer one is an error of kind "too-large". Default: 1 MiB. */
  maxFrame?: number;
}

// What `stream.lines` gives: `let lines: stream.Lines`.
export namespace stream {
  export type Lines = Reading<string>;
}
