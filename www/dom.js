// Elements, errors, and a list that is written to while something happens.

/** Makes an element; attributes that are `undefined` are left out. */
export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== undefined) made.setAttribute(key, value);
  }
  made.append(...children);
  return made;
}

/** An error as the module gives it: its kind to decide on, its message to read. */
export function explain(error) {
  const kind = error.kind ?? error.name;
  return [element("code", { class: "kind", "data-kind": kind }, kind), ` ${error.message}`];
}

/** How many lines a log keeps. */
const KEPT = 200;

/** A list that shows the latest lines, each with its time since the start. */
export class Log {
  #list;
  #began = 0;

  constructor(list) {
    this.#list = list;
  }

  start() {
    this.#began = performance.now();
    this.#list.replaceChildren();
  }

  /** Adds a line; `from` is who said it. */
  add(text, from) {
    const list = this.#list;
    const seconds = ((performance.now() - this.#began) / 1000).toFixed(2);
    const atEnd = list.scrollTop + list.clientHeight >= list.scrollHeight - 8;
    list.append(element("li", { "data-from": from }, element("time", {}, `${seconds} s`), element("span", {}, text)));
    if (list.childElementCount > KEPT) list.firstElementChild.remove();
    if (atEnd) list.scrollTop = list.scrollHeight;
  }
}
