import { openPage } from "./harness.mjs";
import { readFileSync } from "node:fs";
const text = readFileSync(process.env.TEXT ?? "/work/shared/data/tinyshakespeare.txt", "utf8");
const layers = process.env.LAYERS ?? "0";
const o = await openPage();
const { page, messages } = o;
try {
  const t0 = Date.now();
  await page.getByRole("textbox", {name: "Text", exact: true}).fill(text);
  console.log("filled", Date.now()-t0);
  if (process.env.LAYERS) { await page.getByRole("spinbutton", {name: "Layers"}).fill(layers).catch(async e=>{ console.log("layers", e.message.slice(0,200)); }); }
  await page.getByRole("button", {name: "Train", exact: true}).click();
  for (let i=0;i<Number(process.env.N ?? 10);i++) { await page.waitForTimeout(1000); console.log(Date.now()-t0, (await page.getByRole("status").innerText()).replace(/\n/g," ")); }
  await page.screenshot({path: "/tmp/smoke.png"});
} finally { console.log(messages.join("\n").slice(0,3000)); await o.close(); }
