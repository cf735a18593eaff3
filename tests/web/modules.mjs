// Call functions of the page's modules: node modules.mjs PAGE NAME < inputs.json > outputs.json
// Elements stand here as XML.

import { text } from "node:stream/consumers";

const [page, name] = process.argv.slice(2);
const escaped = word => String(word).replaceAll("&", "&amp;").replaceAll("<", "&lt;");

class Element {
  constructor(tag) { this.tag = tag; this.inside = []; this.given = ""; }
  append(...parts) { this.inside.push(...parts); }
  setAttribute(key, value) { this.given += ` ${key}="${escaped(value).replaceAll('"', "&quot;")}"`; }
  set textContent(word) { this.inside = [word]; }
  toString() {
    const parts = this.inside.map(part => part instanceof Element ? String(part) : escaped(part));
    return `<${this.tag}${this.given}>${parts.join("")}</${this.tag}>`;
  }
}
globalThis.document = { createElement: tag => new Element(tag) };

const load = file => import(`${page}/${file}.js`);
const CALLS = {
  quick: async () => (await load("quick")).quick,
  split: async () => (await load("words")).split,
  join: async () => (await load("words")).join,
  linked: async () => {
    const { link, linked } = await load("words");
    return question => linked(link(question));
  },
  math: async () => {
    const { math } = await load("math");
    return given => String(math(given));
  },
  fields: async () => {
    const { values, words } = await load("fields");
    return given => words(given[0], values(given));
  },
  member: async () => {
    const { member } = await load("network");
    return ([set, n]) => member(set, n);
  },
};

const call = await CALLS[name]();
process.stdout.write(JSON.stringify(JSON.parse(await text(process.stdin)).map(each => call(each))));
