// Start Python as the page does, let it answer, and write its memory: what the page begins from.
//
//     node page.mjs FOLDER < questions.json
//
// FOLDER is what docs/page.py gathered. The file is compressed, as servers may not do it.

import { readFileSync, writeFileSync } from "node:fs";
import { text } from "node:stream/consumers";
import { pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";

const folder = `${process.argv[2]}/`, indexURL = `${folder}pyodide/`;
const { loadPyodide } = await import(pathToFileURL(`${indexURL}pyodide.mjs`));
const archive = readFileSync(`${folder}packages.zip`);
const python = await loadPyodide({
  indexURL, _makeSnapshot: true, fsInit: files => files.writeFile("/convsolver.zip", archive),
});
python.runPython("import sys; sys.path.insert(0, '/convsolver.zip')");
const question = python.pyimport("solver.web.question");
for (const asked of JSON.parse(await text(process.stdin))) question.answered(JSON.stringify(asked));
question.destroy();
python.runPython("import gc; gc.collect()");
writeFileSync(`${folder}python.memory`, gzipSync(python.makeMemorySnapshot(), { level: 9 }));
