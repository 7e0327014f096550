import { type Command, Option } from "commander";
import type { HelpTexts } from "./help/catalogue.ts";
import { positiveNumber } from "./option-values.ts";
import type { ServeFlags } from "./serve.ts";
import type { World } from "./world.ts";

/** Names `gpt-oss serve` and its commands; what they do is only loaded when one of them runs. */
export function addServeCommands(program: Command, { serve: texts, values }: HelpTexts, world: World): void {
  const command = program
    .command("serve")
    .description(texts.description)
    .option("--model <name|file>", texts.model)
    .option("--context <tokens>", texts.context)
    .option("--parallel <number>", texts.parallel, positiveNumber(values))
    .option("--port <port>", texts.port)
    .option("--host <address>", texts.host)
    .addOption(new Option("--api-key <key>", texts.apiKey).env("GPT_OSS_API_KEY"))
    .option("--raw", texts.raw)
    .option("--rpc <host:port,…>", texts.rpc)
    .option("--llama-server <path>", texts.llamaServer)
    .option("--detach", texts.detach)
    .action(async (flags: ServeFlags) => {
      const { serve } = await import("./serve.ts");
      process.exitCode = await serve(flags, world);
    });
  command
    .command("status")
    .description(texts.status.description)
    .option("--json", texts.status.json)
    .action(async (flags: { json?: boolean }) => {
      const { serveStatus } = await import("./serve-control.ts");
      process.exitCode = await serveStatus(flags, world);
    });
  command
    .command("stop")
    .description(texts.stop.description)
    .action(async () => {
      const { serveStop } = await import("./serve-control.ts");
      process.exitCode = await serveStop(world);
    });
  command
    .command("logs")
    .description(texts.logs.description)
    .option("-f, --follow", texts.logs.follow)
    .action(async (flags: { follow?: boolean }) => {
      const { serveLogs } = await import("./serve-control.ts");
      process.exitCode = await serveLogs(flags, world);
    });
}
