import { existsSync } from "node:fs";
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { listInventory, removeFromInventory } from "../../setup/inventory.ts";
import { installModel } from "../../setup/model-steps.ts";
import { findModelToSetUp, type ModelToSetUp } from "../../setup/model-to-set-up.ts";
import { textFor } from "../../src/i18n/catalogue.ts";
import { chooseModel, listInstalledModels } from "../../src/llama-server/installed-models.ts";
import { recordModel } from "../../src/llama-server/model-record.ts";
import { packageFile } from "../../src/platform/folders.ts";
import { HuggingFace, REPOSITORY } from "../support/hugging-face.ts";
import { failureOf } from "./model/support/download-fixture.ts";

const SPLIT = ["Q8/tiny-Q8_0-00001-of-00002.gguf", "Q8/tiny-Q8_0-00002-of-00002.gguf"] as const;
const FILES = { "tiny-Q4_0.gguf": "four", [SPLIT[0]]: "eight, first", [SPLIT[1]]: "eight, second" };

let folder: string;
let hub: HuggingFace;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "gpt-oss-own-models-"));
  hub = await startHub(FILES);
});
afterEach(async () => {
  await hub.stop();
  await rm(folder, { recursive: true, force: true });
});

async function startHub(files: Readonly<Record<string, string>>): Promise<HuggingFace> {
  const contents = Object.entries(files).map(([name, text]) => [name, Buffer.from(text)] as const);
  return await new HuggingFace(Object.fromEntries(contents)).start();
}

const environment = () => ({
  HF_ENDPOINT: hub.endpoint,
  HF_HUB_CACHE: join(folder, "hub"),
  GPT_OSS_DATA: join(folder, "data"),
});
const cache = () => join(folder, "cache");

async function find(wanted: string, name?: string): Promise<ModelToSetUp> {
  return await findModelToSetUp({ wanted, name, environment: environment() });
}

/** What setup does with it, without a server. */
async function setUp(wanted: string, name?: string): Promise<string> {
  const model = await find(wanted, name);
  if (model.record !== undefined) await recordModel(model.record, environment());
  if (model.entry !== undefined) {
    await installModel({ model: model.entry, cacheFolder: cache(), environment: environment(), silenceMs: 2_000 });
  }
  return model.name;
}

const choose = (wanted?: string) => chooseModel({ wanted, cache: cache(), environment: environment() });
const inventory = () => ({ cache: cache(), environment: environment(), words: textFor("en").setup });
const remove = (name: string) => removeFromInventory(name, inventory());

describe("a model from the Hub", () => {
  it("is chosen by its short name, by what was asked for, and before the demo model", async () => {
    expect(await setUp(`hf:${REPOSITORY}:Q4_0`)).toBe("tiny-Q4_0");
    for (const wanted of ["tiny-Q4_0", `hf:${REPOSITORY}:Q4_0`, undefined]) {
      const { name, path, entry } = await choose(wanted);
      expect(name).toBe("tiny-Q4_0");
      expect(await readFile(path, "utf8")).toBe("four");
      expect(entry?.source?.repository).toBe(REPOSITORY);
    }
  });

  it("stays pinned: the Hub is not asked again, and `main` may move", async () => {
    await setUp(`hf:${REPOSITORY}:Q4_0`);
    const before = hub.requests.length;
    hub.commit = "f".repeat(40);
    expect(await setUp(`hf:${REPOSITORY}:Q4_0`)).toBe("tiny-Q4_0");
    expect(await setUp("tiny-Q4_0")).toBe("tiny-Q4_0");
    expect(hub.requests.length).toBe(before);
  });

  it("may have several files in a folder, and leaves nothing when it is removed", async () => {
    await setUp(`hf:${REPOSITORY}:Q8_0`, "big");
    const { path, bytes } = await choose("big");
    expect(path).toMatch(/Q8\/tiny-Q8_0-00001-of-00002\.gguf$/);
    expect(bytes).toBe(FILES[SPLIT[0]].length + FILES[SPLIT[1]].length);
    expect((await listInventory(inventory())).join("\n")).toMatch(/^big .*model, hf:example\/tiny-GGUF:Q8_0$/m);
    await remove("big");
    expect(await readdir(join(folder, "hub"))).toEqual([]);
    expect(await failureOf(choose("big"))).toMatchObject({ code: "usage" });
  });

  it("keeps the files of another one of its repository", async () => {
    await setUp(`hf:${REPOSITORY}:Q4_0`);
    await setUp(`hf:${REPOSITORY}:Q8_0`);
    await remove("tiny-Q8_0");
    expect((await choose("tiny-Q4_0")).bytes).toBe(4);
    const names = (await listInstalledModels(environment(), cache())).map(({ model }) => model.name);
    expect(names).toEqual(["demo", "tiny-Q4_0"]);
  });

  it("of the same length and another revision is another model", async () => {
    await setUp(`hf:${REPOSITORY}:Q4_0`);
    await hub.stop();
    hub = await startHub({ "tiny-Q4_0.gguf": "FOUR" });
    expect(await failureOf(setUp(`hf:${REPOSITORY}@next`))).toMatchObject({ code: "usage" });
    await setUp(`hf:${REPOSITORY}@next`, "newer");
    expect(await readFile((await choose("newer")).path, "utf8")).toBe("FOUR");
    await remove("newer");
    expect(await failureOf(choose("newer"))).toMatchObject({ code: "usage" });
  });

  it("is renamed when it gets another name, and can't take one of the catalogue", async () => {
    await setUp(`hf:${REPOSITORY}:Q4_0`);
    await setUp("tiny-Q4_0", "small");
    expect((await choose("small")).name).toBe("small");
    expect(await failureOf(choose("tiny-Q4_0"))).toMatchObject({ code: "usage" });
    for (const name of ["demo", "gpt-oss-20b", "v0.5.0-cpu", "a b", "x.gguf", "--yes"]) {
      expect(await failureOf(setUp("small", name))).toMatchObject({ code: "usage" });
    }
    expect(await failureOf(setUp("demo", "mine"))).toMatchObject({ code: "usage" });
  });

  it("that is not here has the command that fetches it", async () => {
    const missing = await failureOf(choose(`hf:${REPOSITORY}:Q4_0`));
    expect(missing).toMatchObject({ code: "model-missing" });
    expect(missing.hint).toContain(`setup --model hf:${REPOSITORY}:Q4_0`);
  });
});

describe("a file of the user's", () => {
  it("gets a name, and stays when the name is removed", async () => {
    const file = join(folder, "my tuned model.gguf");
    await copyFile(packageFile("setup/demo-model/demo.gguf"), file);
    expect(await setUp(file)).toBe("my-tuned-model");
    expect(await setUp(file, "tuned")).toBe("tuned");
    expect(await choose("tuned")).toMatchObject({ name: "tuned", path: file, entry: undefined });
    expect((await listInventory(inventory())).join("\n")).toContain(file);
    expect(await remove("tuned")).toContain(file);
    expect(existsSync(file)).toBe(true);
    expect(await failureOf(choose("tuned"))).toMatchObject({ code: "usage" });
  });

  it("can move, and says what is missing until then", async () => {
    const [old, moved] = [join(folder, "old.gguf"), join(folder, "moved.gguf")];
    await copyFile(packageFile("setup/demo-model/demo.gguf"), old);
    await setUp(old, "tuned");
    await copyFile(old, moved);
    await rm(old);
    expect((await failureOf(choose("tuned"))).message).toContain(old);
    expect((await choose()).name).toBe("demo");
    await setUp(moved, "tuned");
    expect((await choose("tuned")).path).toBe(moved);
  });

  it("has to be a GGUF", async () => {
    const file = join(folder, "x.gguf");
    await writeFile(file, "not a model");
    expect(await failureOf(setUp(file))).toMatchObject({ code: "model-missing" });
  });
});

describe("the record of models", () => {
  it.each(["{", '{"version":1,"models":[{"name":"../x","path":"/x"}]}', '{"version":2,"models":[]}'])(
    "that is damaged has a sentence, and stops no model of the catalogue: %s",
    async (text) => {
      await mkdir(join(folder, "data"));
      await writeFile(join(folder, "data", "models.json"), text);
      expect(await failureOf(choose("tuned"))).toMatchObject({ code: "usage" });
      expect((await choose("demo")).name).toBe("demo");
    },
  );

  it("takes names from several programs at once", async () => {
    const names = Array.from({ length: 8 }, (_, index) => `model-${index}`);
    await Promise.all(names.map((name) => recordModel({ name, path: join(folder, name) }, environment())));
    const { models } = JSON.parse(await readFile(join(folder, "data", "models.json"), "utf8")) as {
      models: { name: string }[];
    };
    expect(models.map(({ name }) => name).toSorted()).toEqual(names);
  });
});
