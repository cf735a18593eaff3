// Elements of the page, and the parts that several views show.

// An element: attributes, on... handlers and children; null is no child.
export function h(tag, given = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(given)) {
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (name in made && name !== "list") made[name] = value;
    else if (value !== null) made.setAttribute(name, value);
  }
  made.append(...children.flat().filter(child => child !== null && child !== undefined));
  return made;
}

// A button that copies text and says so.
export function copyButton(text, words = "Copy") {
  const button = h("button", {
    type: "button", className: "copy",
    onclick: async () => {
      await navigator.clipboard.writeText(text());
      button.textContent = "Copied";
      setTimeout(() => (button.textContent = words), 1200);
    },
  }, words);
  return button;
}

export const code = text => h("div", { className: "code" }, h("pre", {}, text), copyButton(() => text));

// A picture in SVG, which can do nothing but be looked at.
export function picture(svg, name) {
  const told = pattern => svg.match(pattern)?.[1] ?? "";
  const text = tag => new DOMParser().parseFromString(told(new RegExp(`<${tag}[^>]*>([^<]*)`)), "text/html").body.textContent;
  const url = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
  return h("figure", {},
    h("div", { className: "scroll", tabIndex: 0 }, h("img", {
      src: url, alt: `${text("title")}. ${text("desc")}`,
      width: told(/ width="(\d+)/), height: told(/ height="(\d+)/),
    })),
    h("figcaption", {}, text("title"), " ", h("a", { href: url, download: `${name}.svg` }, "Save SVG")));
}

// What went wrong, as the command line says it.
export function fault({ code: exit, err, out }) {
  const said = (err || out).trim();
  return h("pre", { className: exit === 3 ? "limit" : "error", role: "alert" }, said);
}

export const facts = pairs => h("dl", {}, pairs.filter(pair => pair && pair[1] !== null && pair[1] !== "")
  .flatMap(([name, value]) => [h("dt", {}, name), h("dd", {}, value)]));

// More that is asked for when it is opened.
export function more(title, fill) {
  const inside = h("div", {}, "…");
  let asked = false;
  return h("details", {
    ontoggle: async event => {
      if (asked || !event.target.open) return;
      asked = true;
      inside.replaceChildren(await fill());
    },
  }, h("summary", {}, title), inside);
}

// Rows of cells under a head; numbers stand right.
export const table = (head, rows) => h("div", { className: "scroll", tabIndex: 0 }, h("table", {},
  h("thead", {}, h("tr", {}, head.map(name => h("th", { scope: "col" }, name)))),
  h("tbody", {}, rows.map(({ cells = [], className = "" }) => h("tr", { className }, cells.map(cell =>
    h("td", { className: typeof cell === "number" ? "number" : "" },
      typeof cell === "number" ? cell.toLocaleString("en") : cell ?? "")))))));
