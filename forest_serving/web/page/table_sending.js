// Sends rows until they are answered: it waits for a server that is busy or gone, and sends less where it was too much.

import { ask, connection } from "./ask.js";

const BUSY = [429, 502, 503, 504];
const TOO_LARGE = 413;
const LEAST_WAIT_S = 1;

/** Asks for one file's predictions. */
export class Sender {
  #most = Infinity; // rows in a request; less after one was too large

  /** signal stops it; say is told, in a sentence, what is waited for, and "" once it goes on. */
  constructor(signal, say) {
    this.signal = signal;
    this.say = say;
  }

  /**
   * Return what POST /ui/rows says of each row. Throws Refusal where the server will not answer, and AbortError where
   * it is stopped.
   */
  async answersTo(instances) {
    const answers = [];
    while (answers.length < instances.length) {
      const next = instances.slice(answers.length, answers.length + this.#most);
      try {
        answers.push(...(await ask("ui/rows", { instances: next }, { signal: this.signal })).rows);
        this.say("");
      } catch (refusal) {
        if (refusal.status !== TOO_LARGE) await this.#waitAfter(refusal);
        else if (next.length > 1) this.#most = next.length >> 1;
        else answers.push({ error: refusal.message });
      }
    }
    return answers;
  }

  async #waitAfter(refusal) {
    if (refusal.status === 0 && connection.isGone) {
      this.say("The server cannot be reached. This goes on when it is back.");
      await this.#until((resolve) => connection.addEventListener("back", resolve, { once: true }));
    } else if (BUSY.includes(refusal.status)) {
      this.say("The server is busy. This goes on by itself.");
      const wait_s = Math.max(refusal.retryAfter_s || 0, LEAST_WAIT_S);
      await this.#until((resolve) => setTimeout(resolve, wait_s * 1000));
    } else if (refusal.status !== 0) {
      throw refusal;
    } // else it is back already
  }

  #until(start) {
    return new Promise((resolve, reject) => {
      this.signal.throwIfAborted();
      this.signal.addEventListener("abort", () => reject(this.signal.reason), { once: true });
      start(resolve);
    });
  }
}
