// Numbers as a person reads them.

const UNITS = ["bytes", "kB", "MB", "GB", "TB"];
const whole = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const tenths = new Intl.NumberFormat("en", { maximumFractionDigits: 1 });

/** 1,234 */
export const count = (number) => whole.format(number);

/** 1 line, 1,234 lines */
export const many = (number, unit) => `${count(number)} ${unit}${number === 1 ? "" : "s"}`;

/** 1.2 MB */
export function bytes(number) {
  let unit = 0;
  while (number >= 999.5 && unit < UNITS.length - 1) {
    number /= 1000;
    unit += 1;
  }
  return `${unit === 0 || number >= 99.5 ? Math.round(number) : number.toFixed(1)} ${UNITS[unit]}`;
}

/** 0 s, < 1 ms, 350 ms, 1.2 s, 75 s */
export function duration(ms) {
  if (ms === 0) return "0 s";
  if (ms < 1) return "< 1 ms";
  if (ms < 999.5) return `${Math.round(ms)} ms`;
  return `${(ms / 1000).toFixed(ms < 9950 ? 1 : 0)} s`;
}

/** 0 ms, 0.4 ms, 1,234 ms */
export const milliseconds = (ms) => `${(ms < 10 ? tenths : whole).format(ms)} ms`;
