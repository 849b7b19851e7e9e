// Chat: a connection that is kept up, across tabs. It can be cut, flooded, and closed with a code and a reason.
import { Rates, STEP } from "./chat/rates.js";
import { States } from "./chat/states.js";
import { Demo, unique } from "./demo.js";
import { element, explain, Log } from "./dom.js";
import { duration, many } from "./format.js";
import { websocket } from "./pkg/pagewire.js";

/** How many messages a flood has. */
const FLOOD = 1000;

/** How long the server refuses a connection that was cut: milliseconds. */
const AWAY = 5000;

const demo = new Demo("chat");
const log = new Log(demo.find(".log"));
const states = new States(demo.find(".states-place"));
const rates = new Rates(demo.root, demo.find(".rates-place"));
const roomForm = document.getElementById("chat-room");
const sayForm = document.getElementById("chat-say");
const closeForm = document.getElementById("chat-close");
const otherTab = document.querySelector(".other-tab");

/** To the server it is a word to be cut by, and not a message. */
const CUT = unique();
const self = unique();

let socket;
let taken = 0;
let received = 0;
let missing = 0;
let flooded = 0;

roomForm.elements.room.value = new URLSearchParams(location.search).get("room") ?? "lobby";
roomForm.elements.name.value = `tab ${self.slice(0, 3)}`;
roomForm.elements.room.addEventListener("input", nameOtherTab);
roomForm.addEventListener("submit", (event) => event.preventDefault());
nameOtherTab();

demo.onStart(async () => {
  const query = { room: roomForm.elements.room.value, name: self, cut: CUT, away: AWAY, key: demo.key };
  socket = websocket.reconnecting(`/ws/chat?${new URLSearchParams(query)}`, {
    backoff: { base: 1000, cap: 2000 },
    queue: { messages: 200 },
  });
  begin();
  const drawing = setInterval(draw, STEP);
  const changes = watch();
  try {
    for await (const message of socket) hear(message);
    return outcome(await socket.closed());
  } finally {
    await changes;
    clearInterval(drawing);
    draw();
    for (const action of ["say", "flood", "cut", "close"]) demo.enable(action, false);
  }
});

onSubmit(sayForm, async ({ text }) => {
  await send({ text });
  log.add(isOpen() ? text : `${text} (waits for a connection)`, "page");
  sayForm.elements.text.select();
  demo.record.look();
});

onSubmit(closeForm, ({ code, reason }) => socket.close(Number(code), reason));

onPress("flood", async () => {
  const began = performance.now();
  for (let number = 1; number <= FLOOD; number += 1) await send({ number });
  log.add(`${many(FLOOD, "message")} in ${duration(performance.now() - began)}`, "page");
  demo.record.look();
});

onPress("cut", () => socket.send(CUT));

function begin() {
  taken = received = missing = flooded = 0;
  log.start();
  states.start();
  rates.start();
  for (const action of ["say", "flood", "close"]) demo.enable(action, true);
}

/** Shows each change of the connection until it is over. */
async function watch() {
  for await (const change of socket.changes()) {
    states.enter(change.state);
    log.add(describe(change));
    demo.enable("cut", change.state === "open");
    demo.record.look();
  }
}

function describe({ state, attempt, againIn, end }) {
  const why = end ? `, ${ending(end)}` : "";
  switch (state) {
    case "connecting":
      return attempt > 0 ? `connecting, attempt ${attempt + 1}` : "connecting";
    case "lost":
      return `lost${why}; again in ${duration(againIn)}`;
    default:
      return state + why;
  }
}

const ending = ({ code, reason }) => `code ${code}${reason && `, reason “${reason}”`}`;

function outcome(end) {
  if (end === undefined) return "Closed while there was no connection.";
  return `Closed ${end.wasClean ? "cleanly" : "without a handshake"}: ${ending(end)}.`;
}

async function send(what) {
  await socket.send(JSON.stringify({ from: roomForm.elements.name.value, ...what }));
  taken += 1;
}

function hear(message) {
  received += 1;
  const { from, text, number } = JSON.parse(message);
  if (number === undefined) {
    log.add(`${from}: ${text}`, "server");
    demo.record.look();
  } else {
    hearFlood(from, number);
  }
}

/** Of a flood only its end is told, and how much of it is missing. */
function hearFlood(from, number) {
  if (number === 1) missing = flooded = 0;
  missing += number - flooded - 1;
  flooded = number;
  if (number < FLOOD) return;
  log.add(`${from}: ${many(FLOOD, "message")}, ${missing === 0 ? "none" : missing} missing`, "server");
  demo.record.look();
}

function draw() {
  const waiting = socket.queued;
  states.draw();
  rates.note({ sent: taken - waiting, received, waiting });
}

const isOpen = () => socket.latest.state === "open";

function nameOtherTab() {
  const query = new URLSearchParams({ room: roomForm.elements.room.value });
  otherTab.setAttribute("href", `?${query}#chat`);
}

function onSubmit(form, act) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const button = form.querySelector("button");
    if (isUsable(button)) attempt(() => act(Object.fromEntries(new FormData(form))));
  });
}

function onPress(action, act) {
  const button = demo.find(`[data-action="${action}"]`);
  button.addEventListener("click", () => isUsable(button) && attempt(act));
}

const isUsable = (button) => button.getAttribute("aria-disabled") !== "true";

/** What the library refuses, such as a code that may not be sent, is a line of the log; the connection stays. */
async function attempt(act) {
  try {
    await act();
  } catch (error) {
    log.add(element("span", {}, ...explain(error)));
    if (error.name !== "PagewireError") throw error;
  }
}
