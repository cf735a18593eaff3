// Python in this worker: the same function that the server asks, on the same JSON.

let answered;

async function loaded(path) {
  const answer = await fetch(path);
  if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
  return answer;
}

// The memory of a Python that has started and answered; it was written when the page was gathered.
async function unpacked(path) {
  const { body } = await loaded(path);
  return new Response(body.pipeThrough(new DecompressionStream("gzip"))).arrayBuffer();
}

// Pyodide asks for no more memory than it starts with, which is less than was written.
const roomy = (create, bytes) => settings => {
  const begin = settings.instantiateWasm;
  settings.instantiateWasm = (given, done) => begin(given, (instance, module) => {
    const { memory } = instance.exports, lacking = bytes - memory.buffer.byteLength;
    if (lacking > 0) memory.grow(Math.ceil(lacking / 65536));
    done(instance, module);
  });
  return create(settings);
};

// snapshot: where it cannot be read, or is left out, Python starts from nothing, which takes seconds.
async function start({ index, packages, snapshot }) {
  const indexURL = new URL(index, self.location).href;
  const [{ loadPyodide }, { default: create }, archive, memory] = await Promise.all([
    import(`${indexURL}pyodide.mjs`), import(`${indexURL}pyodide.asm.mjs`),
    loaded(packages).then(answer => answer.arrayBuffer()),
    snapshot && unpacked(snapshot).catch(fault => console.info("from nothing:", fault)),
  ]);
  const fsInit = files => files.writeFile("/convsolver.zip", new Uint8Array(archive));
  const python = await loadPyodide({ indexURL, fsInit, ...(memory && {
    _loadSnapshot: memory, createPyodideModule: roomy(create, memory.byteLength),
  }) });
  if (!memory) python.runPython("import sys; sys.path.insert(0, '/convsolver.zip')");
  answered = python.pyimport("solver.web.question").answered;
}

const tell = (what, done, total) => self.postMessage({ progress: { what, done, total: total ?? null } });

self.onmessage = async ({ data }) => {
  try {
    if (data.settings) {
      await start(data.settings);
      self.postMessage({ ready: true });
    } else self.postMessage({ answer: answered.callKwargs(data.question, { progress: tell }) });
  } catch (fault) {
    if (data.settings) self.postMessage({ failed: String(fault) });
    else self.postMessage({ answer: JSON.stringify({ code: 101, out: "", err: `error: ${fault}` }) });
  }
};
