// Header lines as they are written, to be read and to be copied.
import { element } from "../dom.js";

/** Long enough to read it. */
const CONFIRMED = 2000;

/** Lines for the server under a title, with a button that copies them. */
export function lines(title, list) {
  const text = list.map(({ name, value }) => `${name}: ${value}`);
  const shown = plain(text, "lines", (index) => list[index].orStar && element("small", {}, " or *"));
  const told = element("span", { class: "told", role: "status" });
  const named = { type: "button", "data-action": "copy", "aria-label": `Copy the lines: ${title}` };
  const copy = element("button", named, "Copy");
  copy.addEventListener("click", async () => {
    told.textContent = (await copied(text.join("\n"))) ? "Copied" : selected(shown);
    setTimeout(() => told.replaceChildren(), CONFIRMED);
  });
  return element("figure", {}, element("figcaption", {}, title, told, copy), shown);
}

/** Lines of code; `note` may add a remark to each, which is not part of it. */
export function plain(text, name, note = () => false) {
  const rows = text.map((line, index) => element("span", {}, line, note(index) || ""));
  return element("pre", { class: name, tabindex: "0" }, ...rows);
}

/** Whether the browser lets the page write to the clipboard. */
async function copied(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}

function selected(shown) {
  getSelection().selectAllChildren(shown);
  return "Selected: copy it by the keyboard";
}
