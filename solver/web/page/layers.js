// The views of one layer: size, solve and draw.

import { code, copyButton, facts, fault, h, more, picture, table } from "./dom.js";
import { math } from "./math.js";
import { join, link } from "./words.js";

const FRAMEWORKS = ["torch", "keras", "jax", "flax", "paddle", "onnx"];
const LETTERS = { kernel_size: "-k", stride: "-s", padding: "-p", dilation: "-d", output_padding: "-a" };

// A value of JSON as the command line takes it: axes with x, begin:end of a padding.
const spelled = value => Array.isArray(value)
  ? value.map(each => (Array.isArray(each) ? each.join(":") : each)).join("x") : String(value);

const one = value => typeof value === "number" ? value.toLocaleString("en") : math(value);
const shown = value => Array.isArray(value) ? value.flatMap((each, at) => at ? [" × ", one(each)] : [one(each)]) : [one(value)];

export const without = (words, ...options) => words.filter((word, at) =>
  !options.includes(word) && !(at && options.includes(words[at - 1])));

// Code for each framework, asked for when it is looked at.
export function codes(ask, words, files) {
  const inside = h("div", {});
  const show = async name => {
    const found = await ask([...without(words, "--framework"), "--framework", name, "--format", "code"], files);
    if (found) inside.replaceChildren(found.code ? fault(found) : code(found.out.trim()));
  };
  const chosen = h("select", { "aria-label": "framework", onchange: () => show(chosen.value) },
    FRAMEWORKS.map(name => h("option", { value: name }, name)));
  const told = words.indexOf("--framework");
  if (told > 0) chosen.value = words[told + 1];
  return more("Code", async () => { await show(chosen.value); return h("div", {}, chosen, inside); });
}

export async function drawn(ask, words, files, out) {
  const found = await ask([...words, "--format", "svg"], files);
  if (found?.out.startsWith("<svg")) out.append(picture(found.out, words.slice(0, 3).join("-")));
}

// The count of an answer, which may be larger than the numbers of JavaScript.
export function counted(json) {
  const told = json.match(/"count": (\d+)/);
  return told && BigInt(told[1]);
}

// The formula for every n, beside the answer for one.
async function formula(ask, words) {
  const found = await ask([...words.slice(0, 2), "n", ...words.slice(3), "--json"]);
  const all = found?.code === 0 ? JSON.parse(found.out) : {};
  return all.folded || typeof all.output === "string"
    ? h("p", { className: "formula" }, "for every n: ", math(all.folded ?? all.output, true)) : null;
}

export async function size(ask, words, files, out) {
  const found = await ask([...words, "--json"]);
  if (!found) return;
  if (found.code) return out.replaceChildren(fault(found));
  const answer = JSON.parse(found.out);
  if (answer.results) {
    const names = Object.keys(answer.results[0] ?? {});
    out.replaceChildren(table(names, answer.results.map(row => ({ cells: names.map(name =>
      typeof row[name] === "number" ? row[name] : row[name] === null ? "" : spelled(row[name])) }))));
    return;
  }
  const letters = typeof answer.output === "string";
  out.replaceChildren(h("p", { className: "answer" }, shown(answer.folded ?? answer.output)));
  if (letters && answer.folded && answer.folded !== answer.output) out.append(h("p", { className: "formula" }, "= ", math(answer.output)));
  if (answer.valid_from > 1) out.append(h("p", {}, `for every n ≥ ${answer.valid_from}`));
  if (answer.notes?.length) out.append(h("ul", {}, answer.notes.map(note => h("li", {}, note))));
  if (!letters) out.append((await formula(ask, words)) ?? "");
  await drawn(ask, words, files, out);
  out.append(codes(ask, words));
}

export async function draw(ask, words, files, out) {
  const found = await ask(words);
  if (found) out.replaceChildren(found.code ? fault(found) : picture(found.out, join(words.slice(0, 3))));
}

function card(ask, answer, asked, solution, place) {
  const given = Object.entries(LETTERS).filter(([name]) => name in solution);
  const options = given.flatMap(([name, letter]) => [letter, spelled(solution[name])]);
  const input = "input" in solution ? solution.input : asked[2];
  const words = ["size", asked[1], spelled(input), ...options, ...(asked.includes("--ceil-mode") ? ["--ceil-mode"] : [])];
  return h("li", { className: "card" },
    h("div", { className: "head" },
      h("span", { className: "rank" }, `${place + 1}`), h("code", {}, solution.layer ?? join(options)),
      copyButton(() => solution.layer ?? join(options))),
    facts([
      "input" in solution && ["input", spelled(solution.input)],
      ...given.map(([name]) => [name.replaceAll("_", " "), answer.letters ? math(solution[name]) : spelled(solution[name])]),
      solution.where && ["where", math(solution.where)],
      ["from n =", answer.letters ? math(solution.valid_from) : spelled(solution.valid_from ?? "")],
    ]),
    solution.notes?.length ? h("ul", { className: "notes" }, solution.notes.map(note => h("li", {}, note))) : null,
    answer.letters ? null : h("p", {}, h("a", { href: link({ words }) }, "size and picture")),
    answer.letters ? null : codes(ask, [...words, ...(asked.includes("--framework") ? ["--framework", asked[asked.indexOf("--framework") + 1]] : [])]));
}

export async function solve(ask, words, files, out) {
  const limit = words.includes("--limit") ? [] : ["--limit", "10"];
  const found = await ask([...words, ...limit, "--json"]);
  if (!found) return;
  if (!found.out) return out.replaceChildren(fault(found));
  const answer = JSON.parse(found.out);
  const all = answer.recipes?.length ? answer.recipes : answer.solutions;
  const count = counted(found.out) ?? BigInt(all.length);
  const best = all[0];
  out.replaceChildren(
    h("p", { className: "answer" }, best ? h("code", {}, best.layer ?? recipe(best)) : "none"),
    h("p", {}, answer.reason ?? (answer.letters ? `${all.length} recipes` : `${count.toLocaleString("en")} ${count === 1n ? "solution" : "solutions"}, the best first`)));
  if (found.code === 3) out.append(fault(found));
  if (answer.conditions.length && best) out.append(h("section", { className: "exactly" },
    h("h2", {}, "Exactly when"), answer.conditions.map(each => h("p", { className: "formula" }, condition(each)))));
  const searched = Object.entries(answer.searched).map(([name, range]) => `${name.replaceAll("_", " ")} ${range}`);
  if (searched.length) out.append(h("p", { className: "quiet" }, `Searched: ${searched.join(", ")}`));
  if (answer.single_changes?.length) out.append(h("h2", {}, "One change that does it"), h("ul", {}, answer.single_changes.map(change =>
    h("li", {}, `${change.argument.replaceAll("_", " ")} ${spelled(change.before)} → ${change.after.map(([a, b]) => a === b ? a : `${a}..${b}`).join(", ")}`))));
  if (all.length) out.append(h("ol", { className: "cards" }, all.map((each, place) => card(ask, answer, words, each, place))));
  if (!answer.letters && count > all.length) {
    const next = [...without(words, "--limit"), "--limit", String(all.length * 4)];
    out.append(h("p", {}, h("a", { href: link({ words: next }) }, count > all.length * 4 ? `more of the ${count.toLocaleString("en")}` : `all ${count}`)));
  }
  if (best) await drawn(ask, words, files, out);
  if (best) out.append(more("Why it is true", async () => {
    const why = await ask([...words, "--explain", "--limit", "0", "--format", "plain"]);
    return why ? h("pre", {}, (why.out || why.err).trim()) : "";
  }));
}

const recipe = found => Object.entries(LETTERS).filter(([name]) => name in found)
  .map(([name]) => `${name}=${found[name]}`).join(", ");

// A condition, before it perhaps the axis that it is of.
function condition(text) {
  const [, axis, rest] = text.match(/^(axis \d+: )?(.*)$/);
  return h("span", {}, axis ?? "", math(rest));
}
