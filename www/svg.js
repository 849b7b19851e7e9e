// Shapes of a drawing whose width is that of its place.

export function shape(name, attributes) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

/** A share of the width, from 0 to 1. */
export const percent = (share) => `${(100 * share).toFixed(3)}%`;

/** Where a moment lies on an axis of so many milliseconds that ends now: from 0 to 1. */
export const place = (time, now, span) => Math.min(1, Math.max(0, 1 - (now - time) / span));
