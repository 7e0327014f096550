import type { Translation } from "../catalogue.ts";
import type { download as english } from "../english/download.ts";

const CHECK_HUB = "このパッケージを更新するか、HF_ENDPOINT を確かめてください。";
const TRY_LATER = "しばらくしてからもう一度試すか、HF_ENDPOINT を確かめてください。";

export const download: Translation<typeof english> = {
  noRoomForModel: (model, missing, free, folder) => ({
    message: `${model} にはあと ${missing} が必要ですが、${folder} の空きは ${free} です。`,
    hint: "空きを作るか、HF_HOME でモデルの場所を変えてください。",
  }),
  diskFullDuringDownload: (kept, bytes, file) => ({
    message: `ディスクがいっぱいです。${file} は ${bytes} のうち ${kept} まで保存されています。`,
    hint: "空きを作ってもう一度 setup を実行すると、続きから始まります。",
  }),
  downloadNotWritten: (path, reason) => ({
    message: `${path} に書き込めません (${reason})。`,
    hint: "フォルダーの所有者を確かめるか、HF_HOME でモデルの場所を変えてください。",
  }),
  downloadRefused: (host, file, status) => ({
    message: `${host} が ${file} を拒否しました (HTTP ${status})。`,
    hint: "HF_ENDPOINT とネットワークを確かめてください。",
  }),
  gated: (host, file, status, page) => ({
    message: `${host} から ${file} を取得できません (HTTP ${status})。リポジトリーが制限付きか非公開です。`,
    hint: `${page} で利用条件に同意し、アクセストークンを作って HF_TOKEN に設定してください。`,
  }),
  gatedForToken: (host, file, status, page) => ({
    message: `${host} から ${file} を取得できません (HTTP ${status})。リポジトリーが制限付きか非公開、または HF_TOKEN が無効です。`,
    hint: `HF_TOKEN のアカウントで ${page} の利用条件に同意してください。公開モデルに HF_TOKEN は不要です。古いものは外してください。`,
  }),
  otherHash: (file, hash, pinned) => ({
    message: `${file} の SHA-256 は ${hash} で、決められた ${pinned} と異なります。別のファイルです。`,
    hint: CHECK_HUB,
  }),
  otherLength: (file, bytes, pinned) => ({
    message: `${file} は ${bytes} で、決められた ${pinned} と異なります。別のファイルです。`,
    hint: CHECK_HUB,
  }),
  tooManyBytes: (bytes, file) => ({
    message: `サーバーが ${file} の ${bytes} バイトより多くを送ってきました。`,
    hint: CHECK_HUB,
  }),
  wrongHash: (file, hash) => ({
    message: `届いた ${file} の SHA-256 (${hash}) が正しくないため、破棄しました。`,
    hint: "もう一度 setup を実行してください。変わらなければ、途中の何かがファイルを書き換えています。",
  }),
  damagedModel: (path, file, model) => ({
    message: `${path} の SHA-256 が ${file} のものではありません。壊れています。`,
    hint: `npx gpt-oss setup --remove ${model} で削除してから、もう一度セットアップしてください。`,
  }),
  downloadOffline: (file, reason, address, target) => ({
    message: `${file} をダウンロードできませんでした: ${reason}`,
    hint: `ネットワーク (プロキシーの内側では HTTPS_PROXY) を確かめて setup を再実行するか、${address} を手動で取得して ${target} に置いてください。`,
  }),
  downloadFailed: (file, reason) => ({
    message: `${file} をダウンロードできませんでした: ${reason}`,
    hint: "もう一度 setup を実行すると、続きから始まります。",
  }),
  badHubAddress: (address) => ({
    message: `HF_ENDPOINT が http または https のアドレスではありません: ${address}`,
    hint: "HF_ENDPOINT=https://huggingface.co のように書くか、外してください。",
  }),
  notOnHub: (hub, file) => ({
    message: `${hub} に ${file} がありません (HTTP 404)。`,
    hint: "HF_ENDPOINT を確かめ、このパッケージの新しいバージョンがないか確かめてください。",
  }),
  redirectedTooOften: (host, file) => ({ message: `${host} が ${file} を何度も転送します。`, hint: TRY_LATER }),
  redirectNowhere: (host) => ({ message: `${host} の転送先にアドレスがありません。`, hint: TRY_LATER }),
  redirectUnencrypted: (host, next) => ({
    message: `${host} が暗号化されていないアドレス (${next}) に転送しようとしています。`,
    hint: TRY_LATER,
  }),
  badProxy: (name) => ({
    message: `${name} が HTTP プロキシーのアドレスではありません。`,
    hint: `${name}=http://proxy.example:8080 のように書くか、外してください。`,
  }),
  untrustedCertificate: (host, reason) => ({
    message: `${host} の証明書を信頼できません (${reason})。`,
    hint: "組織のプロキシーを経由している場合は、その証明書ファイルを NODE_EXTRA_CA_CERTS で指定してください。",
  }),
};
