import { answerInWorker } from "../../../src/platform/answer-in-worker.ts";

/** Work of every kind that a thread has to contain. */
const TASKS: Readonly<Record<string, () => unknown>> = {
  double: () => "42",
  objects: () => ({ list: [1n, new Date(0)], map: new Map([["key", undefined]]) }),
  "endless loop": () => {
    for (;;);
  },
  "endless expression": () => /^(a+)+$/.test(`${"a".repeat(40)}!`),
  "promise that never settles": () => new Promise(() => undefined),
  "promise that never settles, with a timer": () => new Promise(() => setInterval(() => undefined, 10)),
  throw: () => {
    throw new RangeError("out of it");
  },
  "throw what can't be copied": () => {
    // eslint-disable-next-line no-throw-literal
    throw Object.assign(new Error("with a function"), { call: () => undefined });
  },
  "answer what can't be copied": () => () => undefined,
  exit: () => process.exit(0),
  "exit with a status": () => process.exit(3),
  "reject later": () => {
    setTimeout(() => void Promise.reject(new Error("later")), 5);
    return new Promise(() => undefined);
  },
  memory: () => {
    const kept: number[][] = [];
    for (;;) kept.push(Array.from({ length: 10_000 }, (_, index) => index));
  },
  recursion: () => {
    const deeper = (depth: number): number => 1 + deeper(depth + 1);
    return deeper(0);
  },
  print: () => {
    console.log("printed");
    return "done";
  },
};

await answerInWorker((name: string) => TASKS[name]?.());
