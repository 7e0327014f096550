import type { Translation } from "../catalogue.ts";
import type { setup as english } from "../english/setup.ts";

export const setup: Translation<typeof english> = {
  toolchainMissing: (problems, command) => ({
    message: `ここでは llama.cpp をビルドできません: ${problems}`,
    hint: `次のコマンドでインストールできます: ${command}`,
  }),
  toolchainUnknown: (problems) => ({
    message: `ここでは llama.cpp をビルドできません: ${problems}`,
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
    message: `${path} は、ここで動く llama-server ではありません。`,
    hint: `バージョン ${needed} 以降を指定するか、指定を外してビルドさせてください。`,
  }),
  oldServer: (path, version, needed) => ({
    message: `${path} は llama-server ${version} で、${needed} より古いものです。`,
    hint: "更新するか、指定を外してビルドさせてください。",
  }),
  sourceUnreadable: (reason) => ({ message: `llama.cpp のソースを読めませんでした: ${reason}` }),
  otherSource: (url, reference, tag, tree, pinned) => ({
    message: `${url} の ${reference} は llama.cpp ${tag} ではありません。ツリーは ${tree} で、${pinned} ではありません。`,
    hint: "GPT_OSS_LLAMA_CPP_URL を外すか、正しい llama.cpp の写しを指定してください。",
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
    hint: "空きを作るか、GPT_OSS_CACHE でキャッシュの場所を変えてください。",
  }),
  diskFilledUp: () => ({
    message: "llama.cpp のコンパイル中にディスクがいっぱいになりました。",
    hint: "約 2 GB の空きを作ってもう一度実行すると、続きから始まります。",
  }),
  buildFailed: (lastLines, logFile) => ({
    message: `llama.cpp をコンパイルできませんでした。最後の出力:\n${lastLines}`,
    hint: `ログ全体: ${logFile}`,
  }),
  emptyGreeting: () => ({
    message: "サーバーは動いていますが、挨拶への回答が空でした。",
    hint: "サーバーのログを確かめるか、モデルを削除してもう一度セットアップしてください。",
  }),
  nothingOnGpu: (backend, layers) => ({
    message: `${backend} 用にビルドしましたが、GPU にあるレイヤーは ${layers} です。CPU で回答しています。`,
    hint: "GPU のドライバーと空きメモリーを確かめるか、--gpu cpu でセットアップしてください。",
  }),
  unknownModelToSetUp: (name, names) => ({
    message: `セットアップできる ${name} というモデルはありません。`,
    hint: `${names} のどれかを指定してください。手元の .gguf ファイルにセットアップは不要です: gpt-oss chat --model FILE`,
  }),
  platformNeedsDryRun: () => ({
    message: "--platform は別のマシン用の計画を表示するだけで、ここでは何もしません。",
    hint: "--dry-run と一緒に使ってください。",
  }),
  unknownPlatform: (name, names) => ({
    message: `${name} 用の計画はありません。`,
    hint: `${names} のどれかを指定してください。`,
  }),
  notInstalled: (name, names) => ({
    message: `${name} というものはインストールされていません。`,
    hint: names === "" ? "削除できるものはありません。" : `${names} のどれかを指定してください。`,
  }),
  notRemovable: (name) => ({ message: `${name} はパッケージの一部のため、単独では削除できません。` }),
};
