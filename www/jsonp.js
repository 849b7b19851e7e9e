// JSONP: the same hostile answers, in a frame of their own and in the page.
import { Demo } from "./demo.js";
import { element, explain } from "./dom.js";
import { jsonp } from "./pkg/pagewire.js";

const demo = new Demo("jsonp");
const rows = demo.find("tbody");

/** Each tries to take or change something of this page's; all are harmless. */
const ATTACKS = {
  "reads the cookies": "loot = document.cookie.includes('jsonp-demo')",
  "reads the storage": "loot = localStorage['jsonp-demo'] === 'secret'",
  "reads the page": "loot = parent.document.title",
  "reads the page's address": "loot = document.baseURI.startsWith('http')",
  "changes the page": "parent.document.body.dataset.touched = loot = 'yes'",
  "reads the page's history": "loot = parent.history.length > 0",
};

demo.onStart(async (signal) => {
  rows.replaceChildren();
  const { text } = await jsonp.get("/jsonp", { query: { key: demo.key, data: '{"text":"hello"}' }, signal });
  document.cookie = "jsonp-demo=secret; max-age=60";
  localStorage["jsonp-demo"] = "secret";
  let stopped = 0;
  try {
    for (const [name, attack] of Object.entries(ATTACKS)) {
      const framed = await attempt(jsonp.get, attack, signal);
      const inPage = await attempt(jsonp.getAndTrustTheServerWithThisPage, attack, signal);
      if (framed.stopped) stopped += 1;
      rows.append(element("tr", {}, element("th", { scope: "row" }, name), framed.cell, inPage.cell));
    }
  } finally {
    document.cookie = "jsonp-demo=; max-age=0";
    delete localStorage["jsonp-demo"];
    delete document.body.dataset.touched;
  }
  return `The kind answer said “${text}”. Of ${Object.keys(ATTACKS).length} attacks the frame stopped ${stopped}.`;
});

/** Lets the server answer with the attack; it calls back with whether it succeeded. */
async function attempt(call, attack, signal) {
  const script = `(() => { let loot; try { ${attack} } catch (error) {} {callback}(Boolean(loot)) })()`;
  try {
    const succeeded = await call("/jsonp", { query: { key: demo.key, script }, timeout: 5000, signal });
    const state = succeeded ? "succeeds" : "stopped";
    return { stopped: !succeeded, cell: element("td", { "data-attack": state }, state) };
  } catch (error) {
    if (error.kind === "aborted") throw error;
    return { stopped: true, cell: element("td", { "data-attack": "stopped" }, ...explain(error)) };
  }
}
