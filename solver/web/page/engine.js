// The engine that answers: the server that sent this page, or Python in a worker of the browser.
// Both take a question {words, files} and give {code, out, err}; here they stand in a line.

import { learn } from "./math.js";

const TOKEN = "convsolver-token";

// It is in the address that the server printed, and in no link from this page.
const token = new URLSearchParams(location.hash.slice(1)).get("token");
if (token) {
  localStorage.setItem(TOKEN, token);
  history.replaceState(null, "", location.pathname);
}

const base64 = data => {
  const bytes = typeof data === "string" ? new TextEncoder().encode(data) : data;
  let text = "";
  for (let at = 0; at < bytes.length; at += 8192)
    text += String.fromCharCode(...bytes.subarray(at, at + 8192));
  return btoa(text);
};

// What is asked for as data is shown with its formulas.
const posted = ({ words, files = {} }) => JSON.stringify({
  words, math: words.includes("--json"), files: Object.fromEntries(Object.entries(files).map(([k, v]) => [k, base64(v)])),
});

const failed = why => ({ code: 101, out: "", err: `error: ${why}` });
const STOPPED = { code: 3, out: "", err: "limit: stopped" };

// The server: a POST for each question.
function server() {
  const send = (path, body) => fetch(path, {
    method: "POST", body, headers: {
      "Content-Type": "application/json",
      Authorization: `Bearer ${localStorage.getItem(TOKEN) ?? ""}`,
    },
  });
  return {
    ready: Promise.resolve(),
    async ask(question) {
      try {
        const answer = await send("api", posted(question));
        return answer.ok ? await answer.json() : failed((await answer.text()).trim());
      } catch {
        return failed("the server does not answer: is convsolver web still running?");
      }
    },
    progress: () => send("progress", "{}").then(answer => answer.json()).catch(() => null),
    stop: () => send("stop", "{}").catch(() => {}),
  };
}

// Python in a worker; a worker that is stopped is started again.
function pyodide(settings) {
  let worker, answers, answered, begun, progress;
  function start() {
    answers = [];
    begun = false;
    worker = new Worker("worker.js", { type: "module" });
    const ready = new Promise((yes, no) => {
      worker.onmessage = ({ data }) => {
        if (data.ready) { begun = true; yes(); }
        else if (data.failed) no(new Error(data.failed));
        else if (data.progress) progress = data.progress;
        else answers.shift()?.(JSON.parse(data.answer));
      };
      worker.onerror = fault => no(new Error(fault.message || "the worker does not start"));
    });
    worker.postMessage({ settings });
    ready.catch(() => {});
    return ready;
  }
  answered = start();
  const common = fetch(settings.answers).then(answer => answer.json()).catch(() => ({}));
  return {
    get ready() { return answered; },
    // What was answered when the page was gathered, while Python starts.
    async known({ words }) { return begun ? null : (await common)[JSON.stringify(words)] ?? null; },
    async ask(question) {
      try {
        await answered;
      } catch (fault) {
        return failed(`Python does not start in this browser: ${fault.message}`);
      }
      progress = null;
      return new Promise(yes => { answers.push(yes); worker.postMessage({ question: posted(question) }); });
    },
    progress: async () => progress,
    stop() {
      worker.terminate();
      const left = answers;
      answered = start();
      left.forEach(yes => yes(STOPPED));
    },
  };
}

// Keep the page for when there is no network. A new version begins when the page is opened again.
async function keep(settings, ready) {
  const { serviceWorker } = navigator;
  if (!serviceWorker) return;
  if (settings.engine === "server") { // what another page kept at this address
    await (await serviceWorker.getRegistration())?.unregister();
    return;
  }
  let begins = false;
  serviceWorker.addEventListener("controllerchange", () => begins && location.reload());
  const begin = found => { begins = true; found.waiting.postMessage("begin"); };
  const before = await serviceWorker.getRegistration();
  if (before?.waiting) return begin(before);
  await ready.catch(() => {});
  await serviceWorker.register("offline.js", { updateViaCache: "none" });
}

// One question at a time; those of an older turn are dropped, and stopped if they keep a new one.
export async function connect() {
  const settings = await (await fetch("engine.json", { cache: "no-cache" })).json();
  const engine = settings.engine === "server" ? server() : pyodide(settings);
  const line = { turn: 0, since: 0, last: Promise.resolve() };
  engine.ready.then(() => performance.mark("python"), () => {}); // for who measures
  keep(settings, engine.ready).catch(fault => console.info(fault));
  return {
    settings,
    get ready() { return engine.ready; },
    stop: () => engine.stop(),
    progress: () => engine.progress(),
    get waiting() { return line.since ? performance.now() - line.since : 0; },
    turn() {
      line.turn++;
      if (this.waiting > 1500) engine.stop();
      return line.turn;
    },
    // The answer, or null where another turn has begun.
    ask(turn, question) {
      const answer = line.last.then(async () => {
        if (turn !== line.turn) return null;
        let found = await engine.known?.(question);
        if (!found) {
          await engine.ready.catch(() => {});
          line.since = performance.now();
          found = await engine.ask(question);
          line.since = 0;
        }
        learn(found.math);
        return turn === line.turn ? found : null;
      });
      line.last = answer.catch(() => {});
      return answer;
    },
  };
}
