import { CATALOGUE, type Sampling } from "../../../setup/model/catalogue.ts";
import type { Environment } from "../../../setup/folders.ts";
import { chooseModel, type LocalModel } from "../../server/choose-model.ts";
import { fileHash, pinnedHash } from "./model-hash.ts";

/** OpenAI's recommendation, for a model that is not in the catalogue. */
const RECOMMENDED: Sampling = { temperature: 1, topP: 1, topK: 0, minP: 0 };

/** What of a model decides its answers. */
export interface ModelFacts {
  readonly name: string;
  /** SHA-256 of its file. */
  readonly hash: string;
  /** How it is sampled where the experiment says nothing. */
  readonly sampling: Sampling;
}

export interface LocalModelFacts extends ModelFacts {
  readonly local: LocalModel;
}

/** @throws GptOssError `model-missing` or `usage` */
export async function localModelFacts(
  wanted: string | undefined,
  options: { readonly cache: string; readonly environment: Environment; readonly signal?: AbortSignal | undefined },
): Promise<LocalModelFacts> {
  const local = await chooseModel({ wanted, ...options });
  const { entry, name, path } = local;
  const hash = entry ? pinnedHash(entry) : await fileHash(path, options.cache, options.signal);
  return { name, hash, sampling: samplingOf(hash), local };
}

/** A known model is sampled as it wants to be, whatever its file is called. */
export function samplingOf(hash: string): Sampling {
  return CATALOGUE.find((entry) => pinnedHash(entry) === hash)?.sampling ?? RECOMMENDED;
}
