// @ts-check
/** @import { Found } from "../i18n/problems.js" */
// A text from the web: fetched here, and where that fails, why. Nothing else of the page asks anyone for anything.

// 20 s without an answer, or without more of it.
const PATIENCE = 20_000;
// 100 MB, decimal: what training on one tab's memory can take.
const LIMIT = 100_000_000;

/** Why an address gave no text, and what to do. */
export class AddressError extends Error {
  /** @param {Found} found */
  constructor(found) {
    super(found.code);
    this.found = found;
  }
}

/**
 * @param {string} typed with or without its https://
 * @param {AbortSignal} cancel
 * @param {(bytes: number) => void} progress hears of the bytes so far
 * @returns {Promise<Uint8Array<ArrayBuffer>>}
 */
export async function fetchBytes(typed, cancel, progress) {
  const url = addressOf(typed);
  const patience = new AbortController();
  let timer = setTimeout(() => patience.abort(), PATIENCE);
  /** @type {RequestInit} */
  const request = {
    signal: AbortSignal.any([cancel, patience.signal]),
    credentials: "omit",
    referrerPolicy: "no-referrer",
  };
  try {
    const response = await fetch(url, request).catch((error) => {
      if (request.signal?.aborted) throw error;
      return null;
    });
    if (!response) throw await whyNot(url, request);
    if (!response.ok) throw refused(url, response);
    const announced = Number(response.headers.get("content-length") ?? 0);
    if (announced > LIMIT) throw tooLarge(url, announced);
    /** @type {Uint8Array[]} */
    const parts = [];
    let size = 0;
    // A body that is not there is an empty one.
    for (const reader = response.body?.getReader(); reader; ) {
      const { done, value } = await reader.read();
      if (done) break;
      clearTimeout(timer);
      timer = setTimeout(() => patience.abort(), PATIENCE);
      parts.push(value);
      size += value.length;
      if (size > LIMIT) throw tooLarge(url, size);
      progress(size);
    }
    return joined(parts, size);
  } catch (error) {
    if (error instanceof AddressError || cancel.aborted) throw error;
    if (patience.signal.aborted) throw new AddressError({ code: "address_silent", values: { url: url.href, seconds: PATIENCE / 1000 } });
    throw new AddressError({ code: "address_broken", values: { url: url.href, reason: String(error) } });
  } finally {
    clearTimeout(timer);
    patience.abort();
  }
}

/** @param {string} typed */
function addressOf(typed) {
  const trimmed = typed.trim();
  const url = URL.parse(/^[a-z][a-z0-9+.-]*:\/\//i.test(trimmed) ? trimmed : `https://${trimmed}`);
  if (!trimmed) throw new AddressError({ code: "no_address" });
  if (!url) throw new AddressError({ code: "not_an_address", values: { typed: trimmed } });
  if (url.protocol !== "https:" && url.protocol !== "http:") {
    throw new AddressError({ code: "address_protocol", values: { url: url.href, protocol: url.protocol } });
  }
  const here = ["localhost", "127.0.0.1", "[::1]"].includes(url.hostname);
  if (location.protocol === "https:" && url.protocol === "http:" && !here) {
    throw new AddressError({ code: "address_insecure", values: { url: url.href } });
  }
  return url;
}

/**
 * A browser gives no reason for a fetch that fails. Where the same address answers to a request whose answer nobody may
 * read, the site is there, and does not let other pages read it.
 * @param {URL} url @param {RequestInit} request
 */
async function whyNot(url, request) {
  const answers = await fetch(url, { ...request, mode: "no-cors" }).then(
    () => true,
    () => false,
  );
  request.signal?.throwIfAborted();
  return answers
    ? new AddressError({ code: "address_not_allowed", values: { url: url.href, host: url.host } })
    : new AddressError({ code: "address_unreachable", values: { url: url.href } });
}

/** @param {URL} url @param {Response} response */
const refused = (url, { status, statusText: reason }) => new AddressError({ code: "address_refused", values: { url: url.href, status, reason } });

/** @param {URL} url @param {number} size */
const tooLarge = (url, size) => new AddressError({ code: "address_too_large", values: { url: url.href, size, limit: LIMIT } });

/** @param {Uint8Array[]} parts @param {number} size */
function joined(parts, size) {
  const whole = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
