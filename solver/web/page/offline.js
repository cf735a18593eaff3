// Keep the page, so that it answers without a network: a service worker.
// The script that gathers the page writes a line above, which names its build and its files. These
// are kept as they are of one build, and nothing else is: no answer of a server is. The server of
// `convsolver web` sends no such line: then what another page kept at its address is taken away.

const { build, files } = self.BUILD ?? {};
const OURS = "convsolver-";

async function install() {
  if (!build) return self.skipWaiting();
  const kept = await caches.open(OURS + build);
  await kept.addAll(files.map(file => new Request(file, { cache: "no-cache" })));
}

// Another build begins where no page of an older one is open, or where such a page asks for it.
async function activate() {
  for (const name of await caches.keys()) if (name.startsWith(OURS) && name !== OURS + build) await caches.delete(name);
  await self.clients.claim();
  if (build) return;
  await self.registration.unregister();
  for (const page of await self.clients.matchAll()) await page.navigate(page.url);
}

const scope = new URL("./", self.location).href;
const known = new Set((files ?? []).map(file => new URL(file, scope).href));

self.addEventListener("install", event => event.waitUntil(install()));
self.addEventListener("activate", event => event.waitUntil(activate()));
self.addEventListener("message", ({ data }) => { if (data === "begin") self.skipWaiting(); });
self.addEventListener("fetch", event => {
  const url = new URL(event.request.url);
  url.hash = url.search = "";
  if (event.request.method !== "GET" || !known.has(url.href)) return;
  event.respondWith(caches.open(OURS + build).then(async kept => await kept.match(url.href) ?? fetch(event.request)));
});
