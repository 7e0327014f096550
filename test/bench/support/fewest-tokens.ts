/** Posts JSON to the server and gives its reply's JSON. */
export type Post = (path: string, body: object) => Promise<unknown>;

/** Tokens that have been read after some beginning, each with what has been read after it. */
interface Read extends Map<number, Read> {}

/**
 * The fewest prompt tokens that a llama-server can evaluate for these prompts in any order: each token after each beginning once,
 * and one for every prompt that it has read already, since it always evaluates the last one.
 * @param conversations all different
 * @param repeats how often each is asked
 */
export async function fewestPromptTokens(
  post: Post,
  conversations: readonly object[],
  repeats: number,
): Promise<number> {
  const read: Read = new Map();
  let fewest = conversations.length * (repeats - 1);
  for (const fields of conversations) fewest += Math.max(1, readPrompt(read, await tokensOf(post, fields)));
  return fewest;
}

async function tokensOf(post: Post, fields: object): Promise<readonly number[]> {
  const { prompt } = (await post("/apply-template", fields)) as { readonly prompt: string };
  const { tokens } = (await post("/tokenize", { content: prompt })) as { readonly tokens: readonly number[] };
  return tokens;
}

/** @returns how many of the tokens had not been read after this beginning */
function readPrompt(read: Read, tokens: readonly number[]): number {
  let place = read;
  let unread = 0;
  for (const token of tokens) {
    const next = place.get(token) ?? new Map<number, Read>();
    if (!place.has(token)) {
      place.set(token, next);
      unread++;
    }
    place = next;
  }
  return unread;
}
