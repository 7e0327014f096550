/** What both sides run: every variant on every case, as often as it says. */
export interface Workload {
  readonly name: string;
  readonly variants: readonly Variant[];
  /** What stands for {{task}}. */
  readonly tasks: readonly string[];
  readonly repeats: number;
  readonly maxTokens: number;
  /** Host memory in which the server may keep prompts that left their slot; its own default when undefined. */
  readonly cacheMebibytes?: number;
}

export interface Variant {
  readonly system: string | undefined;
  /** Has {{task}} in it. */
  readonly body: string;
}

const indices = (count: number) => Array.from({ length: count }, (_, index) => index);

/** About 500 tokens that differ from variant to variant. */
function rulesOf(variant: number): string {
  const notes = indices(25).map((index) => `Note ${index} of plan ${variant} is about number ${index * 7}.`);
  return `Plan ${variant}. ${notes.join(" ")}`;
}

const inSystemMessage = (variant: number): Variant => ({ system: rulesOf(variant), body: "{{task}}" });
const inUserMessage = (variant: number): Variant => ({ system: undefined, body: `${rulesOf(variant)} {{task}}` });

const shortTask = (index: number) => (index % 2 === 0 ? `Count to ${index + 1}.` : `Repeat: word ${index}`);
/** More than gpt-oss's sliding window and llama-server's batch hold together: some 700 tokens. */
const documentTask = (index: number) => `${`Fact ${index} of the text. `.repeat(100)}Count to ${index + 1}.`;

const SHORT_CASES = { tasks: indices(40).map(shortTask), repeats: 3, maxTokens: 64 };

export const workloads: readonly Workload[] = [
  { name: "rules in the system message", variants: indices(6).map(inSystemMessage), ...SHORT_CASES },
  {
    name: "the same, --cache-ram 0",
    variants: indices(6).map(inSystemMessage),
    ...SHORT_CASES,
    repeats: 1,
    cacheMebibytes: 0,
  },
  {
    name: "rules in the user's message, before a text",
    variants: indices(6).map(inUserMessage),
    tasks: indices(10).map(documentTask),
    repeats: 2,
    maxTokens: 64,
  },
];
