// WebSocket: connect, talk to the echo, close with a code and a reason.
import { Demo } from "./demo.js";
import { element, explain, Log } from "./dom.js";
import { websocket } from "./pkg/pagewire.js";

const demo = new Demo("websocket");
const log = new Log(demo.find(".log"));
const sendForm = document.getElementById("websocket-send");
const closeForm = document.getElementById("websocket-close");
let socket;

demo.onStart(async (signal) => {
  log.start();
  socket = await websocket.connect(`/ws/echo?${new URLSearchParams({ key: demo.key })}`, { signal });
  usable(true);
  try {
    for await (const message of socket) received(message);
    const { code, reason, wasClean } = await socket.closed();
    return `Closed ${wasClean ? "cleanly" : "without a handshake"}: code ${code}${reason && `, reason “${reason}”`}.`;
  } finally {
    usable(false);
  }
});

onSubmit(sendForm, async ({ text, bytes }) => {
  await socket.send(bytes ? new TextEncoder().encode(text) : text);
  log.add(bytes ? `${text} (as bytes)` : text, "page");
  sendForm.elements.text.select();
  demo.record.look();
});

onSubmit(closeForm, ({ code, reason }) => socket.close(Number(code), reason));

function received(message) {
  log.add(typeof message === "string" ? message : hex(message), "server");
  demo.record.look();
}

/** What the library refuses, such as a code that may not be sent, is a line of the log; the socket stays open. */
function onSubmit(form, act) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (form.querySelector("button").getAttribute("aria-disabled") === "true") return;
    try {
      await act(Object.fromEntries(new FormData(form)));
    } catch (error) {
      log.add(element("span", {}, ...explain(error)));
      if (error.name !== "PagewireError") throw error;
    }
  });
}

function usable(open) {
  demo.enable("send", open);
  demo.enable("close", open);
}

const hex = (bytes) =>
  `${bytes.length} bytes: ${[...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join(" ")}`;
