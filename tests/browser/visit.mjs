// A browser that does what it is told, one JSON object a line, and tells what happened in the same way.
//
//     node visit.mjs CHROMIUM PORT [NAME]      in the folder where playwright-core is installed
//
// Told: {"go": PATH}, {"run": CODE, "with": VALUE} (in the page), {"play": CODE, "with": VALUE} (with the page), {"picture": FILE}, {"type": [SELECTOR, TEXT]}, {"dark": true}.
// Tells: {"done": VALUE} or {"failed": TEXT} for each; and as they come {"console": [VALUES]}, {"asked": URL} for each
// request, {"error": TEXT} of scripts, {"violation": TEXT} of the page's policy.
// The machine's name is nas unless NAME says another; there is no other name, as on a machine without a net.
import { createRequire } from "node:module";
import { createInterface } from "node:readline";

const { chromium } = createRequire(`${process.cwd()}/`)("playwright-core");
const [program, port, name = "nas"] = process.argv.slice(2);
const tell = (what) => process.stdout.write(`${JSON.stringify(what)}\n`);

const browser = await chromium.launch({
  executablePath: program,
  args: ["--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-sync",
    `--host-resolver-rules=MAP ${name} 127.0.0.1:${port}, MAP * ~NOTFOUND`],
});
const page = await browser.newPage({ ignoreHTTPSErrors: true, viewport: { width: 1100, height: 1400 } });
page.setDefaultTimeout(60000);
page.on("request", (request) => tell({ asked: request.url() }));
page.on("pageerror", (error) => tell({ error: String(error) }));
page.on("console", async (message) => {
  if (/Content Security Policy|Trusted Type/i.test(message.text())) tell({ violation: message.text() });
  else if (message.type() === "error") tell({ error: message.text() });
  else tell({ console: await Promise.all(message.args().map((value) => value.jsonValue())) });
});
await page.addInitScript(() => document.addEventListener("securitypolicyviolation",
  (event) => console.error(`Content Security Policy: ${event.violatedDirective} ${event.blockedURI}`)));

const AsyncFunction = (async () => {}).constructor;

async function obey(told) {
  if (told.go !== undefined) return (await page.goto(`https://${name}${told.go}`, { waitUntil: "networkidle" }))?.status() ?? null;
  if (told.run !== undefined) return page.evaluate(([code, given]) => {
    const script = `"use strict"; ((given) => { ${code}\n })`;
    return (0, eval)(script)(given);
  }, [told.run, told.with]);
  if (told.play !== undefined) return new AsyncFunction("page", "context", "given", told.play)(page, page.context(), told.with);
  if (told.picture !== undefined) return page.screenshot({ path: told.picture, fullPage: told.whole ?? false }).then(() => true);
  if (told.type !== undefined) return page.fill(...told.type);
  if (told.dark !== undefined) return page.emulateMedia({ colorScheme: told.dark ? "dark" : "light" });
  if (told.wide !== undefined) return page.setViewportSize({ width: told.wide, height: 900 });
  throw new Error("nothing that is known");
}

for await (const line of createInterface({ input: process.stdin })) {
  await obey(JSON.parse(line)).then((value) => tell({ done: value ?? null }), (error) => tell({ failed: String(error) }));
}
await browser.close();
