// The interface of `environment`.

/** For each capability `true`, or the reason why it is not there. */
export type Capabilities = Record<
  | "xhr" | "upload-progress" | "credentials" | "fetch-streams" | "event-source" | "websocket" | "beacon"
  | "web-locks" | "broadcast-channel" | "service-worker",
  true | string
>;
