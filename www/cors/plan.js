// Draws a plan: the reasons of a preflight, its lines, what the server must answer, and which engines do otherwise.
import { element } from "../dom.js";
import { lines, plain } from "./lines.js";

const SUMMARIES = {
  "same-origin": "Same origin: it is sent at once, and CORS has no part in it.",
  simple: "Simple: it is sent at once, and arrives. The answer decides whether this page may read it.",
  preflighted: "Preflighted: the browser asks with OPTIONS first, and sends the request only if the answer allows it.",
};

const ENGINES = {
  chromium: "Chromium (Chrome, Edge)",
  gecko: "Gecko (Firefox)",
  webkit: "WebKit (Safari)",
};

export const summary = ({ kind }) => SUMMARIES[kind];

/** All but the summary, for the call that was planned. */
export function details(plan, { method, url, options }) {
  if (plan.kind === "same-origin") return [];
  const credentials = options.withCredentials;
  const other = credentials ? "without" : "with";
  return [
    ...reasons(plan),
    ...question(plan, url),
    element("h4", {}, `What the server must answer, ${credentials ? "with" : "without"} credentials`),
    ...answers(plan, method, credentials),
    element(
      "details",
      {},
      element("summary", {}, `The same ${other} credentials`),
      ...answers(plan, method, !credentials),
    ),
    ...deviations(plan),
  ];
}

function reasons({ reasons }) {
  if (reasons.length === 0) return [];
  const items = reasons.map(({ message, remedy, link }) =>
    element(
      "li",
      {},
      `${sentence(message)} `,
      element("a", { href: link, "aria-label": `The rule: ${message}` }, "The rule"),
      element("small", {}, `To avoid it: ${remedy}.`),
    ),
  );
  return [element("h4", {}, "Why the browser asks first"), element("ul", { class: "reasons" }, ...items)];
}

function question({ kind, requestMethod, requestHeaders }, url) {
  if (kind !== "preflighted") return [];
  const asked = [
    `OPTIONS ${new URL(url, location.href).pathname}`,
    `Origin: ${location.origin}`,
    `Access-Control-Request-Method: ${requestMethod}`,
    ...(requestHeaders === undefined ? [] : [`Access-Control-Request-Headers: ${requestHeaders}`]),
  ];
  return [element("h4", {}, "What it asks"), plain(asked, "question")];
}

function answers(plan, method, credentials) {
  const { preflight, answer } = credentials ? plan.withCredentials : plan.withoutCredentials;
  return [
    ...(preflight.length > 0 ? [lines("To OPTIONS, with a status from 200 to 299", preflight)] : []),
    lines(`To ${method} itself, with any status`, answer),
  ];
}

function deviations({ deviations }) {
  if (deviations.length === 0) return [];
  const items = deviations.map(({ engine, what, link }) =>
    element("li", {}, element("b", {}, ENGINES[engine]), ` ${what}. `, element("a", { href: link }, "More")),
  );
  return [element("h4", {}, "Engines that do otherwise"), element("ul", { class: "deviations" }, ...items)];
}

const sentence = (text) => `${text[0].toUpperCase()}${text.slice(1)}.`;
