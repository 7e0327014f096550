import { type GptOssError, systemCodeOf } from "../../src/errors.ts";
import { failed, reason } from "../../src/failures/failure.ts";
import { exactBytes, formatBytes } from "../format.ts";
import type { ModelFile } from "./catalogue.ts";
import type { HttpResponse } from "./http-client.ts";
import { requestedWaitMs } from "./requested-wait.ts";
import { TransientError } from "./transient-error.ts";

export interface Refusable {
  readonly file: ModelFile;
  /** Who answered: "huggingface.co". */
  readonly host: string;
  /** Address of the page where a model's terms are accepted. */
  readonly modelPage: string;
  readonly hasToken: boolean;
  /** True for an answer of the hub itself, false for one of the storage that it redirects to. */
  readonly fromHub: boolean;
}

/** Turns a refusal into the sentence that helps; what may pass with time becomes a TransientError. */
export function refuse(response: HttpResponse, request: Refusable): void {
  const { status } = response;
  if (isWebPage(response)) throw new TransientError(reason("webPage", request.host));
  // 416 answers an offset: the download decides what that means
  if (status < 400 || status === 416) return;
  const { file, host, fromHub } = request;
  if (status === 401 || status === 403) {
    if (fromHub) throw gated(status, request);
    // the signed address has run out; the next try asks the hub for a new one
    throw new TransientError(reason("oldSignature", host, status));
  }
  if (status === 408 || status === 429 || status >= 500) {
    const problem = reason(status === 429 ? "slowDown" : "hostInTrouble", host, status);
    throw new TransientError(problem, requestedWaitMs(response));
  }
  throw failed("downloadRefused", [host, file.name, status]);
}

/** A network that wants a login first answers everything with its page. */
function isWebPage(response: HttpResponse): boolean {
  const isAnswer = response.status >= 200 && response.status < 300;
  return isAnswer && /^\s*(?:text\/html|application\/xhtml)/i.test(response.header("content-type") ?? "");
}

function gated(status: number, { file, host, modelPage, hasToken }: Refusable): GptOssError {
  return failed(hasToken ? "gatedForToken" : "gated", [host, file.name, status, modelPage]);
}

/** Hugging Face names length and SHA-256 of large files on its redirect; other servers at least say how long the body is. */
export function compareWithPinned(response: HttpResponse, file: ModelFile): void {
  const linked = response.header("x-linked-size");
  const bytes = linked ?? (response.status === 200 ? response.header("content-length") : undefined);
  if (bytes !== undefined && Number(bytes) !== file.bytes) throw anotherLength(file, Number(bytes));
  const hash = /[0-9a-f]{64}/i.exec(response.header("x-linked-etag") ?? "")?.[0].toLowerCase();
  if (hash !== undefined && hash !== file.sha256) throw failed("otherHash", [file.name, hash, file.sha256]);
}

export function anotherLength(file: ModelFile, bytes: number): GptOssError {
  return failed("otherLength", [file.name, exactBytes(bytes), exactBytes(file.bytes)]);
}

const NO_NETWORK = new Set(["ENOTFOUND", "EAI_AGAIN", "ECONNREFUSED", "ENETUNREACH", "EHOSTUNREACH"]);

export interface LostDownload {
  readonly file: ModelFile;
  readonly keptBytes: number;
  /** Where the file could be fetched from by hand, and where it would have to be put. */
  readonly address: string;
  readonly target: string;
}

/** What is said when every try failed. */
export function downloadFailed(
  failure: TransientError,
  { file, keptBytes, address, target }: LostDownload,
): GptOssError {
  const because =
    keptBytes > 0 ? reason("kept", failure.problem, formatBytes(keptBytes), formatBytes(file.bytes)) : failure.problem;
  return NO_NETWORK.has(systemCodeOf(failure) ?? "")
    ? failed("downloadOffline", [file.name, because, address, target], { cause: failure })
    : failed("downloadFailed", [file.name, because], { cause: failure });
}
