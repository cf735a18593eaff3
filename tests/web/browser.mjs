// Go through scenarios in Chromium: node browser.mjs CHROMIUM ADDRESS < scenarios.json > findings.json
//
// A scenario is {name, scheme, width, steps}; each step is [kind, ...given], and finds something
// or nothing. What is loaded from elsewhere, and what the page complains of, is found too.

import { createRequire } from "node:module";
import { text } from "node:stream/consumers";

const { chromium } = createRequire(import.meta.url)("playwright-core");
const [executablePath, address] = process.argv.slice(2);
const scenarios = JSON.parse(await text(process.stdin));
const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });

const answered = page => page.waitForFunction(() => {
  const out = document.getElementById("out");
  return out?.ariaBusy === "false" && out.dataset.question === location.hash;
}, null, { timeout: 120_000 });

const probed = new Set(); // what a step asks for and may not be there

const STEPS = {
  async ask(page, hash) {
    await page.evaluate(to => { location.hash = to; }, hash);
    await answered(page);
  },
  async answered(page, hash) {
    await page.waitForFunction(to => location.hash.startsWith(to), hash);
    await answered(page);
  },
  begin: (page, hash) => page.evaluate(to => { location.hash = to; }, hash),
  async fill(page, label, value) {
    const before = await page.evaluate(() => location.hash);
    await page.getByLabel(label, { exact: true }).fill(value);
    await page.waitForFunction(old => location.hash !== old, before);
    await answered(page);
  },
  async press(page, key) { await page.keyboard.press(key); },
  async click(page, selector) {
    await page.locator(selector).first().click();
    await page.waitForTimeout(300);
    await answered(page);
  },
  async back(page) { await page.goBack(); await answered(page); },
  async reload(page) { await page.reload(); await answered(page); },
  async drop(page, name, base64) {
    await page.locator("input[type=file]").setInputFiles({
      name, mimeType: "application/octet-stream", buffer: Buffer.from(base64, "base64"),
    });
    await page.waitForTimeout(400);
    await answered(page);
  },
  wait: (page, selector) => page.waitForSelector(selector, { timeout: 120_000 }).then(() => null),
  async stop(page) { await page.locator("#status button").click(); await answered(page); },
  text: (page, selector) => page.locator(selector).allInnerTexts(),
  value: (page, label) => page.getByLabel(label, { exact: true }).inputValue(),
  get: (page, selector, name) => page.locator(selector).first().getAttribute(name),
  hash: page => page.evaluate(() => location.hash),
  shot: (page, path) => page.screenshot({ path, fullPage: true }).then(() => null),
  focused: page => page.evaluate(() => document.activeElement.textContent || document.activeElement.outerHTML),
  // Pixels that the page is wider than the window, and the least contrast is for eyes.
  wider: page => page.evaluate(() => document.documentElement.scrollWidth - innerWidth),
  offline: page => page.context().setOffline(true).then(() => null),
  // Until the page is kept for when there is no network.
  kept: page => page.waitForFunction(
    () => navigator.serviceWorker.controller?.state === "activated", null, { timeout: 120_000 }).then(() => null),
  // Until another build of the page is there, and waits.
  newer: page => page.evaluate(async () => {
    while (!(await navigator.serviceWorker.getRegistration()).waiting) await new Promise(yes => setTimeout(yes, 50));
    return null;
  }),
  keeps: page => page.evaluate(async () => (await navigator.serviceWorker.getRegistrations()).length + (await caches.keys()).length),
  fetched(page, method, url) {
    probed.add(new URL(url, address).href);
    return page.evaluate(
      ([method, url]) => fetch(url, { method }).then(answer => answer.status, () => "no network"), [method, url]);
  },
  // Until what is long says how far it is.
  told: (page, words) => page.waitForFunction(
    words => document.querySelector("#status span")?.textContent.includes(words), words, { timeout: 120_000 }).then(() => null),
  measure: (page, selector) => page.evaluate(selector => [...document.querySelectorAll(selector)]
    .map(each => each.getBoundingClientRect()).every(({ width, height }) => width > 0 && height > 0), selector),
  // Milliseconds from the question to its answer, and from the opening to Python.
  timed: (page, hash) => page.evaluate(async to => {
    const out = document.getElementById("out"), before = performance.now();
    location.hash = to;
    while (out.dataset.question !== location.hash) await new Promise(yes => setTimeout(yes, 1));
    return performance.now() - before;
  }, hash),
  begun: async page => {
    await page.waitForFunction(() => performance.getEntriesByName("python").length, null, { timeout: 120_000 });
    return page.evaluate(() => performance.getEntriesByName("python")[0].startTime);
  },
};

// One page for all, as Python starts slowly there; a scenario that is fresh has its own.
async function opened() {
  const page = await (await browser.newContext()).newPage(), complaints = [];
  page.on("console", told => {
    if (["error", "warning"].includes(told.type()) && !probed.has(told.location().url)) complaints.push(told.text());
  });
  page.on("pageerror", fault => complaints.push(fault.message));
  page.context().on("request", request => {
    const told = request.url();
    if (!told.startsWith(new URL(address).origin) && !told.startsWith("data:")) complaints.push(`loads ${told.slice(0, 200)}`);
  });
  await page.goto(address);
  await answered(page);
  return { page, complaints };
}

const findings = {}, shared = await opened();
for (const { name, scheme = "light", width = 1100, fresh = false, steps } of scenarios) {
  const { page, complaints } = fresh ? await opened() : shared, found = [];
  try {
    await page.emulateMedia({ colorScheme: scheme });
    await page.setViewportSize({ width, height: 800 });
    if (!fresh) await STEPS.ask(page, "");
    for (const [kind, ...given] of steps) found.push(await STEPS[kind](page, ...given) ?? null);
  } catch (fault) {
    complaints.push(String(fault));
  }
  findings[name] = { found, complaints: complaints.splice(0) };
}
await browser.close();
process.stdout.write(JSON.stringify(findings));
