// The page: its hash is the question, the question is a command line, the engine answers it.

import { convert, search } from "./designs.js";
import { code, copyButton, fault, h, picture } from "./dom.js";
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
  part("form").replaceChildren(...(text ? [text.element, made.element, text.slide] : [made.element]));
  part("about").textContent = VIEWS[name].about;
  document.title = `convsolver: ${VIEWS[name].title}`;
  for (const tab of part("views").children) tab.ariaCurrent = tab.dataset.view === name ? "page" : null;
  shown = { name, fill(words, typing) { made.fill(words, typing); text?.fill(files, typing); } };
}

// A question that says how it is to be printed is shown as it is.
const SAID = /^--(format|brief|certificate|smtlib|standalone)(=|$)/;

async function said(ask, words, files, out) {
  const found = await ask(words, files);
  if (found) out.replaceChildren(
    !found.out ? fault(found) : found.out.startsWith("<svg") ? picture(found.out, words[0]) : code(found.out.trim()));
}

async function update(typing = false) {
  const question = asked(), words = question.words.filter(word => word !== "--json"), name = words[0];
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
  const ask = (told, sent = {}) => engine.ask(turn, { words: told, files: sent });
  const parts = { replaceChildren: only(out, turn, "replaceChildren"), append: only(out, turn, "append") };
  try {
    await (words.some(word => SAID.test(word)) ? said : ANSWERS[name])(ask, words, files, parts,
      (told, fresh) => go(told, fresh));
  } catch (unshown) { // what no view is made for is told in the words of the command line
    console.warn(unshown);
    const plain = await ask([...words, "--format", "plain"], files);
    if (plain) parts.replaceChildren(plain.out ? h("pre", {}, plain.out.trim()) : fault(plain));
  }
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
let ready = false, started = null;
function watch() {
  if (started !== engine.ready) { // at first, and after a stop
    const now = started = engine.ready;
    const done = () => { ready = now === started; };
    ready = false;
    now.then(done, done);
  }
  const status = part("status"), seconds = Math.floor(engine.waiting / 1000);
  if (!ready) status.textContent = "Python is starting …";
  else if (engine.waiting < 700) status.replaceChildren();
  else if (!status.querySelector("button")) {
    status.replaceChildren(h("span", {}, ""), h("button", { type: "button", onclick: () => engine.stop() }, "Stop"));
  }
  if (status.querySelector("button")) tell(status.querySelector("span"), seconds);
}

// How far a long question is, as far as the engine tells.
async function tell(told, seconds) {
  const far = await engine.progress();
  const of = far?.total ? ` of ${far.total.toLocaleString("en")}` : "";
  told.textContent = `working, ${seconds} s${far ? `, ${far.what}: ${far.done.toLocaleString("en")}${of}` : ""} `;
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
watch();
setInterval(watch, 250);
await update();
