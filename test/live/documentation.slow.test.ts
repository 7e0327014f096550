import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { transform } from "esbuild";
import { packageFile } from "../../src/platform/folders.ts";
import { type LiveServer, startLiveServer } from "./support/live-server.ts";

/**
 * Pages with ```ts blocks: each block is a program that the compiler checks and that is run, and has to print what stands behind `// →`.
 * Those marked ```ts no-run need what is not here (Redis, which test/soak has), and are only checked. test/clients/langgraph.test.ts
 * installs what those marked ```ts external need, and runs them.
 */
const PAGES = readdirSync(packageFile(""), { recursive: true, encoding: "utf8" })
  .filter((path) => /^(README\.md|(docs|prompts|chains|setup)\/.*\.md)$/.test(path))
  .toSorted();

interface Snippet {
  readonly page: string;
  readonly line: number;
  readonly code: string;
  readonly runs: boolean;
}

async function snippetsOf(page: string): Promise<Snippet[]> {
  const text = await readFile(packageFile(page), "utf8");
  return [...text.matchAll(/^```ts( no-run)?\n([\s\S]*?)^```$/gm)].map((match) => ({
    page,
    line: text.slice(0, match.index).split("\n").length,
    code: match[2] ?? "",
    runs: match[1] === undefined,
  }));
}

const snippets = (await Promise.all(PAGES.map(snippetsOf))).flat();

let server: LiveServer;
/** Inside of the built package, so that `langchain-gpt-oss` means this one. */
let folder: string;
beforeAll(async () => {
  server = await startLiveServer();
  folder = await mkdtemp(packageFile("dist/snippets-"));
  await symlink(packageFile("node_modules"), join(folder, "node_modules"));
  await mkdir(join(folder, "notes"));
  await writeFile(join(folder, "notes", "me.md"), "# Me\n\nThe user's name is Alice.\n");
  await writeFile(join(folder, "notes", "other.md"), "Nothing of interest.\n");
  await mkdir(join(folder, "prompts"));
  for (const name of ["a", "b"])
    await writeFile(
      join(folder, "prompts", `${name}.md`),
      `---\nname: ${name}\nvariables: [input]\n---\n\n{{input}}\n`,
    );
  await writeFile(join(folder, "guide.md"), "# Guide\n\n```sh\nnpm start\n```\n");
  await cp(packageFile("test/live/support/greedy-requests.mjs"), join(folder, "greedy-requests.mjs"));
});
afterAll(async () => {
  await server.stop();
  await rm(folder, { recursive: true, force: true });
});

describe("the documentation's snippets", () => {
  it("are there", () => {
    expect(snippets.length).toBeGreaterThan(15);
  });

  it("pass the compiler", async () => {
    for (const [index, { code }] of snippets.entries()) await writeFile(join(folder, `${index}.ts`), code);
    const config = { extends: packageFile("tsconfig.json"), include: ["*.ts"] };
    await writeFile(join(folder, "tsconfig.json"), JSON.stringify(config));
    const { stdout, status } = spawnSync(packageFile("node_modules/.bin/tsc"), ["-p", folder], { encoding: "utf8" });
    expect({ stdout, status }).toEqual({ stdout: "", status: 0 });
  });

  it.each(snippets.filter(({ runs }) => runs).map((snippet) => [`${snippet.page}:${snippet.line}`, snippet] as const))(
    "print what they say: %s",
    async (_place, { page, line, code }) => {
      const program = join(folder, `${page.replaceAll(/\W/g, "-")}-${line}.mjs`);
      const options = { loader: "ts", format: "esm", target: "node20" } as const;
      await writeFile(program, (await transform(code, options)).code);
      const preload = pathToFileURL(join(folder, "greedy-requests.mjs")).href;
      const { stdout, stderr, status } = spawnSync(process.execPath, ["--import", preload, program], {
        cwd: folder,
        encoding: "utf8",
        timeout: 60_000,
        env: { ...process.env, OPENAI_BASE_URL: `${server.baseUrl}/v1`, OPENAI_API_KEY: server.apiKey },
      });
      expect({ status, stderr: status === 0 ? "" : stderr }).toEqual({ status: 0, stderr: "" });
      const promised = [...code.matchAll(/\/\/ → (.*)$/gm)].map((match) => match[1] ?? "");
      let from = 0;
      for (const words of promised) {
        const at = stdout.indexOf(words, from);
        expect(at < 0 ? stdout.slice(from) : words).toBe(words);
        from = at + words.length;
      }
    },
  );
});
