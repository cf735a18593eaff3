// The view of a network: its text, the formula, a ruler of inputs, each layer at one n, and fixes.

import { code, facts, fault, h, more, picture, table } from "./dom.js";
import { without } from "./layers.js";
import { math } from "./math.js";

const WIDTH = 161; // inputs that the ruler shows

const inside = (ranges, n) => ranges.some(([from, to]) => from <= n && n <= to);
export const member = (set, n) => n >= set.minimum && set.residues.length
  ? inside(set.ranges, ((n % set.modulus) + set.modulus) % set.modulus) || inside(set.exception_ranges, n)
  : inside(set.exception_ranges, n);

const option = (words, name) => words.includes(name) ? words[words.indexOf(name) + 1] : "";

// Inputs around one of them: those that run, those that drop nothing, and those that do not run.
function ruler(answer, n, go) {
  const from = Math.max(1, n - (WIDTH >> 1));
  const kind = at => !member(answer.valid, at) ? "fails" : answer.valid_exact && member(answer.valid_exact, at) ? "exact" : "runs";
  const ticks = [...Array(WIDTH).keys()].map(at => h("i", {
    className: `${kind(from + at)}${from + at === n ? " now" : ""}`, title: `${from + at}: ${kind(from + at)}`,
    onclick: () => go(from + at),
  }));
  return h("div", {},
    h("div", { className: "ruler", role: "img", "aria-label": `inputs ${from} to ${from + WIDTH - 1}: ${answer.valid.text} run` }, ticks),
    h("div", { className: "ends" }, h("span", {}, from), h("span", { className: "key" },
      h("i", { className: "exact" }), " drops nothing ", h("i", { className: "runs" }), " runs ", h("i", { className: "fails" }), " fails"),
    h("span", {}, from + WIDTH - 1)));
}

// Sizes of a shape, without batch and channels; null where it is not known.
const sized = shape => shape && (shape.length > 2 ? shape.slice(2) : shape);

function layers(answer, at, failing) {
  const rows = answer.layers.map(layer => {
    const before = at?.layers.find(each => each.name === layer.name);
    const failed = layer.name === failing;
    return {
      className: failed ? "fault" : "",
      cells: [
        layer.name, layer.operation.replace(/\((.*)\)$/s, " $1").slice(0, 60),
        ...(at ? [before?.shape ? sized(before.shape).join(" × ") : failed ? "fails here" : "–"] : []),
        h("span", {}, !layer.shape ? "not followed" : sized(layer.shape).flatMap((each, i) => [i ? " × " : "", math(each)])),
        layer.parameters ?? "",
      ],
    };
  });
  return table(["layer", "operation", ...(at ? ["here"] : []), "size for every n", "parameters"], rows);
}

function fixes(answer) {
  return h("section", { className: "fixes" }, h("h2", {}, `Fails at ${answer.layer ?? "the input"}`), h("p", { role: "alert" }, answer.reason),
    answer.edits.length ? h("h2", {}, "Fixes, the smallest first") : null,
    h("ol", { className: "cards" }, answer.edits.slice(0, 6).map(edit => h("li", { className: "card" },
      h("p", {}, h("strong", {}, edit.text)),
      facts([["runs for", edit.runs_for?.text ?? ""]]),
      edit.code ? more("Code", async () => code(edit.code)) : null))));
}

export async function network(ask, words, files, out, go) {
  const asked = option(words, "--input");
  const found = await ask([...without(words, "--input"), "--json"], files);
  if (!found) return;
  if (!found.out) return out.replaceChildren(fault(found));
  const answer = JSON.parse(found.out);
  const head = await ask([...words.filter(word => word !== "--brief"), "--brief"], files);
  const number = /^\d+$/.test(asked) ? Number(asked) : null;
  const here = asked ? await ask([...words, "--json"], files) : null;
  const why = here && here.code === 1 ? await ask(["explain", ...without(words.slice(1), "--output"), "--json"], files) : null;
  if (!head || (asked && !here)) return;
  const at = here?.out ? JSON.parse(here.out) : null;
  const explained = why?.out ? JSON.parse(why.out) : null;
  const n = number ?? Math.max(224, answer.valid.minimum);
  slides(words, n, Math.max(1, Math.min(answer.valid.minimum, n) - 40), number !== null, go);
  const reasons = answer.reasons?.map(each => h("li", {}, `${each.layer}: ${each.rule}: ${each.inputs.text}`)) ?? [];
  const pictured = h("div", {});
  out.replaceChildren(
    h("p", { className: head.out.length > 60 ? "answer long" : "answer" }, head.out.trim() || head.err.trim()),
    here && !here.out ? fault(here) : "",
    ruler(answer, n, n => go(input(words, String(n)), true)),
    facts([["runs for", answer.valid.text], ["drops nothing for", answer.valid_exact?.text ?? ""],
      ["parameters", answer.parameters?.toLocaleString("en") ?? ""], ["MACs here", at?.macs?.toLocaleString("en") ?? ""],
      ["receptive field", answer.outputs[0]?.receptive_field ?? ""]].map(([k, v]) => [k, String(v)])),
    explained?.edits ? fixes(explained) : "",
    reasons.length ? h("details", {}, h("summary", {}, "Why these inputs"), h("ul", {}, reasons)) : "",
    pictured, h("details", {}, h("summary", {}, "Layers"), layers(answer, at, explained?.layer)));
  const drawn = await ask([...words, "--format", "svg"], files);
  if (drawn?.out.startsWith("<svg")) pictured.append(picture(drawn.out, "network"));
}

// The slider stays where it is while answers come and go, or no one could drag it.
const slider = h("input", { type: "range", "aria-label": "n" }), told = h("output", {});
const slide = h("p", { className: "slide", hidden: true }, h("label", {}, "n ", slider, " ", told));

let dragged = false; // a drag is one entry of history

function slides(words, n, least, known, go) {
  slide.hidden = false;
  if (!dragged) {
    Object.assign(slider, { min: least, max: Math.max(n, least + 600), value: n });
    told.textContent = known ? n : "any";
  }
  slider.onchange = () => (dragged = false);
  slider.oninput = () => {
    told.textContent = slider.value;
    go(input(words, slider.value), !dragged);
    dragged = true;
  };
}

const input = (words, n) => [...without(words, "--input"), "--input", n];

export const EXAMPLE = `class UNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.down = nn.Sequential(nn.Conv2d(1, 64, 3), nn.ReLU(), nn.Conv2d(64, 64, 3), nn.ReLU())
        self.pool = nn.MaxPool2d(2)
        self.deep = nn.Sequential(nn.Conv2d(64, 128, 3), nn.ReLU(), nn.Conv2d(128, 128, 3), nn.ReLU())
        self.up = nn.ConvTranspose2d(128, 64, 2, stride=2)
        self.last = nn.Conv2d(64, 2, 1)

    def forward(self, x):
        return self.last(self.up(self.deep(self.pool(self.down(x)))))
`;

// Where the text of a network is written, pasted or dropped; it stands above the form.
export function editor(change) {
  let name = "net.py", content = "";
  const area = h("textarea", {
    rows: 12, spellcheck: false, "aria-label": "the network: code, a printed model or a summary",
    placeholder: "Paste PyTorch, Keras or Flax code, print(model), a summary, or drop a file, ONNX too",
    oninput: () => { content = area.value; if (name.endsWith(".onnx")) name = "net.py"; change(name, content); },
  });
  const said = h("span", { className: "quiet" });
  const take = async file => {
    if (!file) return;
    name = file.name.replace(/[^\w.-]/g, "_").replace(/^[^\w]/, "n").slice(-90);
    content = name.endsWith(".onnx") ? new Uint8Array(await file.arrayBuffer()) : await file.text();
    change(name, content);
  };
  const chosen = h("input", { type: "file", onchange: () => take(chosen.files[0]) });
  const element = h("div", {
    className: "editor",
    ondragover: event => event.preventDefault(),
    ondrop: event => { event.preventDefault(); take(event.dataTransfer.files[0]); },
  }, area, h("p", {}, chosen, " ", said));
  slide.hidden = true;
  return {
    element,
    slide,
    fill(files, typing) {
      const [[told, data] = ["net.py", ""]] = Object.entries(files);
      name = told;
      content = data;
      const text = typeof data === "string";
      said.textContent = text ? "" : `${told}, ${data.length.toLocaleString("en")} bytes: not in the link`;
      if (!typing || area !== document.activeElement) area.value = text ? data : "";
    },
  };
}
