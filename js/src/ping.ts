// The interfaces of `ping`.

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
