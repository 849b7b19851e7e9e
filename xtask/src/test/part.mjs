// Imports a module of a few namespaces, which are the arguments: it has these and no others, and they work.
import { readFile } from "node:fs/promises";

const module = await import(`${process.cwd()}/pagewire.js`);
// The class behind `poll`, and that of its answers.
const classes = ["Reading", "http"];
const wanted = ["default", "initSync", ...classes, ...process.argv.slice(1)].sort().join(", ");
const exported = Object.keys(module).sort().join(", ");
if (exported !== wanted) throw new Error(`it exports ${exported} in place of ${wanted}`);
if (Object.keys(module.http).join() !== "Response") throw new Error(`http has ${Object.keys(module.http)}`);

const types = (await readFile("pagewire.d.ts", "utf8")).replaceAll(/\/\*[^]*?\*\//g, "");
const foreign = ["RequestOptions", "Diagnosis", "SentEvent"].filter((name) => new RegExp(`\\b${name}\\b`).test(types));
if (foreign.length > 0) throw new Error(`its types speak of ${foreign.join(", ")}`);

await module.default({ module_or_path: await readFile("pagewire_bg.wasm") });
const refusal = await (async () => module.websocket.connect("/", { timout: 1 }))().catch((error) => error);
if (refusal.kind !== "invalid-request") throw new Error(`it takes an option that is none: ${refusal}`);
if (!("websocket" in module.environment.capabilities())) throw new Error("it has no word on WebSocket");
