import { afterAll, describe, expect, it } from "@jest/globals";
import {
  CLASSES,
  type Mark,
  markOf,
  publishedMark,
  publishMarks,
  type ServerAddress,
  type ServerName,
  STANDARD_TESTS,
  subjectOf,
} from "./score.ts";
import type { StandardTest, Subject } from "./standard-test.ts";

export interface ScoredServer {
  readonly name: ServerName;
  readonly address: () => ServerAddress;
  readonly callsInParallel: boolean;
}

/** Runs the standard tests for both classes on a server. Each must end as the table in docs/langchain.md says. */
export function checkScore({ name: server, address, callsInParallel }: ScoredServer): void {
  describe.each(CLASSES)(`on a server (${server}), %s`, (className) => {
    const marks = new Map<string, Mark>();
    it.each(STANDARD_TESTS.map((test) => [test.name, test] as const))("%s", async (name, test) => {
      const subject = subjectOf(className, address(), callsInParallel);
      if (process.env["UPDATE_GOLDEN"] === "1") marks.set(name, await markOf(test, subject));
      else await expectMark(test, subject, publishedMark(name, server, className));
    });
    afterAll(() => {
      if (process.env["UPDATE_GOLDEN"] === "1") publishMarks(server, className, marks);
    });
  });
}

/** A test that should pass shows why it does not. */
async function expectMark(test: StandardTest, subject: Subject, published: string | undefined): Promise<void> {
  if (published === "✓") return await test.run(subject);
  expect(await markOf(test, subject)).toBe(published);
}
