import { readFileSync } from "node:fs";
import { describe, expect, it } from "@jest/globals";
import { Ajv } from "ajv";
import { parse } from "yaml";
import { packageFile } from "../../../src/platform/folders.ts";
import { listExperiments, loadExperimentFile } from "../../../src/experiment/definition/load-experiment.ts";
import { definitionJsonSchema } from "../../../src/experiment/definition/schema.ts";

const shipped = listExperiments("/").filter((file) => file.shipped);
const schemaText = readFileSync(packageFile("prompts/experiments/experiment.schema.json"), "utf8");

describe("the JSON Schema for editors", () => {
  it("is what the program checks (npm run docs -- schema writes it)", () => {
    expect(JSON.parse(schemaText)).toEqual(JSON.parse(JSON.stringify(definitionJsonSchema())));
  });

  it.each(shipped)("accepts $name, and not with a mistake in it", ({ path }) => {
    const validate = new Ajv({ strict: false, validateFormats: false }).compile(JSON.parse(schemaText) as object);
    const definition = parse(readFileSync(path, "utf8")) as Record<string, unknown>;
    expect(validate(definition)).toBe(true);
    expect(validate({ ...definition, prompst: [] })).toBe(false);
    expect(validate({ ...definition, checks: [{ type: "contians" }] })).toBe(false);
  });
});

describe("the experiments that ship with the package", () => {
  it("are there", () => {
    expect(shipped.map(({ name }) => name)).toEqual(["effort", "recall", "summary-ja", "tools"]);
  });

  it.each(shipped)("$name is sound, and called like its file", async ({ path, name }) => {
    expect((await loadExperimentFile(path, { allowJavascript: false })).name).toBe(name);
  });
});
