// Words of a command line, as a shell reads and writes them, and the questions in a link.

// The words of a line; quotes keep spaces, an open one ends with the line.
export function split(line) {
  const words = [];
  let word = null, quote = "";
  for (let at = 0; at < line.length; at++) {
    const c = line[at];
    if (c === quote) quote = "";
    else if (quote === "'") word += c;
    else if (c === "\\" && at + 1 < line.length) word = (word ?? "") + line[++at];
    else if (quote) word += c;
    else if (c === "'" || c === '"') { quote = c; word ??= ""; }
    else if (/\s/.test(c)) { if (word !== null) words.push(word); word = null; }
    else word = (word ?? "") + c;
  }
  return word === null ? words : [...words, word];
}

// One word so that a shell takes it as it is.
export function quoted(word) {
  if (/^[\w.,:+\-/=%@]+$/.test(word)) return word;
  return /["$`\\!]/.test(word) ? `'${word.replaceAll("'", "'\\''")}'` : `"${word}"`;
}

export const join = words => words.map(quoted).join(" ");

// A question is its words and the text of its files; what is no text is in no link.
export function link(question) {
  const told = new URLSearchParams({ q: join(question.words) });
  for (const [name, data] of Object.entries(question.files ?? {}))
    if (typeof data === "string") told.set(`file.${name}`, data);
  return `#${told}`;
}

export function linked(hash) {
  const told = new URLSearchParams(hash.replace(/^#/, "")), files = {};
  for (const [name, data] of told)
    if (name.startsWith("file.")) files[name.slice(5)] = data;
  return { words: split(told.get("q") ?? ""), files };
}
