// @ts-check
/** Where text comes from and what becomes of it: from the web, cleaned, made here with answers that are scored. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { story } from "./grammar.mjs";
import { pageTest } from "./harness.mjs";
import { eventually, playground } from "./playground.mjs";

/** A site that lets others read some of its pages. @param {string} text */
async function site(text) {
  const server = createServer((request, response) => {
    const open = { "access-control-allow-origin": "*" };
    if (request.url === "/open.txt") response.writeHead(200, open).end(text);
    else if (request.url === "/closed.txt") response.writeHead(200).end(text);
    else if (request.url === "/large.txt") response.writeHead(200, { ...open, "content-length": 200_000_000 }).end();
    else response.writeHead(404, open).end();
  });
  await new Promise((listening) => server.listen(0, "127.0.0.1", () => listening(undefined)));
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  return {
    url: `http://127.0.0.1:${port}`,
    close: () => {
      server.closeAllConnections();
      return new Promise((closed) => server.close(() => closed(undefined)));
    },
  };
}

pageTest(
  "a text from an address, or why there is none",
  { expected: [/404/, /CORS policy/, /ERR_CONNECTION_REFUSED/, /ERR_FAILED|ERR_CONTENT_LENGTH_MISMATCH/] },
  async ({ page }) => {
    const text = story(3000);
    const there = await site(text);
    const gone = await site("");
    await gone.close();
    const play = playground(page);
    await play.ready();
    await page.getByText("From a URL").click();
    const address = page.getByRole("textbox", { name: "Address", exact: true });
    const load = async (/** @type {string} */ url) => {
      await address.fill(url);
      await play.button("Load").click();
    };
    try {
      await load(`${there.url}/open.txt`);
      await eventually("its text", () => play.text.inputValue(), (value) => value === text);
      await eventually("its count", () => play.counts(), ([count]) => count === text.length);
      /** @type {[string, RegExp][]} */
      const refused = [
        [`${there.url}/none.txt`, /was refused with status 404 \(Not Found\)/],
        [`${there.url}/closed.txt`, /answers, but 127\.0\.0\.1:\d+ does not allow other pages to read it/],
        [`${there.url}/large.txt`, /has 200 MB or more; at most 100 MB are read here/],
        [`${gone.url}/open.txt`, /cannot be reached: no server answers there/],
        ["ftp://example.org/a.txt", /begins with ftp:, which is not read here/],
        ["http://", /is not an address/],
      ];
      for (const [url, sentence] of refused) {
        await load(url);
        await play.says(sentence, "#text-panel");
        assert.equal(await play.text.inputValue(), text, "the text in the box is untouched");
      }
      await play.step.click();
      await play.statusWhere("a step on the text that stayed", (now) => now.step === 1 && now.training !== null);
    } finally {
      await there.close();
    }
  },
);

pageTest("cleaning says what it changed and how much", async ({ page }) => {
  const play = playground(page);
  await play.ready();
  const text = "“Caf\u00e9”,  said the “Fox”.\n".repeat(200);
  await play.paste(text);
  await play.set("ASCII only", "On");
  await play.says(/ASCII only: 1,000 characters changed\..* “ → " × 400/, "#text-panel");
  await play.set("Lower case", "On");
  await play.says(/Lower case: 400 characters changed\..* C → c × 200/, "#text-panel");
  await play.set("Collapse whitespace", "On");
  await play.says(/4,800 of 5,000 characters are left/, "#text-panel");
  await eventually("a vocabulary without capitals", () => play.counts(), ([, , vocabulary]) => vocabulary < 18);
  assert.equal(await play.text.inputValue(), text, "the box keeps the text as it was given");
});

pageTest("answers to held-out problems are scored beside the loss", async ({ page, screenshot }) => {
  const play = playground(page);
  await play.ready();
  await play.madeText.selectOption({ label: "Addition" });
  await eventually("sums", () => play.text.inputValue(), (text) => /^\d+\+\d+=\d+\n/.test(text));
  await eventually("a prompt that asks", () => play.prompt.inputValue(), (prompt) => /^\d+\+\d+=$/.test(prompt));
  await play.set("Held out", "By line");
  await play.set("Steps", 20);
  await play.set("Warm-up", 0);
  await play.set("Validate every", 10);
  await play.set("Validation batches", 1);
  await play.set("Sample every", 10);
  await play.finish();
  const entry = await eventually("a score", () => play.legend("Exact answers"), (entry) => /\d %/.test(entry));
  assert.match(entry, /^Exact answers [\d.]+ % \d+\/\d+$/);
  assert.match((await page.locator(".plot").getAttribute("aria-label")) ?? "", /exact answers [\d.]+ %/);
  await eventually("samples through time", () => page.locator("#through-time-panel li").count(), (n) => n >= 2);

  // Counting and guessing are drawn as lines, with their names.
  for (const name of ["ln(vocabulary)", "Unigram", "Bigram"]) assert.match(await play.legend(name), /\d\.\d{3}/);
  await screenshot("scored");

  // The curve as a table.
  const [download] = await Promise.all([page.waitForEvent("download"), page.locator("#loss-plot").getByRole("button", { name: "Save as CSV" }).click()]);
  assert.equal(download.suggestedFilename(), "fledgling-curve-step-20.csv");
  const [head, ...lines] = readFileSync(await download.path(), "utf8").trim().split("\n");
  assert.deepEqual(head.split(",").slice(0, 3), ["step", "tokens seen", "training loss (nats)"]);
  assert.deepEqual(lines.map((line) => Number(line.split(",")[0])), Array.from({ length: 21 }, (_, i) => i));
  assert.match(lines[10], /^10(,[\d.e-]+){11}$/, "a number for each of the head's twelve names");
  assert.equal(head.split(",").length, 12);
});
