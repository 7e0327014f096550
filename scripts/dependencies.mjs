// Writes docs/dependencies.md: what `npm install langchain-gpt-oss` brings along, and why. `--print` writes it to standard output.
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { format } from "prettier";

/** Why each is there; a dependency without a reason fails the test. */
const REASONS = {
  "@hono/node-server": "connects the gateway to Node's HTTP server; notices clients that leave",
  "@langchain/core": "the classes that everything here extends; a peer, so that there is one copy",
  "@langchain/openai": "`ChatOpenAI`, which `ChatGptOss` extends, and the `openai` client in it",
  ajv: "checks answers and arguments against JSON Schema",
  "csv-parse": "cases of experiments from CSV, with quotes and line breaks",
  diff: "the diff that is shown before a file is written, and answers side by side",
  dotenv: "`.env` files; Node's own reader drops lines after one that it does not know",
  "fastest-levenshtein": "the nearest name to a mistyped one, and the `similarity` check",
  "franc-min": "the language of an answer, for the `language` check",
  hono: "routes of the gateway on web-standard requests, so that tests need no socket; no dependencies",
  "html-to-text": "pages for `fetch_url`",
  "ipaddr.js": "which addresses are public, NAT64 and 6to4 too, for `fetch_url`",
  langchain: "`createAgent`",
  marked: "Markdown: cutting documents, keeping code out of translations",
  minisearch: "BM25 over files and notes",
  "pure-rand": "random numbers of the statistics, the same for the same seed",
  "readline-sync": "the questions of setup",
  "string-width": "how many columns a text takes where a tool asks on the terminal",
  undici: "downloads with ranges and proxies, and connections to a checked address",
  yaml: "settings, prompts, experiments, with line numbers in what is said about them",
  zod: "whatever comes from outside, checked once",
};

const manifest = JSON.parse(readFileSync("package.json", "utf8"));
const { packages } = JSON.parse(readFileSync("package-lock.json", "utf8"));
const installed = Object.entries(packages)
  .filter(([path, entry]) => path !== "" && !entry.dev && !entry.devOptional && !entry.optional)
  .map(([path, { version, license }]) => ({ path, name: path.replace(/^.*node_modules\//, ""), version, license }));

/** Bytes of a package without those inside of it. */
function sizeOf(path) {
  let bytes = 0;
  for (const entry of readdirSync(path, { withFileTypes: true })) {
    if (entry.name === "node_modules") continue;
    const inside = join(path, entry.name);
    if (entry.isDirectory()) bytes += sizeOf(inside);
    else if (entry.isFile()) bytes += statSync(inside).size;
  }
  return bytes;
}

/** Whom a package brings along, itself included: found as Node finds them, from folder to folder upwards. */
function closureOf(path, seen = new Set()) {
  if (seen.has(path)) return seen;
  seen.add(path);
  const { dependencies = {}, peerDependencies = {}, peerDependenciesMeta = {} } = packages[path];
  const needed = Object.keys(peerDependencies).filter((name) => !peerDependenciesMeta[name]?.optional);
  for (const name of [...Object.keys(dependencies), ...needed]) {
    for (let folder = path; ; folder = folder.replace(/\/?node_modules\/(@[^/]+\/)?[^/]+$/, "")) {
      const found = `${folder === "" ? "" : `${folder}/`}node_modules/${name}`;
      if (packages[found]) {
        closureOf(found, seen);
        break;
      }
      if (folder === "") break;
    }
  }
  return seen;
}

const megabytes = (bytes) => (bytes / 1e6).toFixed(bytes < 1e5 ? 2 : 1);
const sizes = new Map(installed.map(({ path }) => [path, sizeOf(path)]));
const total = [...sizes.values()].reduce((sum, bytes) => sum + bytes, 0);
const direct = Object.keys({ ...manifest.dependencies, "@langchain/core": "" }).toSorted();

const rows = direct.map((name) => {
  const path = `node_modules/${name}`;
  if (REASONS[name] === undefined) throw new Error(`scripts/dependencies.mjs gives no reason for ${name}.`);
  const others = closureOf(path).size - 1;
  const { version, license } = packages[path];
  return `| ${name} | ${version} | ${license} | ${megabytes(sizes.get(path))} | ${others} | ${REASONS[name]} |`;
});
const further = installed
  .filter(({ name, path }) => path.indexOf("node_modules", 1) > 0 || !direct.includes(name))
  .map(({ name, version, license, path }) => `| ${name} | ${version} | ${license} | ${megabytes(sizes.get(path))} |`);

const text = `# Dependencies

<!-- Written by scripts/dependencies.mjs from package-lock.json (npm run docs -- dependencies); a test compares it. -->

\`npm install langchain-gpt-oss\` brings ${installed.length} packages, ${megabytes(total)} MB with the files as they are installed, none with an install script, all under
licences that ask for no more than to be passed on (MIT, ISC, BSD, Apache 2.0). LangChain is most of it. What only the command line uses (commander, lowlight, …) is
bundled into it, licences in \`dist/THIRD-PARTY-LICENCES.txt\`, and installs nothing.

## Those that we chose

| package | version | licence | MB | brings | what for |
| --- | --- | --- | ---: | ---: | --- |
${rows.join("\n")}

\`@langchain/mcp-adapters\` is optional: install it if you use MCP servers.

## Those that they bring

| package | version | licence | MB |
| --- | --- | --- | ---: |
${further.join("\n")}

## Known holes

\`npm audit\` asks the registry; where that does not answer (405, some mirrors), nothing is known either way. Versions are pinned exactly, except those of \`langchain\` and \`zod\`, of which an application should have one copy. Each has its hash in
package-lock.json, so that what was tested is what is installed in this repository.
`;

const formatted = await format(text, { parser: "markdown", ...JSON.parse(readFileSync(".prettierrc.json", "utf8")) });
if (process.argv.includes("--print")) process.stdout.write(formatted);
else writeFileSync("docs/dependencies.md", formatted);
