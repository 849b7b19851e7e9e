// Runs one job by one contender and says how long it took; `cargo xtask bench` calls it, round after round.
import { jobOf } from "./jobs.js";

const loaded = new Map();

/** The functions of a contender: a module of this folder, or one that wasm-bindgen made. */
async function contender(name, isWasm) {
  if (!loaded.has(name)) {
    const module = await import(isWasm ? `./${name}/${name}.js` : `./${name}.js`);
    if (isWasm) await module.default();
    loaded.set(name, module);
  }
  return loaded.get(name);
}

/** Milliseconds, with a count those of a thousand. Throws if an answer is not the one that the job must give. */
window.run = async (job, name, isWasm, call, count) => {
  const module = await contender(name, isWasm);
  const { parameters, prepare, answer, times } = jobOf(job, count);
  const expected = await answer();
  // What others left behind is not to be paid for by this one.
  window.gc?.();
  await new Promise((resolve) => setTimeout(resolve, 30));
  let took = 0;
  for (let number = 0; number < times; number += 1) {
    if (prepare) module.prepare?.(...prepare);
    const started = performance.now();
    const given = await module[call](...parameters);
    took += performance.now() - started;
    if (given !== expected) throw new Error(`${name} answered ${given} to ${job}, not ${expected}`);
  }
  return count ? (took / times / count) * 1000 : took / times;
};

/** What the table tells of this run. */
window.facts = () => ({
  date: new Date().toISOString(),
  browser: navigator.userAgent,
  cores: navigator.hardwareConcurrency,
  isolated: crossOriginIsolated,
});
