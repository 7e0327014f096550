import { z } from "zod";
import { invalidRequest } from "./api-error.ts";

/** Text, or parts. What a part is depends on its type; unknown ones are named in the error. */
export const contentSchema = z.union([z.string(), z.array(z.looseObject({ type: z.string() }))]).nullish();
export type Content = z.output<typeof contentSchema>;
type ContentPart = Exclude<Content, string | null | undefined>[number];

const TEXT_TYPES: ReadonlySet<string> = new Set([
  "text",
  "input_text",
  "output_text",
  "reasoning_text",
  "summary_text",
  "refusal",
]);
const IMAGE_TYPES: ReadonlySet<string> = new Set(["image_url", "image", "input_image"]);

export interface TextOptions {
  /** The place of the content in the request, for errors. */
  readonly param: string;
  /** Between the parts. */
  readonly separator: string;
  /** Tools return images unasked, and an agent can continue without them. A user who sends an image expects an answer about it. */
  readonly replaceImages?: boolean;
}

/** The text of a content. @throws ApiError for images, files and other content that the model cannot read */
export function textOf(content: Content, { param, separator, replaceImages = false }: TextOptions): string {
  if (content === undefined || content === null) return "";
  if (typeof content === "string") return content;
  const texts = content.map((part, index) => textOfPart(part, `${param}[${index}]`, replaceImages));
  return texts.filter((text) => text !== "").join(separator);
}

function textOfPart(part: ContentPart, param: string, replaceImages: boolean): string {
  const { type, text, refusal, source, title } = part;
  if (TEXT_TYPES.has(type)) {
    const given = text ?? refusal;
    if (typeof given === "string") return given;
    throw invalidRequest(`A part of type ${type} needs a text.`, param);
  }
  if (type === "document" && isTextSource(source)) {
    return typeof title === "string" ? `${title}\n${source.data}` : source.data;
  }
  if (replaceImages)
    return `[${IMAGE_TYPES.has(type) ? "An image" : `Content of type ${type}`} was left out: the model reads text only.]`;
  if (IMAGE_TYPES.has(type)) throw invalidRequest("The model reads text only. It cannot take images.", param);
  throw invalidRequest(`The model reads text only. It cannot take content of type ${JSON.stringify(type)}.`, param);
}

function isTextSource(source: unknown): source is { readonly data: string } {
  const { type, data } = (source ?? {}) as Partial<Record<"type" | "data", unknown>>;
  return type === "text" && typeof data === "string";
}
