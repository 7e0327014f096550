import type { Reply } from "../supervisor/protocol.ts";
import { findSupervisor, type ReachOptions } from "./reach-supervisor.ts";

export type StatusReply = Extract<Reply, { type: "status" }>;

/** What servers there are and who uses them; undefined when no supervisor runs, which means: none. */
export async function askStatus(options: ReachOptions): Promise<StatusReply | undefined> {
  const connection = await findSupervisor(options);
  if (connection === undefined) return undefined;
  const reply = await connection.ask({ type: "status" }, "status");
  await connection.close();
  return reply;
}

/** Stops every server, also those in use. @returns how many there were */
export async function stopServers(options: ReachOptions): Promise<number> {
  const connection = await findSupervisor(options);
  if (connection === undefined) return 0;
  const reply = await connection.ask({ type: "stop" }, "stopped");
  await connection.close();
  return reply?.servers ?? 0;
}
