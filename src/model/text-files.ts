import type { BaseMessage } from "@langchain/core/messages";
import { z } from "zod";

/*
 * Blocks of content that hold a text file, in the forms that LangChain's users write: standard blocks of version 0 (`source_type`) and of
 * version 1 (`mimeType`), and OpenAI's own.
 */

const textSchema = z.string().optional().catch(undefined);
const blockSchema = z.looseObject({
  type: z.enum(["file", "text-plain"]),
  text: textSchema,
  url: textSchema,
  data: z
    .union([z.string(), z.instanceof(Uint8Array)])
    .optional()
    .catch(undefined),
  mime_type: textSchema,
  mimeType: textSchema,
  title: textSchema,
  metadata: z.looseObject({ filename: textSchema, name: textSchema }).optional().catch(undefined),
  file: z.looseObject({ file_data: textSchema, filename: textSchema }).optional().catch(undefined),
});
const TEXT_TYPE = /^text\/|^application\/(?:json|xml|yaml|x-yaml|javascript|typescript|toml|[\w.-]+\+(?:json|xml))\b/;
const DATA_URL = /^data:([^,;]*)((?:;[^,;]*)*?)(;base64)?,(.*)$/s;

/** A message whose text files are text, which is all that gpt-oss reads. Other blocks stay: the server says what it does not take. */
export function withFilesAsText(message: BaseMessage): BaseMessage {
  const { content } = message;
  if (typeof content === "string") return message;
  const readable = content.map((block) => {
    const text = textOfFile(block);
    return text === undefined ? block : { type: "text", text };
  });
  if (readable.every((block, at) => block === content[at])) return message;
  // the same message in all else, of the same class
  return Object.create(message, { content: { value: readable, enumerable: true } }) as BaseMessage;
}

function textOfFile(block: unknown): string | undefined {
  const { data: file } = blockSchema.safeParse(block);
  if (file === undefined) return undefined;
  const text = file.text ?? decodedText(file) ?? textOfDataUrl(file.url) ?? textOfDataUrl(file.file?.file_data);
  if (text === undefined) return undefined;
  const name = file.metadata?.filename ?? file.metadata?.name ?? file.file?.filename ?? file.title;
  return name === undefined ? text : `${name}:\n\n${text}`;
}

function decodedText({ data, mime_type, mimeType, type }: z.infer<typeof blockSchema>): string | undefined {
  const declared = mime_type ?? mimeType ?? (type === "text-plain" ? "text/plain" : "");
  if (data === undefined || !TEXT_TYPE.test(declared)) return undefined;
  return Buffer.from(typeof data === "string" ? Buffer.from(data, "base64") : data).toString();
}

function textOfDataUrl(url = ""): string | undefined {
  const [, type = "", , base64, body = ""] = DATA_URL.exec(url) ?? [];
  if (!TEXT_TYPE.test(type)) return undefined;
  if (base64 !== undefined) return Buffer.from(body, "base64").toString();
  try {
    return decodeURIComponent(body);
  } catch {
    return body; // not encoded, as browsers accept it
  }
}
