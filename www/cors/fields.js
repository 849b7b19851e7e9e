// What the demo server can be asked to answer: each field is a parameter of the address that it reads.
import { element } from "../dom.js";

const LEFT_OUT = ["", "left out"];

/** Name, label, and choices: a value with its text, or a text that is the value. */
const FIELDS = [
  ["acao", "Access-Control-Allow-Origin", ["asked", "the origin that asks"], "*", "https://other.example", LEFT_OUT],
  ["acac", "Access-Control-Allow-Credentials", LEFT_OUT, "true"],
  ["acam", "Access-Control-Allow-Methods", ["asked", "the method that is asked for"], "*", "GET, POST", LEFT_OUT],
  ["acah", "Access-Control-Allow-Headers", ["asked", "the headers that are asked for"], "*", "Content-Type", LEFT_OUT],
  [
    "preflight",
    "Status of the answer to OPTIONS",
    ["204", "204 No Content"],
    ["200", "200 OK"],
    ["302", "302 Found"],
    ["401", "401 Unauthorized"],
    ["403", "403 Forbidden"],
    ["404", "404 Not Found"],
    ["405", "405 Method Not Allowed"],
    ["500", "500 Internal Server Error"],
  ],
  [
    "acma",
    "Access-Control-Max-Age",
    ["", "left out; a new address each run"],
    ["600", "600 seconds; one address for all runs"],
  ],
  ["aceh", "Access-Control-Expose-Headers", LEFT_OUT, "X-Request-Id", "*"],
];

export const answerFields = () => FIELDS.map(field);

function field([name, label, ...choices]) {
  const options = choices.map((choice) => {
    const [value, text] = typeof choice === "string" ? [choice, choice] : choice;
    return element("option", { value }, text);
  });
  return element("label", { class: "field" }, element("span", {}, label), element("select", { name }, ...options));
}
