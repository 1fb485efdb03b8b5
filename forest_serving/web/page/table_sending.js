// Sends rows until they are answered: it waits for a server that is busy or gone, and sends less where it was too much.

import { ask, connection } from "./ask.js";

const BUSY = [429, 502, 503, 504];
const TOO_LARGE = 413;
const LEAST_WAIT_S = 1;

/**
 * Return a reply of POST /ui/rows for each row. say is told, in a sentence, what is waited for, and "" once it goes on.
 * Throws Refusal where the server will not answer, and AbortError where signal stops it.
 */
export async function answersTo(instances, signal, say) {
  for (;;) {
    try {
      const { rows } = await ask("ui/rows", { instances }, { signal });
      say("");
      return rows;
    } catch (refusal) {
      if (refusal.status === TOO_LARGE) return answersToLess(instances, refusal, signal, say);
      await waitAfter(refusal, signal, say);
    }
  }
}

async function answersToLess(instances, refusal, signal, say) {
  if (instances.length === 1) return [{ error: refusal.message }];
  const middle = instances.length >> 1;
  const first = await answersTo(instances.slice(0, middle), signal, say);
  return first.concat(await answersTo(instances.slice(middle), signal, say));
}

async function waitAfter(refusal, signal, say) {
  if (connection.isGone && refusal.status === 0) {
    say("The server cannot be reached. This goes on when it is back.");
    return until((resolve) => connection.addEventListener("back", resolve, { once: true, signal }), signal);
  }
  if (!BUSY.includes(refusal.status)) throw refusal;
  say("The server is busy. This goes on by itself.");
  const wait_s = Math.max(refusal.retryAfter_s || 0, LEAST_WAIT_S);
  return until((resolve) => setTimeout(resolve, wait_s * 1000), signal);
}

function until(start, signal) {
  return new Promise((resolve, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
    start(resolve);
  });
}
