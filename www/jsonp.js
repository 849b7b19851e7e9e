// JSONP: the same answers, kind and hostile, in a frame of their own and in the page.
import { Demo } from "./demo.js";
import { element, explain } from "./dom.js";
import { origins } from "./origins.js";
import { jsonp } from "./pkg/pagewire.js";

const demo = new Demo("jsonp");
const rows = demo.find("tbody");
const words = demo.find(".words");
const own = words.textContent;

const SECRET = "jsonp-demo";

/** Each tries to take or to change something of this page's; all are harmless. */
const ATTACKS = {
  "reads the cookies": `loot = document.cookie.includes('${SECRET}')`,
  "reads the storage": `loot = localStorage['${SECRET}']`,
  "reads the page": "loot = parent.document.title",
  "reads the page’s address": "loot = document.baseURI.startsWith('http')",
  "reads how far the page can go back": "loot = parent.history.length",
  "calls what the page can call": "loot = parent.getComputedStyle(parent.document.body).color",
  "writes into the page": "loot = parent.document.querySelector('.words q').textContent = 'a foreign script was here'",
};

const WAYS = [jsonp.get, jsonp.getAndTrustTheServerWithThisPage];

demo.onStart(async (signal) => {
  rows.replaceChildren();
  words.querySelector("q").textContent = "only this page writes here";
  look();
  await compare("says hello", { data: '{"text":"hello"}' }, signal);
  document.cookie = `${SECRET}=secret; Max-Age=60; SameSite=Lax`;
  localStorage[SECRET] = "secret";
  try {
    for (const [name, attack] of Object.entries(ATTACKS)) await compare(name, { script: hostile(attack) }, signal);
  } finally {
    document.cookie = `${SECRET}=; Max-Age=0; SameSite=Lax`;
    delete localStorage[SECRET];
  }
  const stopped = rows.querySelectorAll('td:nth-child(2)[data-answer="stopped"]').length;
  const all = Object.keys(ATTACKS).length;
  return `The frame stopped ${stopped} of ${all} attacks, and let the data through.`;
});

/** A program that attacks, and calls back with what came of it. */
function hostile(attack) {
  return `(() => { let loot; try { ${attack} } catch {} {callback}({ text: loot ? "succeeds" : "stopped" }) })()`;
}

/** One row: what the server's answer comes to in the frame, and then in the page. */
async function compare(name, answer, signal) {
  const row = element("tr", {}, element("th", { scope: "row" }, name));
  rows.append(row);
  for (const call of WAYS) {
    row.append(await cell(call, answer, signal));
    look();
  }
}

async function cell(call, answer, signal) {
  const query = { key: demo.key, ...answer };
  try {
    const { text } = await call(`${origins.second}/jsonp`, { query, timeout: 5000, signal });
    return element("td", { "data-answer": text }, text);
  } catch (error) {
    if (error.name !== "PagewireError" || error.kind === "aborted") throw error;
    return element("td", { "data-answer": "failed" }, ...explain(error));
  }
}

/** Whether the words are still the page's own. */
function look() {
  words.dataset.state = words.textContent === own ? "own" : "changed";
}
