// A link by which the visitor saves a blob as a file.
import { element } from "./dom.js";
import { bytes } from "./format.js";

export class SaveLink {
  #place;
  #url;

  constructor(place) {
    this.#place = place;
  }

  /** Offers `blob` as a file called `name`, in place of what was offered before. */
  offer(blob, name) {
    this.clear();
    this.#url = URL.createObjectURL(blob);
    const link = element("a", { href: this.#url, download: name }, `Save ${name}`);
    this.#place.replaceChildren(link, ` ${bytes(blob.size)}, ${blob.type || "of no type"}`);
  }

  /** The browser keeps a blob as long as a URL of it lives. */
  clear() {
    if (this.#url !== undefined) URL.revokeObjectURL(this.#url);
    this.#url = undefined;
    this.#place.replaceChildren();
  }
}
