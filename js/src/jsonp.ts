// The interfaces of `jsonp`.

/** The options of a JSONP call whose script runs in a frame of its own. */
export interface JsonpOptions {
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
  /** How the script is decoded where the server does not say. Default: UTF-8 in a frame, else as the page. */
  charset?: string;
  /** Default: what the page says; of a frame's request it names nothing in any case. */
  referrerPolicy?: ReferrerPolicyName;
  /** Origins that the script may come from after a redirect. */
  allowRedirectsTo?: Iterable<string>;
}

/** The options of a JSONP call whose script runs in the page. */
export interface TrustedJsonpOptions extends Omit<JsonpOptions, "allowRedirectsTo"> {
  /** The nonce that the page's policy lets scripts run by. */
  nonce?: string;
}
