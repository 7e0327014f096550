import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "@jest/globals";
import { packageFile } from "../../src/platform/folders.ts";
import { GptOssError } from "../../src/errors/errors.ts";
import * as english from "../../src/i18n/en/errors.ts";
import { createError, errorDetail, errorMessageIn } from "../../src/i18n/error-messages.ts";
import * as japanese from "../../src/i18n/ja/errors.ts";

type Entry = (...parameters: string[]) => { message: string; hint?: string } | string;
type Table = Readonly<Record<string, Entry>>;
const tables = {
  english: { ...english.errors, ...english.reasons } as unknown as Table,
  japanese: { ...japanese.errors, ...japanese.reasons } as unknown as Table,
};
const keys = Object.keys(tables.english);
const MARKS = ["«A»", "«B»", "«C»", "«D»", "«E»"];

/** An entry with marks for its parameters, the hint on a line of its own. */
function shown(language: keyof typeof tables, key: string): string {
  const said = tables[language][key]?.(...MARKS) ?? "";
  return typeof said === "string" ? said : [said.message, ...(said.hint === undefined ? [] : [said.hint])].join("\n");
}

function sources(): string[] {
  return ["src", "setup", "chains"].flatMap((folder) =>
    readdirSync(packageFile(folder), { recursive: true, encoding: "utf8" })
      .filter((path) => path.endsWith(".ts") && !path.startsWith("i18n/"))
      .map((path) => join(folder, path)),
  );
}

describe("the catalogue of failures", () => {
  it.each(["english", "japanese"] as const)("matches its golden file in %s", (language) => {
    const text = keys.map((key) => `${key}\n${shown(language, key).replaceAll(/^/gm, "  ")}\n`).join("");
    const path = join(import.meta.dirname, "golden", `${language}.txt`);
    if (process.env["UPDATE_GOLDEN"]) writeFileSync(path, text);
    expect(text).toBe(readFileSync(path, "utf8"));
  });

  it("has no key that two files define, of which one would be lost", () => {
    const folder = packageFile("src/i18n/en");
    const files = readdirSync(folder).filter((file) => file.startsWith("errors"));
    const defined = files.flatMap((file) => {
      const kind = file.includes("reasons") ? "reason" : "failure";
      const entries = readFileSync(join(folder, file), "utf8").matchAll(/^ {2}(\w+): \(/gm);
      return [...entries].map(([, key]) => `${kind} ${key}`);
    });
    expect(defined.length).toBe(
      keys.length + Object.keys(english.reasons).filter((key) => key in english.errors).length,
    );
    expect(defined.filter((key, index) => defined.indexOf(key) !== index)).toEqual([]);
  });

  it("says the same things in both languages", () => {
    const marksIn = (text: string) => MARKS.filter((mark) => text.includes(mark));
    const differing = keys.filter(
      (key) => marksIn(shown("english", key)).join("") !== marksIn(shown("japanese", key)).join(""),
    );
    expect(differing).toEqual([]);
  });

  it("is Japanese wherever it has words", () => {
    const isJapanese = (text: string) => /[\u3041-\u30FF\u4E00-\u9FFF]/.test(text);
    // a place, a field, a list and what another program says have no words of ours
    expect(keys.filter((key) => !isJapanese(shown("japanese", key)))).toEqual([
      "serverError",
      "both",
      "atField",
      "nor",
    ]);
  });

  it("has no entry that nothing uses", () => {
    const code = sources()
      .map((path) => readFileSync(packageFile(path), "utf8"))
      .join("\n");
    expect(keys.filter((key) => !code.includes(`"${key}"`))).toEqual([]);
  });

  it("lacks only these failures, which are in English everywhere", () => {
    const outside = sources().flatMap((path) => {
      const made = readFileSync(packageFile(path), "utf8").split("new GptOssError(").length - 1;
      return made === 0 ? [] : [`${path} ${made}`];
    });
    expect(outside.toSorted()).toEqual([
      // a mistake in a program, or of a model class that keeps to no schema: not of a user
      "chains/route.ts 2",
      "chains/session-memory.ts 1",
      "chains/text-input.ts 1",
      // a failure that the supervisor has made, with its wording
      "src/llama-server/protocol.ts 1",
    ]);
  });
});

describe("sentencesOf", () => {
  it("says a failure and the reason in it in either language", () => {
    const error = createError("notLoaded", ["demo", errorDetail("portInUse"), "/x.log"]);
    expect(error.message).toBe("llama-server can't load demo: the port is in use.");
    expect(error).toMatchObject({ code: "server-failed", hint: "Its log is /x.log." });
    expect(errorMessageIn(error, "en")).toEqual({ message: error.message, hint: error.hint });
    expect(errorMessageIn(error, "ja")).toEqual({
      message: "llama-server が demo を読み込めませんでした: ポートが使用中です",
      hint: "ログ: /x.log",
    });
  });

  it("says in English what has no other words, or comes from another version", () => {
    const plain = new GptOssError("usage", "No.", { hint: "Do." });
    expect(errorMessageIn(plain, "ja")).toEqual({ message: "No.", hint: "Do." });
    const foreign = new GptOssError("usage", "No.", { wording: { key: "toString", parameters: [] } });
    expect(errorMessageIn(foreign, "ja")).toEqual({ message: "No." });
  });
});
