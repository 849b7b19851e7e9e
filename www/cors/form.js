// The laboratory's form: what is chosen in it becomes the arguments of a call.
import { element } from "../dom.js";
import { answerFields } from "./fields.js";
import { USUAL } from "./presets.js";

/** Headers that are offered, each with a value to begin with. */
const COMMON = {
  Accept: "application/json",
  "Accept-Language": "en",
  Authorization: "Bearer a-token",
  "Content-Type": "application/json",
  "If-None-Match": '"lab"',
  Range: "bytes=0-99",
  "X-Requested-With": "XMLHttpRequest",
};

const FIELDS = [["name", "wire"], ["length", "3 m"]];

const BODIES = {
  none: () => ({}),
  text: () => ({ body: "hello" }),
  json: () => ({ options: { json: Object.fromEntries(FIELDS) } }),
  form: () => ({ options: { form: FIELDS } }),
  multipart: () => ({ body: multipart() }),
  bytes: () => ({ body: new Uint8Array([0x68, 0x65, 0x6c, 0x6c, 0x6f]) }),
};

export class Form {
  #form;
  #rows;
  #origins;
  #key;
  #runs = 0;
  #changed = () => {};

  constructor(form, origins, key) {
    this.#form = form;
    this.#rows = form.querySelector(".rows");
    this.#origins = origins;
    this.#key = key;
    form.querySelector("[data-server] > legend").after(...answerFields());
    const names = Object.keys(COMMON).map((value) => element("option", { value }));
    form.append(element("datalist", { id: "cors-header-names" }, ...names));
    form.querySelector(`[data-action="add"]`).addEventListener("click", () => this.#add("", "").focus());
    // Not every way of choosing an option fires both.
    for (const type of ["input", "change"]) form.addEventListener(type, () => this.#change());
    // The button is used as any other demo's; nothing is submitted anywhere.
    form.addEventListener("submit", (event) => event.preventDefault());
    this.fill({});
  }

  /** Calls `changed` whenever the visitor has changed something. */
  onChange(changed) {
    this.#changed = changed;
  }

  /** What `choice` does not name becomes as usual. */
  fill(choice) {
    const { headers, ...fields } = { ...USUAL, ...choice };
    for (const [name, value] of Object.entries(fields)) {
      const field = this.#form.elements[name];
      if (typeof value === "boolean") field.checked = value;
      else field.value = value;
    }
    this.#rows.replaceChildren();
    for (const [name, value] of headers) this.#add(name, value);
    this.#change();
  }

  /** The request; `recorded` when the demo server gets it, `remembers` when the browser may remember its preflight. */
  call() {
    const chosen = Object.fromEntries(new FormData(this.#form));
    const { body, options } = BODIES[chosen.body]();
    const typed = chosen.target === "typed";
    return {
      method: chosen.method === "other" ? chosen.custom : chosen.method,
      url: typed ? chosen.url : this.#address(chosen),
      body,
      options: {
        headers: this.#headers(),
        withCredentials: "credentials" in chosen,
        timeout: 20_000,
        ...("upload" in chosen && { onUpload: () => {} }),
        ...options,
      },
      recorded: !typed,
      remembers: !typed && chosen.acma !== "",
    };
  }

  /** Each run has an address of its own, unless a preflight is to be remembered: browsers do so by address. */
  #address({ target, acao, acac, acam, acah, aceh, acma, preflight }) {
    const url = new URL("/echo", this.#origins[target]);
    const answer = Object.entries({ acao, acac, acam, acah, aceh }).filter(([, value]) => value !== "asked");
    const query = [
      ["key", this.#key],
      ...answer,
      ...(acma ? [["acma", acma]] : [["run", String(this.#runs++)]]),
      ...(preflight === "204" ? [] : [["preflight", preflight]]),
      ["header", "X-Request-Id:4711"],
    ];
    url.search = new URLSearchParams(query);
    return url.href;
  }

  /** A line without a name is one that is not written yet. */
  #headers() {
    const lines = [...this.#rows.children].map((row) => [...row.querySelectorAll("input")].map(({ value }) => value));
    return lines.filter(([name]) => name !== "");
  }

  /** Adds a line, and gives the field of its name. */
  #add(name, value) {
    const code = { spellcheck: "false", autocapitalize: "off" };
    const names = { "aria-label": "Header", placeholder: "Name", list: "cors-header-names" };
    const key = element("input", { ...code, ...names });
    const content = element("input", { ...code, "aria-label": "Its value", placeholder: "Value" });
    const remove = element("button", { type: "button", "aria-label": "Remove this header" }, "×");
    const row = element("div", { class: "row" }, key, content, remove);
    key.value = name;
    content.value = value;
    key.addEventListener("change", () => this.#suggest(key.value, content));
    remove.addEventListener("click", () => this.#remove(row));
    this.#rows.append(row);
    return key;
  }

  #suggest(name, content) {
    if (content.value !== "") return;
    content.value = COMMON[name] ?? "";
    this.#change();
  }

  #remove(row) {
    row.remove();
    this.#form.querySelector(`[data-action="add"]`).focus();
    this.#change();
  }

  #change() {
    const { target, method } = this.#form.elements;
    const needed = { typed: target.value === "typed", other: method.value === "other" };
    for (const field of this.#form.querySelectorAll("[data-only]")) field.hidden = !needed[field.dataset.only];
    this.#form.querySelector("[data-server]").hidden = needed.typed;
    this.#changed();
  }
}

function multipart() {
  const form = new FormData();
  for (const [name, value] of FIELDS) form.append(name, value);
  return form;
}
