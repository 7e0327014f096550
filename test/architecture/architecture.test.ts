import { describe, expect, it } from "@jest/globals";
import { packageFile } from "../../src/platform/folders.ts";
import { readModuleGraph } from "./module-graph.ts";
import { drawers, forbiddenImports, importCycles, type Rooms } from "./rules.ts";

/**
 * Folders in layers, the lowest first. A folder imports from lower layers only, and from its own layer what the list below allows.
 * docs/architecture.md says what each folder contains.
 */
const LAYERS: readonly (readonly string[])[] = [
  ["src/vendor"],
  ["src/errors"],
  ["src/i18n"],
  ["src/terminal", "src/platform"],
  ["src/config", "src/prompts", "src/harmony", "src/gguf"],
  ["src/llama-server"],
  ["src/inference"],
  ["src/model"],
  ["src/memory", "src/tools"],
  ["src/documents"],
  ["src/experiment"],
  ["src/index.ts"],
  ["chains"],
  // the chat runs these two, which need more than others can import
  ["chains/conversation.ts", "chains/agent.ts"],
  ["chains/index.ts"],
  ["src/chat", "src/gateway", "setup"],
  ["src/cli"],
  ["src/cli.ts"],
];
const WITHIN_A_LAYER: Readonly<Record<string, readonly string[]>> = { "src/platform": ["src/terminal"] };

/** Runs in a browser and shares types only. */
const PAGE = "src/experiment/report/page";
const ROOMS: Rooms = {
  [PAGE]: ["src/experiment", "src/i18n", "src/terminal"],
  ...Object.fromEntries(
    LAYERS.flatMap((layer, level) =>
      layer.map((folder) => [
        folder,
        [...LAYERS.slice(0, level).flat(), ...(WITHIN_A_LAYER[folder] ?? [])].filter((target) => target !== folder),
      ]),
    ),
  ),
  // it serves other programs: nothing of LangChain and of the terminal chat belongs to it
  "src/gateway": [
    "src/inference",
    "src/llama-server",
    "src/harmony",
    "src/config",
    "src/i18n",
    "src/errors",
    "src/platform",
    "src/terminal",
  ],
  // they read as examples: a reader can use whatever they use
  chains: ["src/index.ts"],
};

const graph = readModuleGraph(packageFile(""), ["setup", "src", "chains"]);

describe("the architecture", () => {
  it("has arrows that point one way", () => {
    expect(forbiddenImports(graph, ROOMS)).toEqual([]);
  });

  it("has rooms that do not need each other", () => {
    const imports = Object.entries(ROOMS).flatMap(([from, targets]) => targets.map((to) => ({ from, to })));
    const lines = new Map(Object.keys(ROOMS).map((room) => [room, 0]));
    expect(importCycles({ lines, imports })).toEqual([]);
  });

  it("has no module that imports itself in the end", () => {
    expect(importCycles(graph)).toEqual([]);
  });

  it("has a harmony folder that needs no package and no Node module", () => {
    const outside = graph.imports.filter(({ from, to }) => from.startsWith("src/harmony/") && !graph.lines.has(to));
    expect(outside).toEqual([]);
  });

  it("has no drawer for odds and ends", () => {
    expect(drawers(graph)).toEqual([]);
  });

  it("has short files", () => {
    expect([...graph.lines].filter(([, size]) => size > 400)).toEqual([]);
  });
});

describe("the check of the architecture", () => {
  const broken = readModuleGraph(packageFile("test/architecture/broken"), ["cellar", "kitchen", "utils"]);
  const rooms = { cellar: [], kitchen: ["cellar"] };

  it("finds an import against the arrows, at run time, of types, by export and dynamically", () => {
    expect(forbiddenImports(broken, rooms)).toEqual([
      "utils/spoon.ts is in no room",
      "cellar/dynamic.ts → kitchen/stove.ts",
      "cellar/exporting.ts → kitchen/stove.ts",
      "cellar/type.ts → kitchen/stove.ts",
      "cellar/wine.ts → kitchen/stove.ts",
    ]);
  });

  it("finds a cycle", () => {
    expect(importCycles(broken)).toEqual(["kitchen/stove.ts → cellar/wine.ts → kitchen/stove.ts"]);
  });

  it("finds a drawer", () => {
    expect(drawers(broken)).toEqual(["utils/spoon.ts"]);
  });
});
