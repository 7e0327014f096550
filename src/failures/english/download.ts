import type { Entries } from "../catalogue.ts";

/** What can go wrong while a model is downloaded. */
export const download = {
  noRoomForModel: (model: string, missing: string, free: string, folder: string) => ({
    code: "disk-full",
    message: `${model} needs ${missing} more, but only ${free} are free at ${folder}.`,
    hint: "Free some space, or put the models elsewhere with HF_HOME.",
  }),
  diskFullDuringDownload: (kept: string, bytes: string, file: string) => ({
    code: "disk-full",
    message: `The disk is full; ${kept} of ${bytes} of ${file} are kept.`,
    hint: "Free some space and run setup again; it goes on where it stopped.",
  }),
  downloadNotWritten: (path: string, reason: string) => ({
    code: "download-failed",
    message: `${path} can't be written (${reason}).`,
    hint: "Check who owns that folder, or put the models elsewhere with HF_HOME.",
  }),
  downloadRefused: (host: string, file: string, status: number) => ({
    code: "download-failed",
    message: `${host} refused ${file} (HTTP ${status}).`,
    hint: "Check HF_ENDPOINT and the network.",
  }),
  gated: (host: string, file: string, status: number, page: string) => ({
    code: "model-gated",
    message: `${host} does not give ${file} out (HTTP ${status}): its repository is gated or private.`,
    hint: `Accept the terms at ${page}, create an access token there, and set HF_TOKEN to it.`,
  }),
  gatedForToken: (host: string, file: string, status: number, page: string) => ({
    code: "model-gated",
    message: `${host} does not give ${file} out (HTTP ${status}): its repository is gated or private, or HF_TOKEN is not valid.`,
    hint: `Accept the terms at ${page} with the account that HF_TOKEN belongs to; a model that is open to all needs no HF_TOKEN: unset an old one.`,
  }),
  otherHash: (file: string, hash: string, pinned: string) => ({
    code: "download-corrupt",
    message: `${file} has the SHA-256 ${hash} there, but ${pinned} is pinned: it is another file.`,
    hint: "Update this package, or check HF_ENDPOINT.",
  }),
  otherLength: (file: string, bytes: string, pinned: string) => ({
    code: "download-corrupt",
    message: `${file} has ${bytes} there, but ${pinned} are pinned: it is another file.`,
    hint: "Update this package, or check HF_ENDPOINT.",
  }),
  tooManyBytes: (bytes: number, file: string) => ({
    code: "download-corrupt",
    message: `The server sends more than the ${bytes} bytes that ${file} has.`,
    hint: "Update this package, or check HF_ENDPOINT.",
  }),
  wrongHash: (file: string, hash: string) => ({
    code: "download-corrupt",
    message: `${file} arrived with the wrong SHA-256 (${hash}); it was thrown away.`,
    hint: "Run setup again; if it stays so, something between here and the server changes the file.",
  }),
  damagedModel: (path: string, file: string, model: string) => ({
    code: "download-corrupt",
    message: `${path} does not have the SHA-256 of ${file}: it is damaged.`,
    hint: `Remove it with npx gpt-oss setup --remove ${model}, then set it up again.`,
  }),
  downloadOffline: (file: string, reason: string, address: string, target: string) => ({
    code: "download-failed",
    message: `${file} could not be downloaded: ${reason}.`,
    hint: `Check the network (behind a proxy, set HTTPS_PROXY) and run setup again, or fetch ${address} by hand and put it at ${target}.`,
  }),
  downloadFailed: (file: string, reason: string) => ({
    code: "download-failed",
    message: `${file} could not be downloaded: ${reason}.`,
    hint: "Run setup again; it goes on where it stopped.",
  }),
  badHubAddress: (address: string) => ({
    code: "usage",
    message: `HF_ENDPOINT is not an http or https address: ${address}.`,
    hint: "Write it like HF_ENDPOINT=https://huggingface.co, or unset it.",
  }),
  notOnHub: (hub: string, file: string) => ({
    code: "download-failed",
    message: `${hub} has no ${file} (HTTP 404).`,
    hint: "Check HF_ENDPOINT, and whether a newer version of this package knows a new address.",
  }),
  redirectedTooOften: (host: string, file: string) => ({
    code: "download-failed",
    message: `${host} redirects ${file} too often.`,
    hint: "Try again later, or check HF_ENDPOINT.",
  }),
  redirectNowhere: (host: string) => ({
    code: "download-failed",
    message: `${host} redirects to no address.`,
    hint: "Try again later, or check HF_ENDPOINT.",
  }),
  redirectUnencrypted: (host: string, next: string) => ({
    code: "download-failed",
    message: `${host} redirects to an address that is not encrypted (${next}).`,
    hint: "Try again later, or check HF_ENDPOINT.",
  }),
  badProxy: (name: string) => ({
    code: "usage",
    message: `${name} is not the address of an HTTP proxy.`,
    hint: `Write it like ${name}=http://proxy.example:8080, or unset it.`,
  }),
  untrustedCertificate: (host: string, reason: string) => ({
    code: "download-failed",
    message: `The certificate of ${host} is not trusted (${reason}).`,
    hint: "If a proxy of your organisation stands in between, name its certificate file with NODE_EXTRA_CA_CERTS.",
  }),
} satisfies Entries;
