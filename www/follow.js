// Shows an exchange while it goes on.

/** At a failure the browser sets the numbers back to 0, which would look like a step back. */
const FORWARD = ["loadstart", "progress", "load"];

/** Shows its events: all on the waterfall, those of one direction on the meter. Gives the response. */
export async function follow(exchange, direction, meter, waterfall) {
  for await (const event of exchange) {
    waterfall.note(event);
    if (event.kind === direction && FORWARD.includes(event.moment)) meter.show(event);
  }
  return exchange.response;
}
