// Loads the module, then starts the demos: one script per demo.
import { colourCode } from "./highlight.js";

const DEMOS = ["download", "upload", "stream", "comet", "websocket", "chat", "ping", "jsonp", "cors"];

/** Whether the module is here; what keeps it away is said on the page. */
async function loadModule() {
  const status = document.getElementById("module");
  const began = performance.now();
  try {
    const { default: init } = await import("./pkg/pagewire.js");
    await init();
  } catch (error) {
    status.dataset.state = "failed";
    status.textContent = `The WebAssembly module did not load: ${error.message}. Start the page with “cargo xtask demo”, which builds it.`;
    return false;
  }
  status.dataset.state = "ready";
  status.textContent = `WebAssembly loaded and started in ${Math.round(performance.now() - began)} ms.`;
  return true;
}

if (await loadModule()) {
  // Beforehand: WebKit leaves modules unrun that import one that still waits.
  await import("./origins.js");
  await Promise.all(DEMOS.map((name) => import(`./${name}.js`)));
}
// Last, because the demos write the real addresses into the code.
colourCode();
