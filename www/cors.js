// Cross-origin: the same request to the other port, with a server that allows it and with one that does not.
import { Demo } from "./demo.js";
import { http } from "./pkg/pagewire.js";

const origins = await (await http.get("/origins")).json();
for (const place of document.querySelectorAll("[data-second]")) place.textContent = origins.second;

const ownHeader = document.getElementById("allowed-header");

const allowed = new Demo("allowed");
allowed.onStart((signal) =>
  ask({ cors: "on", key: allowed.key }, signal, ownHeader.checked ? { "x-greeting": "hello" } : {}),
);

const refused = new Demo("refused");
refused.onStart((signal) => ask({ cors: "off", key: refused.key }, signal));

async function ask(query, signal, headers = {}) {
  const response = await http.get(`${origins.second}/echo`, { query, signal, headers });
  const { origin } = await response.json();
  return `Status ${response.status}: this page may read the answer. It says that the request came from ${origin}.`;
}
