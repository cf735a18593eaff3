// Expressions of answers as MathML: what Python prints in JSON, in the look of papers.

const SPACE = "http://www.w3.org/1998/Math/MathML";
const SIGNS = { "<=": "≤", ">=": "≥", "!=": "≠", "==": "=", "-": "−", "%": "mod" };
const BINDS = {
  or: 1, and: 2, "==": 4, "=": 4, "!=": 4, "<": 4, "<=": 4, ">": 4, ">=": 4,
  "+": 5, "-": 5, "*": 6, "/": 6, "//": 6, "%": 6, "**": 8, "^": 8,
};
const FENCES = { floor: "⌊⌋", ceil: "⌈⌉" };

const m = (tag, ...inside) => {
  const made = document.createElementNS(SPACE, tag);
  made.append(...inside);
  return made;
};
const fenced = (open, inside, close) => m("mrow", m("mo", open), inside, m("mo", close));

// The tree of an expression: [kind, ...parts].
function parse(text) {
  const tokens = text.match(/\d+(?:\.\d+)?|[^\W\d]\w*|\/\/|\*\*|[<>=!]=|\S/g) ?? [];
  let at = 0;
  const take = sign => {
    if (tokens[at++] !== sign) throw new Error(`no expression: ${text}`);
  };
  function atom() {
    const token = tokens[at++];
    if (token === "-") return ["negated", tree(7)];
    if (token === "not") return ["not", tree(3)];
    if (token === "(") {
      const inside = tree(0);
      take(")");
      return inside;
    }
    if (/^\d/.test(token ?? "")) return ["number", token];
    if (!/^[^\W\d]/.test(token ?? "")) throw new Error(`no expression: ${text}`);
    if (tokens[at] !== "(") return ["name", token];
    const parts = [];
    do { at++; parts.push(tree(0)); } while (tokens[at] === ",");
    take(")");
    return ["call", token, ...parts];
  }
  function tree(least) {
    let left = atom();
    for (let sign; (BINDS[sign = tokens[at]] ?? 0) > least; ) {
      at++;
      left = [sign, left, tree(sign === "**" || sign === "^" ? 7 : BINDS[sign])];
    }
    return left;
  }
  const found = tree(0);
  if (at < tokens.length) throw new Error(`no expression: ${text}`);
  return found;
}

function word(name) {
  const made = m("mi", name);
  if (name.length > 1) made.setAttribute("mathvariant", "normal");
  return made;
}
const binds = tree => tree[0] === "negated" ? 5 : BINDS[tree[0]] ?? 9;
const worded = tree => tree[0] === "name" ? tree[1].length > 1 : tree.slice(1).some(part => Array.isArray(part) && worded(part));

function within(tree, least) {
  const inside = written(tree);
  const whole = ["/", "//"].includes(tree[0]);
  return binds(tree) < least && !whole ? fenced("(", inside, ")") : inside;
}

function written(tree) {
  const [kind, left, right] = tree;
  if (kind === "number") return m("mn", left);
  if (kind === "name") return word(left);
  if (kind === "negated") return m("mrow", m("mo", "−"), within(left, 6));
  if (kind === "not") return m("mrow", m("mtext", "not "), within(left, 3));
  if (kind === "call") {
    const parts = tree.slice(2).flatMap((part, at) => at ? [m("mo", ","), written(part)] : [written(part)]);
    const [open, close] = FENCES[left] ?? "()";
    return left in FENCES ? fenced(open, parts[0], close) : m("mrow", word(left), fenced("(", m("mrow", ...parts), ")"));
  }
  if (kind === "/" || kind === "//") {
    const fraction = m("mfrac", written(left), written(right));
    return kind === "/" ? fraction : fenced("⌊", fraction, "⌋");
  }
  if (kind === "**" || kind === "^") return m("msup", within(left, 9), written(right));
  const pair = [within(left, BINDS[kind]), within(right, BINDS[kind] + 1)];
  if (kind === "*") {
    const cross = worded(tree) || right[0] === "number" || (right[0] !== "name" && binds(right) > 6 && right[0] !== "call");
    return m("mrow", pair[0], m("mo", cross ? "×" : "\u2062"), pair[1]);
  }
  const sign = kind === "and" || kind === "or" ? m("mtext", `\u00a0${kind} `) : m("mo", SIGNS[kind] ?? kind);
  return m("mrow", pair[0], sign, pair[1]);
}

// An expression as <math>; as code where it is none.
export function math(text, display = false) {
  try {
    const made = m("math", written(parse(String(text))));
    if (display) made.setAttribute("display", "block");
    made.setAttribute("alttext", text);
    return made;
  } catch {
    const code = document.createElement("code");
    code.textContent = text;
    return code;
  }
}
