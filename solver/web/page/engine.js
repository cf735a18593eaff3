// The engine that answers: the server that sent this page, or Python in a worker of the browser.
// Both take a question {words, files} and give {code, out, err}; here they stand in a line.

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

const posted = ({ words, files = {} }) => JSON.stringify({
  words, files: Object.fromEntries(Object.entries(files).map(([k, v]) => [k, base64(v)])),
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
    stop: () => send("stop", "{}").catch(() => {}),
  };
}

// Python in a worker; a worker that is stopped is started again.
function pyodide(settings) {
  let worker, answers, answered;
  function start() {
    answers = [];
    worker = new Worker("worker.js", { type: "module" });
    const ready = new Promise((yes, no) => {
      worker.onmessage = ({ data }) => {
        if (data.ready) yes();
        else if (data.failed) no(new Error(data.failed));
        else answers.shift()?.(JSON.parse(data.answer));
      };
      worker.onerror = fault => no(new Error(fault.message || "the worker does not start"));
    });
    worker.postMessage({ settings });
    ready.catch(() => {});
    return ready;
  }
  answered = start();
  return {
    get ready() { return answered; },
    async ask(question) {
      try {
        await answered;
      } catch (fault) {
        return failed(`Python does not start in this browser: ${fault.message}`);
      }
      return new Promise(yes => { answers.push(yes); worker.postMessage({ question: posted(question) }); });
    },
    stop() {
      worker.terminate();
      const left = answers;
      answered = start();
      left.forEach(yes => yes(STOPPED));
    },
  };
}

// One question at a time; those of an older turn are dropped, and stopped if they keep a new one.
export async function connect() {
  const settings = await (await fetch("engine.json")).json();
  const engine = settings.engine === "server" ? server() : pyodide(settings);
  const line = { turn: 0, since: 0, last: Promise.resolve() };
  return {
    settings,
    get ready() { return engine.ready; },
    stop: () => engine.stop(),
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
        await engine.ready.catch(() => {});
        line.since = performance.now();
        const found = await engine.ask(question);
        line.since = 0;
        return turn === line.turn ? found : null;
      });
      line.last = answer.catch(() => {});
      return answer;
    },
  };
}
