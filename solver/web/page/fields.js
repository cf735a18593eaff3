// Forms are command lines: the fields of a view, from its words and back to them.

import { h } from "./dom.js";
import { join, split } from "./words.js";

const FRAMEWORKS = ["torch", "keras", "jax", "flax", "paddle", "onnx"];
const LONG = {
  "--kernel-size": "-k", "--stride": "-s", "--padding": "-p", "--dilation": "-d", "--output-padding": "-a",
};
const OPERATIONS = ["conv", "deconv", "maxpool", "avgpool"];
const operation = { name: "operation", list: OPERATIONS };
const input = { name: "input", hint: "224, 224x320 or n" };
const framework = { option: "--framework", name: "framework", choices: ["", ...FRAMEWORKS] };
const hyperparameters = hint => [
  ["-k", "kernel size"], ["-s", "stride"], ["-p", "padding"], ["-d", "dilation"], ["-a", "output padding"],
].map(([option, name]) => ({ option, name, hint: hint[option] ?? "", short: true }));
const given = hyperparameters({ "-k": "3", "-s": "1", "-p": "0", "-d": "1" });
const domains = hyperparameters({ "-k": "1..11", "-s": "1..4", "-p": "0..5", "-d": "1", "-a": "0..3" });
const ceil = { option: "--ceil-mode", name: "ceil mode", flag: true };
const file = { name: "file", hidden: true };

// What each view asks for; fields without an option stand where they are.
export const VIEWS = {
  size: {
    title: "Size", about: "What size comes out of this layer?", example: "size conv 224 -k 7 -s 2 -p 3",
    fields: [operation, input, ...given, ceil, framework],
  },
  solve: {
    title: "Solve", about: "Which layers take this size to that one?", example: "solve deconv n 2n",
    fields: [
      operation, input, { name: "output", hint: "112, 2n or ceil(n/2)" }, ...domains,
      { option: "--where", name: "where", hint: "n % 4 == 0" }, ceil, framework,
      { option: "--limit", name: "solutions", hint: "10", short: true },
    ],
  },
  network: {
    title: "Network", about: "Which inputs run through this network, and what comes out?",
    example: "network net.py", fields: [
      file, { option: "--input", name: "input", hint: "224 or 224x320" },
      { option: "--output", name: "wanted output", hint: "49 or n/2" },
      { option: "--model", name: "model", hint: "of several" },
      { option: "--channels", name: "channels", hint: "3", short: true },
      { option: "--axes", name: "axes", hint: "2", short: true },
    ],
  },
  draw: {
    title: "Draw", about: "What does this layer read?", example: "draw conv 10 -k 3 -s 2 -p 1",
    fields: [
      operation, { ...input, hint: "10, 5x7 or n" }, ...given,
      { option: "--at", name: "marked output", hint: "2", short: true }, ceil, framework,
    ],
  },
  convert: {
    title: "Convert", about: "What is this layer in another framework?",
    example: 'convert "nn.ConvTranspose2d(8, 4, 3, 2, 1, 1)" --to keras', fields: [
      { name: "layer", wide: true, hint: "nn.Conv2d(3, 64, 7, 2, 3)" },
      { option: "--from", name: "from", choices: ["torch", "tensorflow", ...FRAMEWORKS.slice(1)] },
      { option: "--to", name: "to", choices: FRAMEWORKS },
      { option: "--input", name: "at inputs", hint: "7,8" },
    ],
  },
  search: {
    title: "Search", about: "Which stacks of layers do this, the best first?",
    example: "search --input 224 --output 7 --depth 5 -k 3 -s 1,2 -p 1", fields: [
      { option: "--input", name: "input", hint: "224 or n" },
      { option: "--output", name: "output", hint: "7 or n/32" },
      { option: "--depth", name: "depth", hint: "5 or 3..8", short: true },
      { option: "--op", name: "operation", list: OPERATIONS }, ...domains,
      { option: "--receptive-field", name: "receptive field", hint: "64..128" },
      { option: "--by", name: "best by", hint: "parameters,macs" },
      { option: "--pareto", name: "Pareto front of", hint: "parameters,macs" },
      { option: "--limit", name: "designs", hint: "10", short: true },
    ],
  },
};

const key = field => field.option ?? field.name;

// The values of the fields that words fill; what no field has is left as it is.
export function values(words) {
  const [command, ...rest] = words, found = {}, others = [];
  const fields = VIEWS[command].fields, places = fields.filter(field => !field.option);
  const number = /^-\d/;
  for (let at = 0; at < rest.length; at++) {
    const [head, ...tail] = rest[at].startsWith("--") ? rest[at].split("=") : [rest[at]];
    const name = LONG[head] ?? head, field = fields.find(each => each.option === name);
    if (field?.flag) found[name] = true;
    else if (field && name in found) others.push(head, tail.length ? tail.join("=") : rest[++at] ?? "");
    else if (field) found[name] = tail.length ? tail.join("=") : rest[++at] ?? "";
    else if (rest[at].startsWith("-") && rest[at] !== "-" && !number.test(rest[at])) {
      others.push(rest[at]);
      if (at + 1 < rest.length && !rest[at + 1].startsWith("-")) others.push(rest[++at]);
    } else if (places.length) found[places.shift().name] = rest[at];
    else others.push(rest[at]);
  }
  return { ...found, more: join(others) };
}

export function words(command, found) {
  const told = VIEWS[command].fields.flatMap(field => {
    const value = found[key(field)];
    if (!value) return [];
    if (field.choices?.[0] === value && field.name === "from") return [];
    return field.flag ? [field.option] : field.option ? [field.option, value] : [value];
  });
  return [command, ...told, ...split(found.more ?? "")];
}

// The form of a view; change is called with its words, and whether a new entry of history begins.
export function form(command, change) {
  const inputs = {};
  let begun = false;
  const read = () => {
    const found = Object.fromEntries(Object.entries(inputs).map(([name, input]) =>
      [name, input.type === "checkbox" ? input.checked : input.value.trim()]));
    change(words(command, found), !begun);
    begun = true;
  };
  const listed = name => `list-${name}`;
  const label = field => {
    const given = { oninput: read, onfocus: () => (begun = false) };
    let made;
    if (field.choices) made = h("select", given, field.choices.map(each => h("option", { value: each }, each || "any")));
    else if (field.flag) made = h("input", { ...given, type: "checkbox" });
    else made = h("input", {
      ...given, type: "text", placeholder: field.hint ?? "", list: field.list ? listed(field.name) : null,
      autocapitalize: "off", autocomplete: "off", spellcheck: false, size: field.short ? 7 : 14,
    });
    inputs[key(field)] = made;
    const list = field.list ? h("datalist", { id: listed(field.name) }, field.list.map(each => h("option", { value: each }))) : null;
    return h("label", { className: field.wide ? "wide" : field.short ? "short" : "", hidden: !!field.hidden },
      h("span", {}, field.name), made, list);
  };
  const all = [...VIEWS[command].fields, { name: "more", hint: "other options" }];
  const made = h("form", { onsubmit: event => { event.preventDefault(); read(); } }, all.map(label));
  return {
    element: made,
    // typing: whether somebody is, so that what they write stays as it is.
    fill(asked, typing) {
      const found = values(asked);
      for (const [name, input] of Object.entries(inputs)) {
        if (typing && input === document.activeElement) continue;
        if (input.type === "checkbox") input.checked = !!found[name];
        else input.value = found[name] ?? (input.tagName === "SELECT" ? input.options[0].value : "");
      }
    },
  };
}
