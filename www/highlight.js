// Colours the code on the page: comments, strings, keywords, calls. Text stays text.
import { element } from "./dom.js";

const KEYWORDS =
  "as|async|await|catch|const|else|for|from|if|import|in|let|match|move|mut|new|of|return|throw|try|use|while";
const TOKEN = new RegExp(
  [
    String.raw`(?<comment>\/\/.*)`,
    String.raw`(?<string>"[^"]*"|\x60[^\x60]*\x60)`,
    String.raw`(?<keyword>\b(?:${KEYWORDS})\b)`,
    String.raw`(?<call>\b\w+!?(?=\())`,
  ].join("|"),
  "g",
);

export function colourCode() {
  for (const code of document.querySelectorAll("pre > code")) code.replaceChildren(...colour(code.textContent));
}

function* colour(text) {
  let at = 0;
  for (const match of text.matchAll(TOKEN)) {
    const [kind] = Object.entries(match.groups).find(([, found]) => found !== undefined);
    yield text.slice(at, match.index);
    yield element("span", { class: kind }, match[0]);
    at = match.index + match[0].length;
  }
  yield text.slice(at);
}
