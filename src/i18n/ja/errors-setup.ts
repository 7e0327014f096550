import type { setup as english, download as englishDownload } from "../en/errors-setup.ts";
import type { Translation } from "../language.ts";

export const setup: Translation<typeof english> = {
  toolchainMissing: (problems, command) => ({
    message: `この環境では llama.cpp をビルドできません: ${problems}`,
    hint: `次のコマンドでインストールできます: ${command}`,
  }),
  toolchainUnknown: (problems) => ({
    message: `この環境では llama.cpp をビルドできません: ${problems}`,
    hint: "システムのパッケージマネージャーでインストールしてから、もう一度実行してください。",
  }),
  installFailed: (command, reason) => ({ message: `${command} が失敗しました: ${reason}` }),
  unsupportedPlatform: (system, architecture) => ({
    message: `${system} ${architecture} には対応していません。Linux と macOS の x64 と arm64 で動きます。`,
    hint: "Windows では WSL の中で使ってください。",
  }),
  nodeUnderRosetta: () => ({
    message: "この Node.js は Intel 用で、Rosetta で動いています。このままでは llama.cpp が Mac の GPU を使えません。",
    hint: "arm64 用の Node.js をインストールするか (node -p process.arch が arm64 と表示します)、--gpu cpu で CPU 用にビルドしてください。",
  }),
  impossibleGpu: (backend, system, possible) => ({
    message: `${system} で --gpu ${backend} は使えません。`,
    hint: `使えるもの: ${possible}`,
  }),
  noRunningServer: (path, needed) => ({
    message: `${path} は、この環境で動く llama-server ではありません。`,
    hint: `バージョン ${needed} 以降を指定するか、設定を解除してビルドしてください。`,
  }),
  oldServer: (path, version, needed) => ({
    message: `${path} は llama-server ${version} で、${needed} より古いものです。`,
    hint: "更新するか、設定を解除してビルドしてください。",
  }),
  sourceUnreadable: (reason) => ({ message: `llama.cpp のソースを読めませんでした: ${reason}` }),
  otherSource: (url, reference, tag, tree, pinned) => ({
    message: `${url} の ${reference} は llama.cpp ${tag} ではありません。ツリーは ${tree} で、${pinned} ではありません。`,
    hint: "GPT_OSS_LLAMA_CPP_URL の設定を解除するか、llama.cpp の正確なコピーを指定してください。",
  }),
  sourceNotWritten: (reason, folder) => ({
    message: `git が llama.cpp のソースを書き込めませんでした: ${reason}`,
    hint: `${folder} のディスクの空きを確かめてください。`,
  }),
  sourceUnavailable: (gitProblem, npmProblem) => ({
    message: `llama.cpp のソースを取得できませんでした (git: ${gitProblem}; ${npmProblem})。`,
    hint: "ネットワークまたは HTTPS_PROXY を確かめるか、--llama-server PATH で既存のサーバーを指定してください。",
  }),
  noRoomToBuild: (needed, free, folder) => ({
    message: `llama.cpp のビルドには約 ${needed} が必要ですが、${folder} の空きは ${free} です。`,
    hint: "空き容量を増やすか、GPT_OSS_CACHE でキャッシュの場所を変えてください。",
  }),
  diskFilledUp: () => ({
    message: "ディスクの空きがなくなり、llama.cpp をコンパイルできませんでした。",
    hint: "約 2 GB の空きを作ってもう一度実行すると、続きから始まります。",
  }),
  buildFailed: (lastLines, logFile) => ({
    message: `llama.cpp をコンパイルできませんでした。最後の出力:\n${lastLines}`,
    hint: `ログ全体: ${logFile}`,
  }),
  emptyGreeting: () => ({
    message: "サーバーは動いていますが、テストの質問への回答が空でした。",
    hint: "サーバーのログを確かめるか、モデルを削除してもう一度セットアップしてください。",
  }),
  nothingOnGpu: (backend, layers) => ({
    message: `${backend} 用にビルドしましたが、CPU で動いています (GPU のレイヤー: ${layers})。`,
    hint: "GPU のドライバーと空きメモリーを確かめるか、--gpu cpu でセットアップしてください。",
  }),
  unknownModelToSetUp: (name, names) => ({
    message: `モデル「${name}」はセットアップできません。`,
    hint: `${names} のどれか、Hub のモデル (hf:OWNER/REPO:QUANT)、または .gguf ファイルのパスを指定してください。`,
  }),
  platformNeedsDryRun: () => ({
    message: "--platform は別のマシン用の計画を表示するだけで、ここでは何もしません。",
    hint: "--dry-run と一緒に使ってください。",
  }),
  unknownPlatform: (name, names) => ({
    message: `プラットフォーム「${name}」には対応していません。`,
    hint: `${names} のどれかを指定してください。`,
  }),
  notInstalled: (name, names) => ({
    message: `${name} はインストールされていません。`,
    hint: names === "" ? "削除できるものはありません。" : `${names} のどれかを指定してください。`,
  }),
  notRemovable: (name) => ({ message: `${name} はパッケージの一部のため、単独では削除できません。` }),
  badModelName: (name) => ({
    message: `「${name}」はモデルの名前に使えません。`,
    hint: "文字、数字、ピリオド、ハイフン、下線を使ってください。例: --name safeguard",
  }),
  catalogueNameFixed: (name) => ({
    message: `このモデルは ${name} で、名前は変えられません。`,
    hint: `--name を付けずに --model ${name} を指定してください。`,
  }),
  modelNameTaken: (name) => ({
    message: `${name} という名前のモデルがすでにあります。`,
    hint: "--name で別の名前を付けるか、setup --remove でそのモデルを削除してください。",
  }),
  badModelRecord: (path) => ({
    message: `モデルの一覧が壊れています: ${path}`,
    hint: "ファイルを直すか、削除してもう一度セットアップしてください。ダウンロードしたファイルは失われません。",
  }),
  modelRecordNotRead: (path, reason) => ({
    message: `モデルの一覧 ${path} を読み込めません (${reason})。`,
    hint: "ファイルの所有者と権限を確かめてください。",
  }),
  modelRecordNotWritten: (path, reason) => ({
    message: `モデルの一覧 ${path} に書き込めません (${reason})。`,
    hint: "フォルダーの所有者と空き容量を確かめるか、GPT_OSS_DATA で場所を変えてください。",
  }),
  noFolderForModelRecord: () => ({
    message: "このアカウントにはホームフォルダーがないため、モデルの一覧を保存できません。",
    hint: "GPT_OSS_DATA にフォルダーを指定してください。",
  }),
};

const CHECK_HUB = "このパッケージを更新するか、HF_ENDPOINT を確かめてください。";
const TRY_LATER = "しばらくしてからもう一度試すか、HF_ENDPOINT を確かめてください。";

export const download: Translation<typeof englishDownload> = {
  noRoomForModel: (model, missing, free, folder) => ({
    message: `${model} にはあと ${missing} が必要ですが、${folder} の空きは ${free} です。`,
    hint: "空き容量を増やすか、HF_HOME でモデルの場所を変えてください。",
  }),
  diskFullDuringDownload: (kept, bytes, file) => ({
    message: `ディスクの空きがありません。${file} は ${bytes} のうち ${kept} まで保存されています。`,
    hint: "空き容量を増やしてもう一度 setup を実行すると、続きから始まります。",
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
    hint: `HF_TOKEN のアカウントで ${page} の利用条件に同意してください。公開モデルに HF_TOKEN は不要です。古いトークンの設定は解除してください。`,
  }),
  otherHash: (file, hash, pinned) => ({
    message: `${file} の SHA-256 (${hash}) が、想定された値 ${pinned} と一致しません。`,
    hint: CHECK_HUB,
  }),
  otherLength: (file, bytes, pinned) => ({
    message: `${file} のサイズ (${bytes}) が、想定された値 ${pinned} と一致しません。`,
    hint: CHECK_HUB,
  }),
  tooManyBytes: (bytes, file) => ({
    message: `サーバーが ${file} の ${bytes} バイトより多くを送ってきました。`,
    hint: CHECK_HUB,
  }),
  wrongHash: (file, hash) => ({
    message: `届いた ${file} の SHA-256 (${hash}) が正しくないため、破棄しました。`,
    hint: "もう一度 setup を実行してください。同じエラーが続く場合は、途中のプロキシーがファイルを書き換えている可能性があります。",
  }),
  damagedModel: (path, file, model) => ({
    message: `${path} は壊れています。SHA-256 が ${file} の値と一致しません。`,
    hint: `npx gpt-oss setup --remove ${model} で削除してから、もう一度セットアップしてください。`,
  }),
  downloadOffline: (file, reason, address, target) => ({
    message: `${file} をダウンロードできませんでした: ${reason}`,
    hint: `ネットワーク (プロキシーの内側では HTTPS_PROXY) を確かめて setup を再実行するか、${address} を手動で取得して ${target} に置いてください。`,
  }),
  downloadError: (file, reason) => ({
    message: `${file} をダウンロードできませんでした: ${reason}`,
    hint: "もう一度 setup を実行すると、続きから始まります。",
  }),
  badHubAddress: (address) => ({
    message: `HF_ENDPOINT が http または https のアドレスではありません: ${address}`,
    hint: "HF_ENDPOINT=https://huggingface.co のように設定するか、設定を解除してください。",
  }),
  badHubReference: (text) => ({
    message: `「${text}」は Hub のモデルの書き方ではありません。`,
    hint: "hf:OWNER/REPO、hf:OWNER/REPO:QUANT、hf:OWNER/REPO:FILE.gguf のどれかで書いてください。ブランチ、タグ、コミットは @REVISION で指定できます。",
  }),
  hubRepositoryMissing: (host, repository, revision, status) => ({
    message: `${host} にモデルのリポジトリー ${repository} (リビジョン ${revision}) が見つかりません (HTTP ${status})。`,
    hint: "つづりを確かめてください。非公開または制限付きのリポジトリーには、HF_TOKEN にアクセストークンが必要です。",
  }),
  hubUnreachable: (host, reason) => ({
    message: `${host} にモデルを問い合わせることができません: ${reason}。`,
    hint: "ネットワーク (プロキシーの内側では HTTPS_PROXY) か HF_ENDPOINT を確かめて、もう一度 setup を実行してください。",
  }),
  hubAnswerUnknown: (host, repository) => ({
    message: `${repository} について、${host} から想定外の応答がありました。`,
    hint: "HF_ENDPOINT を確かめてください。ミラーには Hub の API が必要です。",
  }),
  hubWithoutModels: (repository) => ({
    message: `${repository} に GGUF ファイルはありません。`,
    hint: "GGUF のあるリポジトリーを指定してください。多くは名前が -GGUF で終わります。",
  }),
  hubSelectionUnknown: (selection, repository, models) => ({
    message: `${repository} に ${selection} というモデルはありません。次のモデルがあります:${models}`,
    hint: `コロンの後にどれかを書いてください: hf:${repository}:QUANT`,
  }),
  hubAmbiguous: (asked, count, models, example) => ({
    message: `${asked} に当てはまるモデルが ${count} 個あります:${models}`,
    hint: `1 つを選んでください。例: gpt-oss setup --model ${example}`,
  }),
  hubPartsMissing: (path, count, repository) => ({
    message: `${repository} の ${path} は、分割ファイルが ${count} 個足りません。`,
    hint: "このリポジトリーの別のモデルか、別のリビジョンを指定してください。",
  }),
  hubWithoutHash: (file, repository) => ({
    message: `${repository} に ${file} の SHA-256 がないため、ダウンロードを検証できません。`,
    hint: "ファイルを自分でダウンロードし、--model FILE でセットアップしてください。",
  }),
  notOnHub: (hub, file) => ({
    message: `${hub} に ${file} がありません (HTTP 404)。`,
    hint: "HF_ENDPOINT を確かめるか、このパッケージを更新してください。",
  }),
  redirectedTooOften: (host, file) => ({ message: `${host} が ${file} を何度も転送します。`, hint: TRY_LATER }),
  redirectNowhere: (host) => ({ message: `${host} の転送先にアドレスがありません。`, hint: TRY_LATER }),
  redirectUnencrypted: (host, next) => ({
    message: `${host} が暗号化されていないアドレス (${next}) に転送しようとしています。`,
    hint: TRY_LATER,
  }),
  badProxy: (name) => ({
    message: `${name} が HTTP プロキシーのアドレスではありません。`,
    hint: `${name}=http://proxy.example:8080 のように設定するか、設定を解除してください。`,
  }),
  untrustedCertificate: (host, reason) => ({
    message: `${host} の証明書を信頼できません (${reason})。`,
    hint: "組織のプロキシーを経由している場合は、その証明書ファイルを NODE_EXTRA_CA_CERTS で指定してください。",
  }),
};
