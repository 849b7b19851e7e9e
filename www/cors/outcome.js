// What came of a request: the headers that could be read, the plan held against the server's record, the diagnosis.
import { element } from "../dom.js";
import { cors } from "../pkg/pagewire.js";
import { lines } from "./lines.js";

/** The headers that the page could read; and those that it could not, where `all` names of such an answer are known. */
export function headersOf(response, all) {
  const rows = response.headers.map(([name, value]) =>
    element("div", {}, element("dt", {}, name), element("dd", {}, value)),
  );
  const read = new Set(response.headers.map(([name]) => name));
  // Those of CORS itself speak to the browser.
  const hidden = all?.filter((name) => !read.has(name) && !name.startsWith("access-control-"));
  return [
    element("h4", {}, "Headers of the answer that could be read"),
    element("dl", { class: "headers" }, ...rows),
    element("h4", {}, "Headers that stay hidden"),
    hiddenNames(hidden),
  ];
}

function hiddenNames(hidden) {
  if (hidden === undefined) return element("p", { class: "hidden-names" }, "What is hidden, a page cannot know.");
  if (hidden.length === 0) return element("p", { class: "hidden-names" }, "none");
  const exposable = hidden.filter((name) => cors.readable(name) === "when-exposed");
  return element(
    "p",
    { class: "hidden-names" },
    element("code", {}, hidden.join(", ")),
    exposable.length > 0 ? " – until the server names them in Access-Control-Expose-Headers." : "",
  );
}

const REQUEST_METHOD = "access-control-request-method";
const REQUEST_HEADERS = "access-control-request-headers";

const REMEMBERED = {
  state: "remembered",
  text: "No preflight this time: the browser remembers the server’s answer to an earlier one.",
};

/** Whether the server saw what was planned; `remembers` when the browser may have asked before. */
export function compare(plan, entries, remembers) {
  const preflight = entries.find(isPreflight);
  const arrived = entries.some((entry) => !isPreflight(entry));
  const end = arrived ? "The request itself arrived and was answered." : "The request itself was never sent.";
  if (plan.kind !== "preflighted") {
    return preflight
      ? otherwise("the browser asked first.", plan)
      : { state: "as-planned", text: `As planned: no preflight. ${arrived ? end : "Nothing arrived."}` };
  }
  if (preflight === undefined) {
    return remembers && arrived ? REMEMBERED : otherwise("no preflight came.", plan);
  }
  const [method, headers] = [header(preflight, REQUEST_METHOD), header(preflight, REQUEST_HEADERS)];
  return method === plan.requestMethod && headers === plan.requestHeaders
    ? { state: "as-planned", text: `As planned: the browser asked first, with just the planned lines. ${end}` }
    : otherwise(`the browser asked for ${method} with the headers ${headers ?? "none"}.`, plan);
}

function otherwise(what, { deviations }) {
  const text = `Otherwise than planned: ${what}`;
  return deviations.length > 0
    ? { state: "deviates", text: `${text} The plan names engines that do otherwise.` }
    : { state: "otherwise", text };
}

const isPreflight = (entry) => entry.method === "OPTIONS" && header(entry, REQUEST_METHOD) !== undefined;

const header = ({ headers }, wanted) => headers.find(([name]) => name === wanted)?.[1];

const CONFIDENCE = { high: "this is sure", likely: "this is likely", low: "this is a guess" };

/** What a diagnosis says happened. */
export function finding({ verdict, confidence, message }) {
  const word = { class: "kind", "data-verdict": verdict, "data-confidence": confidence };
  return [element("code", word, verdict), ` ${message} (${CONFIDENCE[confidence]}).`];
}

/** What to do about it, with the lines that would have let the request pass, and what the diagnosis rests on. */
export function grounds({ advice, evidence, needed }) {
  return [
    element("p", {}, element("b", {}, "What to do: "), `${advice}.`),
    ...(needed.preflight.length > 0 ? [lines("What the answer to OPTIONS needs", needed.preflight)] : []),
    ...(needed.answer.length > 0 ? [lines("What the answer to the request needs", needed.answer)] : []),
    element("h4", {}, "What the diagnosis rests on"),
    element("ul", {}, ...evidence.map((seen) => element("li", {}, seen))),
  ];
}
