// The page: its hash is the question, the question is a command line, the engine answers it.

import { convert, search } from "./designs.js";
import { copyButton, h } from "./dom.js";
import { connect } from "./engine.js";
import { VIEWS, form } from "./fields.js";
import { draw, size, solve } from "./layers.js";
import { EXAMPLE, editor, network } from "./network.js";
import { quick } from "./quick.js";
import { join, link, linked, split } from "./words.js";

const ANSWERS = { size, solve, network, draw, convert, search };
const PATIENCE = 200; // milliseconds from the last key to the question
const part = id => document.getElementById(id);

let files = {}; // of the question; what is no text stands here alone
let shown = null; // the view that the form is of, and the form
let timer = 0;

const engine = await connect();
part("version").textContent = engine.settings.version;

const example = name => ({
  words: split(VIEWS[name].example), files: name === "network" ? { "net.py": EXAMPLE } : {},
});

function asked() {
  const found = linked(location.hash);
  return found.words[0] in VIEWS ? found : example("size");
}

// Make a question the hash; a new entry of history, unless the last is still being typed.
function go(words, fresh, sent = files) {
  files = sent;
  const to = link({ words, files });
  if (to !== location.hash) history[fresh ? "pushState" : "replaceState"](null, "", to);
  clearTimeout(timer);
  timer = setTimeout(update, PATIENCE, true);
}

function build(name) {
  const made = form(name, (words, fresh) => go(words, fresh));
  let text = null;
  if (name === "network") {
    text = editor((file, data) => {
      const { words } = asked();
      go(["network", file, ...words.slice(2)], false, { [file]: data });
    });
  }
  part("form").replaceChildren(...(text ? [text.element] : []), made.element);
  part("about").textContent = VIEWS[name].about;
  document.title = `convsolver: ${VIEWS[name].title}`;
  for (const tab of part("views").children) tab.ariaCurrent = tab.dataset.view === name ? "page" : null;
  shown = { name, fill(words, typing) { made.fill(words, typing); text?.fill(files, typing); } };
}

async function update(typing = false) {
  const question = asked(), { words } = question, name = words[0];
  const kept = Object.entries(files).filter(([each, data]) => typeof data !== "string" && words.includes(each));
  files = { ...Object.fromEntries(kept), ...question.files };
  if (shown?.name !== name) {
    build(name);
    part("out").replaceChildren();
  }
  shown.fill(words, typing);
  part("command").textContent = `convsolver ${join(words)}`;
  const turn = engine.turn(), out = part("out");
  const fast = quick(words);
  if (fast !== null && !ready) out.replaceChildren(h("p", { className: "answer" }, String(fast)));
  out.ariaBusy = "true";
  await ANSWERS[name](
    (told, sent = {}) => engine.ask(turn, { words: told, files: sent }),
    words, files, { replaceChildren: only(out, turn, "replaceChildren"), append: only(out, turn, "append") },
    (told, fresh) => go(told, fresh),
  );
  if (turn !== current) return;
  out.ariaBusy = "false";
  out.dataset.question = location.hash; // that it answers
}

// What an older turn still shows is not shown.
let current = 0;
function only(out, turn, name) {
  current = turn;
  return (...parts) => { if (turn === current) out[name](...parts); };
}

// How long it takes, where it takes long; it can be stopped.
let ready = false;
function watch() {
  const status = part("status"), seconds = Math.floor(engine.waiting / 1000);
  if (!ready) status.textContent = "Python is starting …";
  else if (engine.waiting < 700) status.replaceChildren();
  else if (!status.querySelector("button")) {
    status.replaceChildren(h("span", {}, ""), h("button", { type: "button", onclick: () => engine.stop() }, "Stop"));
  }
  const told = status.querySelector("span");
  if (told) told.textContent = `working, ${seconds} s `;
}

part("views").append(...Object.entries(VIEWS).map(([name, view]) => {
  const tab = h("a", { href: link(example(name)) }, view.title);
  tab.dataset.view = name;
  return tab;
}));
part("copies").append(
  copyButton(() => part("command").textContent, "Copy command"), " ",
  copyButton(() => location.href, "Copy link"));
window.addEventListener("popstate", () => update());
document.querySelector(".skip").addEventListener("click", event => { event.preventDefault(); part("out").focus(); });
engine.ready.then(() => (ready = true), () => (ready = true));
setInterval(watch, 150);
await update();
