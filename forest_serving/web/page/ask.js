// Every request of the page goes through here: keys, refusals, and a server that is gone.

import { askForKey } from "./key_dialog.js";

const HOME = new URL("../", import.meta.url);  // the server may live below a prefix
const GATEWAY_STATUSES = [502, 503, 504];
const POLL_MS = 1000;
const GONE = "The server cannot be reached.";
const REPLACED = "The server answers with another version of the model. Reload the page.";
const NO_KEY = "The server answers only with a key.";

let key = "";  // in memory only: gone with the page
let version = null;  // of the model that this page is about
let asking = null;  // the open dialog: several requests wait for one key

/**
 * Why there is no answer: the server's sentence, its detail, the status, which is 0 without a reply, and after how many
 * seconds to ask again, or NaN.
 */
export class Refusal extends Error {
  constructor(message, status = 0, detail = [], retryAfter_s = NaN) {
    super(message);
    this.status = status;
    this.detail = detail;
    this.retryAfter_s = retryAfter_s;
  }
}

/** Tells "gone" when the server cannot be reached, "back" when it answers again, "replaced", and "key" for a new one. */
export const connection = Object.assign(new EventTarget(), { isGone: false });

/** Whether the server wanted a key. */
export const hasKey = () => key !== "";

/** Return the URL of a path beside the page. */
export const urlOf = (path) => new URL(path, HOME).href;

/**
 * Ask the server: GET, or POST where there is a body. Returns JSON; with options.text the text, with options.binary
 * {buffer, headers}. options.signal stops it. Throws Refusal.
 */
export async function ask(path, body, options = {}) {
  try {
    return await read(await accepted(path, body, options), options);
  } catch (error) {
    if (error instanceof Refusal || error.name === "AbortError") throw error;
    throw gone();
  }
}

/** Return a function that runs one call at a time; of those made meanwhile only the newest follows. */
export function newest(run) {
  let waiting = null;
  let running = false;
  return async (...given) => {
    waiting = given;
    if (running) return;
    running = true;
    try {
      while (waiting) {
        const next = waiting;
        waiting = null;
        await run(...next);
      }
    } finally {
      running = false;
    }
  };
}

async function accepted(path, body, options) {
  for (;;) {
    const used = key;
    const reply = await send(path, body, options);
    checkVersion(reply);
    if (reply.ok) return reply;
    if (reply.status !== 401) throw await refusalOf(reply);
    if (!(await anotherKey(used))) throw new Refusal(NO_KEY, reply.status);
  }
}

// What another model answers to this row, or why it refuses it, would be shown as if this page's had.
function checkVersion({ headers, status }) {
  const answering = headers.get("X-Model-Version");
  version ??= answering;
  if (answering === null || answering === version) return;
  connection.dispatchEvent(new Event("replaced"));
  throw new Refusal(REPLACED, status);
}

function send(path, body, { signal }) {
  const headers = key ? { Authorization: `Bearer ${key}` } : {};
  if (body === undefined) return fetch(urlOf(path), { headers, signal });
  headers["Content-Type"] = "application/json";
  return fetch(urlOf(path), { method: "POST", headers, body: JSON.stringify(body), signal });
}

async function read(reply, { binary, text }) {
  if (binary) return { buffer: await reply.arrayBuffer(), headers: reply.headers };
  return text ? reply.text() : reply.json();
}

async function refusalOf(reply) {
  const text = await reply.text();
  const retryAfter_s = parseInt(reply.headers.get("Retry-After"), 10);
  try {
    const { error, detail } = JSON.parse(text);
    return new Refusal(error ?? `The server answers with status ${reply.status}.`, reply.status, detail, retryAfter_s);
  } catch {
    // No JSON: a proxy speaks, for a server that is not there.
    return GATEWAY_STATUSES.includes(reply.status)
      ? gone() : new Refusal(`The server answers with status ${reply.status}.`, reply.status);
  }
}

async function anotherKey(used) {
  if (key !== used) return true;  // it came while this request was on its way
  asking ??= askForKey(key !== "").then(take).finally(() => { asking = null; });
  return asking;
}

function take(given) {
  if (given === null) return false;
  key = given;
  connection.dispatchEvent(new Event("key"));
  return true;
}

function gone() {
  if (!connection.isGone) {
    connection.isGone = true;
    connection.dispatchEvent(new Event("gone"));
    setTimeout(poll, POLL_MS);
  }
  return new Refusal(GONE);
}

async function poll() {
  const reply = await fetch(urlOf("readyz"), { cache: "no-store" }).catch(() => null);
  if (!reply?.ok) return setTimeout(poll, POLL_MS);
  connection.isGone = false;
  connection.dispatchEvent(new Event("back"));
}
