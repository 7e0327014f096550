import { tmpdir } from "node:os";
import { join } from "node:path";

/** Where the chats of this test run keep their sessions, so that those of the user stay alone. */
export function testDataFolder(): string {
  return join(tmpdir(), `gpt-oss-test-data-${process.pid}`);
}
