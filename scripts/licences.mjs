import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

/** The packages whose code is in the outputs of these esbuild metafiles, by name: `[{ name, version, licence, text }]`. */
export async function bundledPackages(metafiles) {
  const folders = new Set();
  for (const { outputs } of metafiles) {
    for (const { inputs } of Object.values(outputs)) {
      for (const [path, { bytesInOutput }] of Object.entries(inputs)) {
        const [folder] = /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path) ?? [];
        if (folder !== undefined && bytesInOutput > 0) folders.add(folder);
      }
    }
  }
  const packages = await Promise.all([...folders].map(readPackage));
  return packages.toSorted((one, other) => one.name.localeCompare(other.name));
}

async function readPackage(folder) {
  const { name, version, license, author } = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
  const file = (await readdir(folder)).find((entry) => /^licen[cs]e/i.test(entry));
  const text = file === undefined ? undefined : await readFile(join(folder, file), "utf8");
  const by = typeof author === "object" ? author.name : author;
  return { name, version, licence: license, text: text ?? `Licence: ${license}${by ? `, by ${by}` : ""}` };
}

/** Each text once, under the names of all packages that it is for. */
export function licenceTexts(packages) {
  const titles = new Map();
  for (const { name, version, licence, text } of packages) {
    titles.set(text.trim(), [...(titles.get(text.trim()) ?? []), `${name} ${version} (${licence})`]);
  }
  const sections = [...titles].map(([text, of]) => `${of.join(", ")}\n\n${text}\n`);
  return `This package holds code of others, under these licences.\n\n${sections.join(`\n${"-".repeat(80)}\n\n`)}`;
}
