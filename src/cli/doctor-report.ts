import { writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { findHomeFolder } from "../platform/folders.ts";
import type { Machine } from "../platform/platform.ts";
import { readConfig } from "../config/config.ts";
import type { InterfaceLanguage } from "../i18n/language.ts";
import { createError, errorDetail } from "../i18n/error-messages.ts";
import { chooseModel } from "../llama-server/installed-models.ts";
import { askStatus } from "../llama-server/supervisor-client.ts";
import { openServer } from "../llama-server/open-server.ts";
import { requireProgram } from "../llama-server/find-server.ts";
import type { DoctorFlags, CommandContext } from "./command-options.ts";
import { describeFindings, type Finding } from "./doctor-checks.ts";
import { type Answer, interview } from "./doctor-interview.ts";
import { describeServer } from "./serve-control.ts";
import { textFor } from "../i18n/catalogue.ts";

const DEFAULT_FILE = "gpt-oss-report.md";

interface ReportRequest {
  readonly flags: DoctorFlags;
  readonly findings: readonly Finding[];
  readonly machine: Machine;
  readonly cache: string;
  /** Of what is said meanwhile; the report itself is English. */
  readonly language: InterfaceLanguage;
}

/** `gpt-oss doctor --report`: exit status 0 when every answer was as expected, 1 when one was not. */
export async function writeReport(request: ReportRequest, world: CommandContext): Promise<number> {
  const { flags, findings, machine, cache, language } = request;
  const { environment, folder, signal, stderr } = world;
  const config = readConfig({ flags: { model: flags.model, llamaServer: flags.llamaServer }, environment, folder });
  const { llamaServer: named, rpc, toolGrammar = true } = config;
  const program = await requireProgram({ machine, cache, named, rpc: rpc !== undefined, signal });
  const model = await chooseModel({ wanted: config.model, cache, environment });
  const { doctor } = textFor(language).cli;
  stderr.write(`${doctor.asking(model.name)}\n`);
  await using server = await openServer({
    program,
    model,
    cache,
    environment,
    signal,
    rpc,
    contextSize: config.context,
    idleSeconds: config.idleSeconds,
  });
  const onQuestion = (title: string) => void stderr.write(`  ${title}\n`);
  const answers = await interview({ server, toolGrammar, signal, onQuestion });
  if (signal.aborted) throw createError("interrupted", [errorDetail("reportNotWritten")]);
  const status = (await askStatus({ cache, environment }))?.servers.find(({ url }) => url === server.url);
  const path = resolve(folder, typeof flags.report === "string" ? flags.report : DEFAULT_FILE);
  const serverLine = status === undefined ? model.name : describeServer(status, textFor("en").cli);
  await writeFile(path, withoutHome(renderReport({ findings, answers, serverLine, toolGrammar })));
  const unexpected = answers.filter(({ problem }) => problem !== undefined).length;
  stderr.write(`${doctor.reported(answers.length - unexpected, answers.length, path)}\n`);
  return unexpected === 0 ? 0 : 1;
}

interface ReportContent {
  readonly findings: readonly Finding[];
  readonly answers: readonly Answer[];
  readonly serverLine: string;
  readonly toolGrammar: boolean;
}

export function renderReport({ findings, answers, serverLine, toolGrammar }: ReportContent): string {
  return [
    "# gpt-oss report",
    "",
    serverLine,
    "",
    `Grammar for tools: ${toolGrammar ? "on" : "off"}.`,
    "",
    ...fence(describeFindings(findings).join("\n")),
    "",
    "| question | as expected | prompt tokens | tokens/s | answer tokens | tokens/s |",
    "| --- | --- | --- | --- | --- | --- |",
    ...answers.map(renderRow),
    ...answers.flatMap(renderAnswer),
    "",
  ].join("\n");
}

function renderRow({ title, problem, timings }: Answer): string {
  const numbers = timings
    ? [
        timings.prompt_n,
        timings.prompt_per_second.toFixed(1),
        timings.predicted_n,
        timings.predicted_per_second.toFixed(1),
      ]
    : ["", "", "", ""];
  return `| ${[title, problem === undefined ? "yes" : "**no**", ...numbers].join(" | ")} |`;
}

function renderAnswer({ title, raw, read, finishReason, problem }: Answer): string[] {
  return [
    "",
    `## ${title}`,
    "",
    ...(problem === undefined ? [] : [`Not as expected: ${problem}.`, ""]),
    `What came back (finish reason ${finishReason || "none"}):`,
    "",
    ...fence(raw),
    "",
    "How it was read:",
    "",
    ...fence(JSON.stringify(read, undefined, 2), "json"),
  ];
}

/** A fence that is longer than any in the text. */
function fence(text: string, language = "text"): string[] {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([ticks]) => ticks.length));
  const ticks = "`".repeat(longest + 1);
  return [`${ticks}${language}`, text, ticks];
}

/** The report is made to be shown to others, whom the name of the user does not concern. */
function withoutHome(text: string): string {
  const home = findHomeFolder();
  return home === undefined ? text : text.replaceAll(home, "~");
}
