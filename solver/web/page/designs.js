// The views of other frameworks and of many layers: convert and search.

import { code, fault, h, table } from "./dom.js";
import { codes, counted, drawn } from "./layers.js";
import { math } from "./math.js";

export async function convert(ask, words, files, out) {
  const found = await ask([...words, "--json"]);
  if (!found) return;
  if (!found.out) return out.replaceChildren(fault(found));
  const answer = JSON.parse(found.out);
  const said = await ask([...words, "--format", "plain"]);
  if (!said) return;
  const [head, ...lines] = said.out.trim().split("\n");
  out.replaceChildren(
    h("p", { className: "answer long" }, h("code", {}, head.replaceAll(" -> ", " → "))),
    answer.size ? h("p", { className: "formula" }, "size: ", math(answer.size[0])) : "",
    lines.length ? h("pre", {}, lines.join("\n")) : "",
    answer.code ? code(answer.code) : "");
}

export async function search(ask, words, files, out) {
  const found = await ask([...words, "--json"]);
  if (!found) return;
  if (!found.out) return out.replaceChildren(fault(found));
  const answer = JSON.parse(found.out);
  const count = counted(found.out)?.toLocaleString("en") ?? "";
  const layer = ({ op, kernel_size: k, stride: s, padding: p, dilation: d }) =>
    `${op} k${k}${s === 1 ? "" : ` s${s}`}${p === 0 ? "" : ` p${p}`}${d === 1 ? "" : ` d${d}`}`;
  const sizes = design => (Array.isArray(design.sizes) ? design.sizes.join(" → ") : design.formula ?? "");
  out.replaceChildren(
    h("p", { className: "answer" }, answer.reason ? "none" : `${count} ${count === "1" ? "design" : "designs"}`),
    h("p", {}, answer.reason ?? answer.chosen ?? ""),
    found.code === 3 ? fault(found) : "",
    answer.designs?.length ? table(["", "layers", "sizes", "receptive field", "parameters", "MACs"],
      answer.designs.map((design, at) => ({ cells: [
        String(at + 1), design.layers.map(layer).join("; "), sizes(design), design.receptive_field, design.parameters, design.macs,
      ] }))) : "");
  if (answer.designs?.length) {
    await drawn(ask, words, files, out);
    out.append(codes(ask, [...words, ...(words.includes("--limit") ? [] : ["--limit", "1"])]));
  }
}
