// Comet: one feed followed in four ways at once, each drawn as it goes.
import { axis, Lane } from "./comet/chart.js";
import { nchanFeed, ownFeed } from "./comet/feeds.js";
import { now, Source } from "./comet/source.js";
import { Way } from "./comet/way.js";
import { keyOf, unique } from "./demo.js";
import { element, explain } from "./dom.js";
import { many } from "./format.js";
import { origins } from "./origins.js";

/** Messages per second, as the slider has them. */
const RATES = [0, 0.2, 0.5, 1, 2, 5];

/** How often is drawn, and how often the server's record is read: milliseconds. */
const FRAME = matchMedia("(prefers-reduced-motion: reduce)").matches ? 1000 : 100;
const LOOK = 400;

const key = keyOf("comet");
const root = document.querySelector('[data-demo="comet"]');
const form = document.getElementById("comet-feed");
const verdict = root.querySelector("#comet-verdict");
/** Nginx with Nchan, where the page was given one: `?nchan=http://127.0.0.1:PORT`. */
const nchan = new URLSearchParams(location.search).get("nchan");

if (nchan) form.elements.feed.append(element("option", { value: "nchan" }, `Nchan at ${nchan}`));
const publishing = new Lane(root.querySelector(".source"), "The messages as they were published");
const ways = [...root.querySelectorAll("[data-way]")].map((way) => new Way(way, key, run));
let source = choose();
let messages = 0;
let next;
let isWatching = false;

axis(root.querySelector(".axis"));
onPress("start", () => ways.filter((way) => !way.isRunning).forEach(run));
onPress("stop", () => ways.forEach((way) => way.stop()));
onPress("publish", publish);
form.addEventListener("submit", (event) => event.preventDefault());
form.elements.feed.addEventListener("change", change);
form.elements.rate.addEventListener("input", schedule);
schedule();
show();
draw();

async function run(way) {
  const running = way.run(source, Number(form.elements.beat.value));
  show();
  watch();
  await running.finally(show);
}

async function publish() {
  const into = source;
  try {
    await into.publish(`message ${(messages += 1)}`);
    verdict.replaceChildren();
  } catch (error) {
    verdict.replaceChildren(...explain(error));
    if (error.name !== "PagewireError") throw error;
  }
  draw();
}

/** The next message, at a rate that is kept on average: no beat, since short polling has one already. */
function schedule() {
  const rate = RATES[form.elements.rate.value];
  const text = rate === 0 ? "none by itself" : rate < 1 ? `one in ${1 / rate} s` : `${many(rate, "message")} per second`;
  form.elements.rate.setAttribute("aria-valuetext", text);
  form.querySelector("output").textContent = text;
  clearTimeout(next);
  if (rate > 0) next = setTimeout(publishAndGoOn, (1000 / rate) * (0.5 + Math.random()));
}

async function publishAndGoOn() {
  if (isAnyRunning()) await publish();
  schedule();
}

/** Reads the server's record and draws while there may be something new. */
async function watch() {
  if (isWatching) return;
  isWatching = true;
  const drawing = setInterval(draw, FRAME);
  try {
    while (ways.some((way) => way.isBusy)) await look();
  } finally {
    clearInterval(drawing);
    isWatching = false;
    draw();
  }
}

async function look() {
  try {
    // One after the other: a browser has six connections to a server, and three are taken.
    for (const way of ways) await way.look();
  } catch (error) {
    // Where the server is gone each way says so itself.
    if (error.name !== "PagewireError") throw error;
  }
  await new Promise((resolve) => setTimeout(resolve, LOOK));
}

function draw() {
  const time = now();
  publishing.draw(time, { messages: source.published });
  for (const way of ways) way.draw(time);
}

/** A feed that nobody else has. */
function choose() {
  const chosen = form.elements.feed.value;
  return new Source(chosen === "nchan" ? nchanFeed(nchan, unique()) : ownFeed(origins[chosen], unique(), key));
}

function change() {
  for (const way of ways) way.stop();
  source = choose();
  draw();
}

function isAnyRunning() {
  return ways.some((way) => way.isRunning);
}

function show() {
  root.dataset.state = isAnyRunning() ? "running" : "idle";
  enable("start", !ways.every((way) => way.isRunning));
  enable("stop", isAnyRunning());
  enable("publish", true);
}

function enable(action, enabled) {
  button(action).setAttribute("aria-disabled", String(!enabled));
}

function onPress(action, act) {
  button(action).addEventListener("click", act);
}

function button(action) {
  return form.querySelector(`[data-action="${action}"]`);
}
