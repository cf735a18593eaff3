// Run pytest in Pyodide: node pytest.mjs PYODIDE ROOT SITE_PACKAGES WORDS...
// Both folders are mounted as they are; the exit code is that of pytest.
import { pathToFileURL } from "node:url";

const [pyodide, root, site, ...words] = process.argv.slice(2);
const { loadPyodide } = await import(pathToFileURL(`${pyodide}/pyodide.mjs`));
const python = await loadPyodide();
for (const [place, folder] of [["/root", root], ["/site", site]]) {
  python.FS.mkdirTree(place);
  python.FS.mount(python.FS.filesystems.NODEFS, { root: folder }, place);
}
python.globals.set("words", python.toPy(words));
process.exitCode = await python.runPythonAsync(`
import os, sys
sys.dont_write_bytecode = True
sys.path.insert(0, "/root")
sys.path.append("/site")
os.chdir("/root")
os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
print("Python", sys.version.split()[0], flush=True)
import pytest
int(pytest.main(["-p", "no:cacheprovider", *words]))
`);
