import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { dirname } from "node:path";
import { checkPackage, createPackageFromTarballData } from "@arethetypeswrong/core";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { publint } from "publint";
import { packageFile } from "../../../src/platform/folders.ts";
import { type PackageTarball, packPackage } from "./support/package-tarball.ts";

/** Everything that may be in the package. */
const WANTED = [
  /^(package\.json|README\.md|README\.ja\.md|LICENSE|CHANGELOG\.md|SECURITY\.md)$/,
  /^dist\/THIRD-PARTY-LICENCES\.txt$/,
  /^dist\/(src|chains)\/.*\.(js|d\.ts)$/,
  /^dist\/report-page\/(main\.js|page\.css)$/,
  /^prompts\/.*\.(md|jinja|yaml|csv|jsonl|schema\.json)$/,
  /^setup\/fast-build\.cmake$/,
  /^setup\/demo-model\/(demo\.gguf|README\.md)$/,
];

let tarball: PackageTarball;
beforeAll(async () => {
  tarball = await packPackage();
});
afterAll(() => tarball.remove());

describe("the package's contents", () => {
  it("are what its users need and nothing else", () => {
    expect(tarball.files.filter((path) => !WANTED.some((pattern) => pattern.test(path)))).toEqual([]);
  });

  it("hold what is read at run time", () => {
    const needed = [
      "prompts/harmony.jinja",
      "prompts/chat.md",
      "setup/demo-model/demo.gguf",
      "dist/report-page/main.js",
    ];
    expect(tarball.files).toEqual(expect.arrayContaining([...needed, "dist/src/llama-server/supervisor-process.js"]));
  });

  it("hold no module beside the bundled command line that only the command line uses", () => {
    const programs = ["dist/src/cli/gateway-process.js"];
    const found = tarball.files.filter((path) => /^dist\/src\/(cli|chat)\//.test(path));
    expect(found).toEqual(programs);
  });

  it("have a source for each built module, so that nothing old is left over", () => {
    const modules = tarball.files.filter((path) => /^dist\/(src|chains)\/.*\.js$/.test(path));
    const bundled = (path: string) => dirname(path) === "dist/src/cli-chunks" || path === "dist/src/cli.js";
    const source = (path: string) => path.replace(/^dist\//, "").replace(/js$/, "ts");
    expect(modules.filter((path) => !bundled(path) && !existsSync(packageFile(source(path))))).toEqual([]);
  });

  it("stay small", () => {
    expect(tarball.size).toBeLessThan(5.1e6);
    expect(tarball.unpackedSize).toBeLessThan(11.6e6);
  });

  it("satisfy publint", async () => {
    const { messages } = await publint({
      pack: { tarball: new Blob([tarball.bytes]).stream() },
      strict: true,
    });
    expect(messages).toEqual([]);
  });

  it("satisfy arethetypeswrong, as a package of ES modules", async () => {
    const result = await checkPackage(createPackageFromTarballData(tarball.bytes));
    if (!result.types) throw new Error("The package has no types.");
    // require() of an ES module is what Node 20.19 and later allow; node10 is the resolution before package.json had exports
    const problems = result.problems.filter(
      (problem) =>
        problem.kind !== "CJSResolvesToESM" && !("resolutionKind" in problem && problem.resolutionKind === "node10"),
    );
    expect(problems).toEqual([]);
    expect(Object.keys(result.entrypoints)).toEqual([".", "./chains", "./harmony", "./package.json"]);
  });
});

it("nothing runs at the user's side when the package is installed", async () => {
  const { scripts } = JSON.parse(await readFile(packageFile("package.json"), "utf8")) as { scripts: object };
  // `prepare` runs for a git checkout alone, never for a package from the registry
  expect(Object.keys(scripts).filter((name) => /^(pre|post)?install$/.test(name))).toEqual([]);
});
