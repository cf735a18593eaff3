// Formulas of answers as MathML: Python prints them from its trees, here they become elements.

const known = new Map();
const MOST = 10_000;

// The formulas of an answer: their texts, as JSON has them, and what Python printed of each.
export function learn(formulas = {}) {
  if (known.size > MOST) known.clear();
  for (const [text, written] of Object.entries(formulas)) known.set(text, written);
}

// What is printed for a formula as <math>; as code where it is none. In a row of its own, displayed.
export function math(text, display = false) {
  const words = String(text), number = /^\d+$/.test(words) ? `<math><mn>${words}</mn></math>` : null;
  const written = known.get(words) ?? number;
  if (!written) {
    const code = document.createElement("code");
    code.textContent = words;
    return code;
  }
  const made = document.adoptNode(new DOMParser().parseFromString(written, "text/html").querySelector("math"));
  if (display) made.setAttribute("display", "block");
  made.setAttribute("alttext", words);
  return made;
}
