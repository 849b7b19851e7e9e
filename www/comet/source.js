// A feed as this page publishes to it, and what its clock says in this page's time.

/** By this page's clock, which never goes back. */
export const now = () => performance.timeOrigin + performance.now();

export class Source {
  /** What this page published: each with `id` and `at`. */
  published = [];
  #ahead = 0;
  #trip = Infinity;

  constructor(feed) {
    this.feed = feed;
  }

  /** The feed's time as this page's. */
  clock(time) {
    return time - this.#ahead;
  }

  /** The number of the feed's latest message. */
  async position() {
    const before = now();
    const { newest, now: told } = await this.feed.look();
    this.#compare(before, told);
    return newest;
  }

  async publish(text) {
    const before = now();
    const { id, sent } = await this.feed.publish(text);
    this.#compare(before, sent);
    this.published.push({ id, at: this.clock(sent) });
  }

  /** The feed read its clock between question and answer: the quicker they were, the less can be wrong. */
  #compare(before, told) {
    const trip = now() - before;
    if (trip >= this.#trip) return;
    this.#trip = trip;
    this.#ahead = told - before - trip / 2;
  }
}
