import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { findModel } from "../../src/llama-server/model-catalogue.ts";
import { modelStep, verifyStep } from "../../setup/model-steps.ts";
import type { Machine } from "../../src/platform/platform.ts";
import { LLAMA_CPP } from "../../src/llama-server/llama-cpp-version.ts";
import { Reporter } from "../../setup/reporter.ts";
import { runServerSteps } from "../../setup/server-steps.ts";
import { textFor } from "../../src/i18n/catalogue.ts";
import { INTERFACE_LANGUAGES, type InterfaceLanguage } from "../../src/i18n/language.ts";
import { fakeMachine } from "./support/fake-machine.ts";
import { expectGolden } from "./support/golden.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "gpt-oss-steps-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** What the tools would do in minutes: a checkout of the pinned tree, a server that says its version. */
const PROGRAMS = {
  git: String.raw`case "$*" in init*) mkdir -p "$4";; *rev-parse*) echo ${LLAMA_CPP.tree};; esac`,
  cmake: String.raw`[ "$1" = --build ] || exit 0
echo "[ 50%] Building CXX object"
mkdir -p $2/bin
printf '#!/bin/sh\necho "version: 0.5.0-dev (build 1, commit de3ff81)"\n' > $2/bin/llama-server`,
  "c++": "exit 0",
};

async function machineWithPrograms(): Promise<Machine> {
  const programs = join(folder, "programs");
  await mkdir(programs);
  for (const [name, script] of Object.entries(PROGRAMS)) {
    await writeFile(join(programs, name), `#!/bin/sh\n${script}\n`);
    await chmod(join(programs, name), 0o755);
  }
  const said = { git: "git version 2.39.5\n", cmake: "cmake version 3.25.1\n", "c++": "c++ 12.2.0\n", make: "" };
  const PATH = programs + delimiter + (process.env["PATH"] ?? "");
  return { ...fakeMachine({ programs: said }), environment: { ...process.env, PATH } };
}

/** All six steps, twice: what they write where there is no terminal. */
async function reportOf(language: InterfaceLanguage): Promise<readonly string[]> {
  const machine = await machineWithPrograms();
  const cache = join(folder, "cache");
  const model = findModel("demo");
  if (model === undefined) throw new Error("demo is not in the catalogue");
  let written = "";
  const output = { write: (text: string) => (written += text) };
  const reporter = new Reporter(output, { words: textFor(language).setup, now: () => 0 });
  const confirm = () => true;
  const probe = () => Promise.resolve({ answer: "Hello!", promptPerSecond: 3215, answerPerSecond: 81, log: "" });
  for (let run = 0; run < 2; run++) {
    const { platform, server } = await runServerSteps({ machine, cache, reporter, gpu: "auto", jobs: 4, confirm });
    const { environment } = machine;
    const modelPath = await modelStep({ model, platform, cache, environment, reporter, confirm });
    await verifyStep({ server, modelPath, cache, reporter, probe });
  }
  return written
    .trimEnd()
    .replaceAll(folder, "FOLDER")
    .replaceAll(/(?<=32\.0 GB.{1,10})\b[\d.]+ [GT]B/g, "DISK")
    .split("\n");
}

describe("the steps of a first setup, and of one that finds all done", () => {
  it.each(INTERFACE_LANGUAGES)("match the golden file in %s", async (language) => {
    expectGolden(`steps.${language}`, await reportOf(language));
  });

  it("ask in the language of the interface before something is installed, with the whole reason", async () => {
    const programs = { git: "git version 2.39.5\n", "apt-get": "", make: "" };
    const asked: string[] = [];
    const reporter = new Reporter({ write: () => true }, { words: textFor("ja").setup });
    const steps = runServerSteps({
      machine: fakeMachine({ programs }),
      cache: folder,
      reporter,
      gpu: "auto",
      confirm: (question) => asked.push(question) === 0,
    });
    await expect(steps).rejects.toMatchObject({ code: "toolchain-missing" });
    expect(asked).toEqual([
      "この環境では llama.cpp をビルドできません: cmake がありません、C++ コンパイラーがありません。次のコマンドでインストールしますか？ sudo apt-get install -y cmake g++",
    ]);
  });
});
