// The feed that all four ways follow: the demo server's, or a channel of Nchan. Each way is an async iterable of messages.
import { http, poll, sse, stream } from "../pkg/pagewire.js";

/** Patient for about ten seconds; then the visitor is told what is wrong. */
const retry = { moreAttempts: 4, base: 1000, cap: 4000 };

/** The demo server at one of its origins. */
export function ownFeed(origin, feed, key) {
  const query = (way) => ({ feed, key: `${key}-${way}` });
  return {
    isRecorded: true,

    /** The number of its latest message, and the server's clock. */
    async look() {
      return (await http.get(`${origin}/feed`, { query: { feed } })).json();
    },

    /** Gives the message's number and the time by the server's clock. */
    async publish(text) {
      return (await http.post(`${origin}/feed`, text, { query: { feed } })).json();
    },

    async *short(after, { beat, signal }) {
      const how = { query: { ...query("short"), after }, conditional: true, fromStart: true, retry, signal };
      for await (const answer of poll.every(`${origin}/feed/poll`, beat, how)) {
        // Once there was a message, an answer with nothing is a 304, which is not handed on.
        if (answer.status !== 204) yield* (await answer.json()).messages;
      }
    },

    async *long(after, { signal }) {
      const cursor = { json: "next", query: "after" };
      const how = { query: query("long"), cursor, position: String(after), retry, signal };
      for await (const answer of poll.long(`${origin}/feed/long`, how)) yield* (await answer.json()).messages;
    },

    stream: (after, { signal }) => stream.ndjson(`${origin}/feed/stream`, { query: { ...query("stream"), after }, signal }),

    async *sse(after, { signal }) {
      // In the query, because across origins the header would cost a preflight.
      const how = { query: query("sse"), resumeByQuery: "after", lastEventId: String(after), retry, signal };
      for await (const { data } of sse.connect(`${origin}/feed/sse`, how)) yield JSON.parse(data);
    },
  };
}

/** A new channel of nginx with Nchan: no other has published there, so each way begins at its beginning. */
export function nchanFeed(origin, channel) {
  const address = (way) => `${origin}/sub/${way}/${channel}`;
  let published = 0;
  return {
    isRecorded: false,

    /** It has numbers and a clock of its own, which it does not tell: this page's take their place. */
    look: async () => ({ newest: 0, now: Date.now() }),

    async publish(text) {
      const message = { id: (published += 1), sent: Date.now(), text };
      await http.post(`${origin}/pub/${channel}`, JSON.stringify(message));
      return message;
    },

    async *short(after, { beat, signal }) {
      const how = { conditional: true, fromStart: true, retry, signal };
      for await (const answer of poll.every(address("poll"), beat, how)) yield answer.json();
    },

    async *long(after, { signal }) {
      for await (const answer of poll.long(address("lp"), { cursor: "nchan", retry, signal })) yield answer.json();
    },

    stream: (after, { signal }) => stream.ndjson(address("raw"), { signal }),

    async *sse(after, { signal }) {
      const how = { resumeByQuery: "last_event_id", retry, signal };
      for await (const { data } of sse.connect(address("sse"), how)) yield JSON.parse(data);
    },
  };
}
