// The CORS laboratory: plans the request that the form describes, sends it, and explains what came of it.
import { Form } from "./cors/form.js";
import { compare, finding, grounds, headersOf } from "./cors/outcome.js";
import { details, summary } from "./cors/plan.js";
import { PRESETS } from "./cors/presets.js";
import { Demo } from "./demo.js";
import { element } from "./dom.js";
import { many } from "./format.js";
import { origins } from "./origins.js";
import { cors, http } from "./pkg/pagewire.js";

/** Cookies do not heed ports: it goes to the other origin too, where credentials are sent. */
const COOKIE = "laboratory=a-cookie; Path=/; Max-Age=60; SameSite=Lax";

const demo = new Demo("cors");
const form = new Form(document.getElementById("cors-form"), origins, demo.key);
const headline = demo.find(".headline");
const readable = demo.find(".readable");
const comparison = demo.find(".comparison");
const found = demo.find(".finding");
const because = demo.find(".grounds");
const stale = demo.find(".stale");
/** Whether the run was started from the examples, far from where its outcome appears. */
let fromAfar = false;

form.onChange(() => {
  showPlan();
  stale.hidden = demo.root.dataset.state === "idle";
});
showPlan();

demo.find(".presets").append(
  ...PRESETS.map(({ name, ...choice }) => {
    const button = element("button", { type: "button", "data-preset": name }, name);
    button.addEventListener("click", () => present(choice));
    return button;
  }),
);

demo.onStart(async (signal) => {
  for (const place of [readable, comparison, found, because]) place.replaceChildren();
  stale.hidden = true;
  delete comparison.dataset.state;
  const call = form.call();
  const plan = planned(call);
  if (call.recorded) await demo.record.catchUp();
  if (call.options.withCredentials) document.cookie = COOKIE;
  try {
    const response = await http.request(call.method, call.url, call.body, { ...call.options, signal });
    const { length } = await response.bytes();
    readable.replaceChildren(...headersOf(response, await unhidden(call, plan)));
    return `Status ${response.status}: this page may read the answer, ${many(length, "byte")}.`;
  } catch (error) {
    if (error.kind === "network" || error.kind === "timeout") await diagnose(call, plan, error);
    throw error;
  } finally {
    if (!signal.aborted) await tellComparison(call, plan);
    if (fromAfar) requestAnimationFrame(showOutcome);
    fromAfar = false;
  }
});

function planned({ method, url, body, options }) {
  return cors.plan(method, url, body, options);
}

/** Live, at each change of the form. What the module refuses to send, it refuses to plan. */
function showPlan() {
  const call = form.call();
  try {
    const plan = planned(call);
    say(headline, plan.kind, summary(plan));
    demo.find(".plan").replaceChildren(...details(plan, call));
  } catch (error) {
    if (error.name !== "PagewireError") throw error;
    say(headline, "refused", `This request cannot be sent: ${error.message}`);
    demo.find(".plan").replaceChildren();
  }
}

/** A status is read out when it changes, so it is left alone when it does not. */
function say(place, state, text) {
  place.dataset.state = state;
  if (place.textContent !== text) place.textContent = text;
}

function present(choice) {
  if (demo.root.dataset.state === "running") return;
  form.fill(choice);
  fromAfar = true;
  demo.find(`[data-action="start"]`).click();
}

function showOutcome() {
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  comparison.scrollIntoView({ block: "nearest", behavior: calm ? "auto" : "smooth" });
}

/** The names of all headers of such an answer, which a page of the server's own origin may read. */
async function unhidden({ url, recorded }, { kind }) {
  if (!recorded || kind === "same-origin") return undefined;
  const { pathname, searchParams } = new URL(url);
  searchParams.delete("key");
  const twin = await http.get(pathname, { query: [...searchParams] });
  return twin.headers.map(([name]) => name);
}

/** Compares before the probes go out, which reach the server too. */
async function diagnose(call, plan, error) {
  await tellComparison(call, plan);
  readable.replaceChildren("It got no status, no headers and no body.");
  found.replaceChildren("Finding out why …");
  const diagnosis = await error.diagnose({ probe: true });
  found.replaceChildren(...finding(diagnosis));
  because.replaceChildren(...grounds(diagnosis));
}

async function tellComparison(call, plan) {
  if (comparison.dataset.state !== undefined) return;
  const { state, text } = call.recorded
    ? compare(plan, await demo.record.divide("The probes of the diagnosis"), call.remembers)
    : { state: "unknown", text: "No record: this went to the address you typed, and only the demo server keeps one." };
  say(comparison, state, text);
}
