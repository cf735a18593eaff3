// Python in this worker: the same function that the server asks, on the same JSON.

let answered;

async function start({ index, packages }) {
  const { loadPyodide } = await import(new URL("pyodide.mjs", new URL(index, self.location)));
  const python = await loadPyodide({ indexURL: new URL(index, self.location).href });
  const archive = await fetch(packages);
  if (!archive.ok) throw new Error(`${packages}: ${archive.status}`);
  python.unpackArchive(await archive.arrayBuffer(), "zip", { extractDir: "/convsolver" });
  python.runPython("import sys; sys.path.insert(0, '/convsolver')");
  answered = python.pyimport("solver.web.question").answered;
}

self.onmessage = async ({ data }) => {
  try {
    if (data.settings) {
      await start(data.settings);
      self.postMessage({ ready: true });
    } else self.postMessage({ answer: answered(data.question) });
  } catch (fault) {
    if (data.settings) self.postMessage({ failed: String(fault) });
    else self.postMessage({ answer: JSON.stringify({ code: 101, out: "", err: `error: ${fault}` }) });
  }
};
