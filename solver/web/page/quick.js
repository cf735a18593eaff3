// The size that comes out of a layer of whole numbers, while Python loads: the four formulas.

const POOLS = ["maxpool", "avgpool"], DECONVS = ["deconv", "conv-transpose", "conv_transpose"];

// null for whatever else may be asked, and where the kernel does not fit.
export function quick(words) {
  const [command, op, input, ...rest] = words;
  const pool = POOLS.includes(op), deconv = DECONVS.includes(op);
  if (command !== "size" || !(pool || deconv || op === "conv") || rest.length % 2) return null;
  const given = { "-p": 0, "-d": 1, "-a": 0, n: input };
  for (let at = 0; at < rest.length; at += 2) given[rest[at]] = rest[at + 1];
  if (!("-s" in given)) given["-s"] = pool ? given["-k"] : 1;
  const { n, "-k": k, "-s": s, "-p": p, "-d": d, "-a": a, ...others } = given;
  if (Object.keys(others).length || (!deconv && "-a" in Object.fromEntries(pairs(rest)))) return null;
  const all = [n, k, s, p, d, a];
  if (!all.every(each => /^\d{1,6}$/.test(each))) return null;
  return size(deconv, ...all.map(Number), pool);
}

const pairs = list => list.flatMap((each, at) => at % 2 ? [] : [[each, list[at + 1]]]);

function size(deconv, n, k, s, p, d, a, pool) {
  if (!(n && k && s && d) || (pool && 2 * p > k) || (deconv && a >= Math.max(s, d))) return null;
  const out = deconv ? (n - 1) * s - 2 * p + d * (k - 1) + a + 1
    : Math.floor((n + 2 * p - d * (k - 1) - 1) / s) + 1;
  return out > 0 ? out : null;
}
