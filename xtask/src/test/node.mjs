// Imports www/pkg/pagewire.js in Node: it must neither throw nor touch what only a page has.
const touched = [];
for (const name of ["window", "document", "location", "self", "XMLHttpRequest"]) {
  Object.defineProperty(globalThis, name, { configurable: true, get: () => void touched.push(name) });
}
const module = await import(`${process.cwd()}/pkg/pagewire.js`);
if (touched.length > 0) throw new Error(`importing it touched ${touched.join(", ")}`);
if (typeof module.default !== "function") throw new Error("it exports no init function");
if (Object.keys(module).length < 3) throw new Error(`it exports only ${Object.keys(module).join(", ")}`);
