import type { SetupText } from "../en/setup.ts";

/** What setup says while it works, in Japanese. */
export const setup: SetupText = {
  language: "ja",
  comma: "、",
  steps: {
    platform: "環境",
    toolchain: "ツール",
    source: "ソース",
    build: "ビルド",
    model: "モデル",
    verify: "確認",
  },
  alreadyDone: "完了済み",
  activities: {
    fetching: "llama.cpp を取得中",
    compiling: "コンパイル中",
    downloading: "ダウンロード中",
    checking: "検査中",
  },
  amount: (done, total) => `${done} / ${total}`,
  timeLeft: (time) => `残り ${time}`,

  lookingAtMachine: "このマシンを調べています",
  machine: ({ system, memory, disk, backend, reason }) =>
    `${system}、メモリー ${memory}、ディスクの空き ${disk}、${backend} を使用 (${reason})`,
  notNeeded: "llama-server があるため不要です",
  origins: { named: "設定で指定", built: "setup でビルド", PATH: "PATH で検出" },
  serverThere: (version, origin, path) => `llama-server ${version}、${origin}: ${path}`,
  lookingForTools: "git、cmake、C++17 コンパイラーを探しています",
  installQuestion: (problem, command) => `${problem}。次のコマンドでインストールしますか？ ${command}`,
  waitingForBuild: (pid) => `プロセス ${pid} が llama.cpp をビルドしているため、待っています。`,
  builtMeanwhile: "待っている間に、別のプロセスがビルドを終えました。",
  fetchingSource: (tag) => `llama.cpp ${tag} を取得中`,
  sourceThere: (tag, tree) => `llama.cpp ${tag}、ツリー ${tree}`,
  sourceFetched: (tag, origin, tree) => `llama.cpp ${tag} (取得元: ${origin})、ツリー ${tree}`,
  buildTakes: (minutes) => `llama-server のコンパイルには約 ${minutes} 分かかります (初回のみ)。`,
  serverBuilt: (version, backend, path) => `llama-server ${version}、${backend} 用: ${path}`,
  lookingForModel: (name) => `${name} を探しています`,
  downloadQuestion: (name, bytes) => `${name} (${bytes}) をダウンロードしますか？`,
  modelFetched: (name, bytes, path) => `${name}、${bytes} を取得し、SHA-256 を確認しました: ${path}`,
  askingServer: "サーバーを起動し、質問しています",
  speeds: (prompt, answer) => `プロンプト 毎秒 ${prompt} トークン、回答 毎秒 ${answer} トークン`,
  onCpu: (speeds) => `${speeds}、CPU で動作`,
  onGpu: (speeds, offloaded, total, gpu) => `${speeds}、${gpu ?? "GPU"} に ${total} レイヤー中 ${offloaded}`,
  ready: (model) => `準備ができました。次のコマンドでチャットを始められます: npx gpt-oss chat --model ${model}`,

  inventory: {
    unfinishedBuild: "llama-server のビルド (未完了)",
    source: "llama.cpp のソース (ビルドにのみ必要)",
    model: "モデル",
    partOfModel: "モデル (ダウンロード途中)",
    shippedModel: "モデル (パッケージに付属)",
    removed: (name, bytes) => `${name} (${bytes}) を削除しました。`,
  },

  plan: {
    machine: (system, backend, reason) => `${system}、${backend} 用にビルド (${reason})`,
    notNeeded: "不要",
    useServer: (path) => `${path} を使用`,
    tools: (more) => `確認: git、cmake、C++17 コンパイラー、make または ninja${more}`,
    moreTools: { cpu: "", metal: "", cuda: "、nvcc", vulkan: "、Vulkan のヘッダー、SPIR-V のヘッダー、glslc" },
    elseFromNpm: (bytes, integrity) => `git で取得できない場合は npm のレジストリーから (${bytes}、${integrity}):`,
    checkTree: (tree) => `確認: git のツリー ${tree}`,
    moveTo: (folder) => `移動先: ${folder}`,
    copyTo: (program, path) => `${program} のコピー先: ${path}`,
    shippedModel: "デモ用モデルはパッケージに付属しているため、取得するものはありません",
    modelThere: (name, folder) => `${name} は ${folder} にあるため、取得するものはありません`,
    inAll: (bytes, missing, folder) =>
      `合計 ${bytes}${missing === undefined ? "" : ` (未取得 ${missing})`}、保存先: ${folder}`,
    verify: "ループバックでサーバーを起動し、質問を 1 つして、毎秒のトークン数と GPU のレイヤー数を表示し、停止",
  },
};
