import type { HelpText } from "../en/help.ts";

const model: HelpText["model"] = {
  model: "gpt-oss-20b、gpt-oss-120b、demo、セットアップしたモデル、または .gguf ファイル (GPT_OSS_MODEL)",
  baseUrl: "サーバーを起動せず、このアドレスのサーバーを使います (OPENAI_BASE_URL)",
  effort: "推論の深さ (effort) (GPT_OSS_EFFORT)",
  context: "起動するサーバーのコンテキストの大きさ (GPT_OSS_CONTEXT)",
  maxTokens: "1 つの回答のトークン数の上限 (GPT_OSS_MAX_TOKENS)",
  port: "起動するサーバーのポート。省略すると空いているポート (GPT_OSS_PORT)",
  rpc: "モデルのレイヤーをこれらの rpc-server に分担させます (GPT_OSS_RPC)",
  llamaServer: "この llama-server を使います (GPT_OSS_LLAMA_SERVER)",
  lang: "画面の言語。省略するとロケールに従います (GPT_OSS_LANG)",
  plain: "Markdown を整形せずに表示します (GPT_OSS_PLAIN)",
  showThinking: "モデルの思考を標準エラー出力に表示します (GPT_OSS_THINK=show)",
};

const chat: HelpText["chat"] = {
  description: "モデルと会話します。llama-server がない場合は、最初にビルドします",
  continue: "直前の会話を続けます",
  resume: "指定した会話を再開します。省略すると一覧から選びます",
  fork: "指定した会話のコピーで続けます",
  noSave: "この会話を保存しません",
  memory: "コンテキストがいっぱいになったときの扱い。省略すると summary",
  cutLong: "収まらないメッセージを、エラーにせず短縮して送ります",
  tools: "モデルに許可するツール。例: calculator,clock,files:PATH (docs/agent.md)",
  allow: 'code:PATH が確認なしで実行できるコマンド。例: "npm test" (複数指定可)',
};

const ask: HelpText["ask"] = {
  description: "質問を 1 つだけ送ります。パイプからの入力は質問に加わり、標準出力には回答だけを書きます",
  system: "システムメッセージ",
  prompt: "組み込みのプロンプト名、または Markdown ファイル",
  variable: "プロンプトの変数。何度でも指定できます",
  schema: "回答が従う JSON スキーマ",
  json: "JSON オブジェクトを 1 つ出力します: final、analysis、commentary、toolCalls、usage、timings など",
  jsonl: "届いた順に、1 行に 1 つの JSON オブジェクトを出力します",
  noSave: "この会話を保存しません",
};

const config: HelpText["config"] = {
  description: "各設定の値と、それがどこで指定されたかを表示します",
  json: "JSON で出力します",
};

const experiment: HelpText["experiment"] = {
  description: "プロンプトの実験を行い、結果を調べます",
  runArgument: "NAME (最新の実行)、NAME~1 (その 1 つ前)、NAME/RUN、または実行のフォルダー",
  format: "標準出力に書く形式",
  out: "すべての実行を置くフォルダー",
  allowJavascript: "実験が指定する JavaScript モジュールの実行を許可します",
  run: {
    description: "実験を、名前または YAML ファイルのパスで指定して実行します。もう一度実行すると続きから始まります",
    limit: "先頭からこの数のケースだけを実行します",
    only: "当てはまるバリアント、ケース、タグ、effort、モデル、温度だけを実行します。failed は最新の実行で失敗したものです。繰り返し指定できます",
    sample: "ケースから無作為に選んで実行します",
    seed: "無作為に選ぶときのシード (既定値: 1)",
    compareTo: "--format json で書き出したこのファイルの結果と比較します。--no-regression の対象にもなります",
    repeats: "テストケースごとに質問する回数",
    exact: "スロットを 1 つにし、キャッシュを使いません。同じシードなら同じ回答になります",
    dryRun: "質問の計画を表示するだけで、質問しません",
    fresh: "保存済みの回答を使わず、すべて質問し直します",
    model: "実験で指定されたモデルの代わりに使います",
    baseUrl: "llama-server を起動せず、このアドレスのものを使います (OPENAI_BASE_URL)",
    llamaServer: "このプログラムを llama-server として使います (GPT_OSS_LLAMA_SERVER)",
    slots: "同時に送る質問の数",
    require: "満たさなければ終了コード 1 で終了します。例: 'score>=0.8'、'no_regression=0.05'。何度でも指定できます",
    noRegression:
      "基準よりスコアの低いバリアントがあるとき、またはケースが少なすぎて判断できないときに、終了コード 1 で終了します。=0.05 を付けると、それより大きなスコアの低下がないと確かめられないときに、終了コード 1 で終了します",
  },
  report: { description: "実行の結果を、指定した形式で表示します" },
  rescore: { description: "実験の現在のチェックで、保存済みの回答を採点し直します (モデルは呼び出しません)" },
  compare: { description: "2 つの実行をケースごとに比べ、後の実行で何が変わったかを表示します" },
  diff: {
    description: "回答を基準の回答と並べ、変わった部分に印を付けて表示します",
    variant: "このバリアントだけを表示します",
    all: "回答が異なるケースだけでなく、すべてのケースを表示します",
  },
  import: {
    description: "promptfooconfig.yaml を変換して同じフォルダーに実験を作成し、変換できなかった項目を表示します",
    name: "実験の名前 (既定値: フォルダーの名前)",
  },
  init: { description: "demo モデルで実行できる、コメント付きの小さな例を作成します" },
  list: { description: "実行できる実験と、これまでの実行を表示します" },
  schema: { description: "実験の YAML ファイルの JSON スキーマを、エディター用に出力します" },
};

const program: HelpText["program"] = {
  description: "OpenAI のオープンウェイトモデル gpt-oss を自分のマシンで動かします。",
  version: "バージョンを表示します",
  helpOption: "ヘルプを表示します",
  helpCommand: "コマンドのヘルプを表示します",
};

const completion: HelpText["completion"] = {
  description: "zsh、bash、fish の補完スクリプトを出力します",
  ownDescription: "シェルの補完スクリプトを出力します",
  shell: "シェルの種類",
};

const layout: HelpText["layout"] = {
  usage: "使い方:",
  options: "[オプション]",
  command: "[コマンド]",
  argumentsHeading: "引数:",
  optionsHeading: "オプション:",
  commandsHeading: "コマンド:",
  examplesHeading: "例:",
  choices: (values) => `指定できる値: ${values.map((value) => JSON.stringify(value)).join(", ")}`,
  defaultValue: (value) => `既定値: ${JSON.stringify(value)}`,
  variable: (name) => `環境変数: ${name}`,
  notes: (notes) => notes.map((note) => `(${note})`).join(" "),
};

const errors: HelpText["errors"] = {
  unknownCommand: (name, similar) => `「${name}」というコマンドはありません。${didYouMean(similar)}`,
  unknownOption: (flag, similar) => `${flag} というオプションはありません。${didYouMean(similar)}`,
  missingArgument: (name) => `引数 <${name}> を指定してください。`,
  missingValue: (option, syntax) => `${option} の値がありません。${syntax} の形で指定してください。`,
  tooManyArguments: (command, expected, given) =>
    expected === 0
      ? `${command} は引数を取りませんが、${given} 個指定されています。`
      : `${command} の引数は ${expected} 個ですが、${given} 個指定されています。`,
  invalidValue: (option, value, why) => `${option} に「${value}」は指定できません。${why}`,
  choices: (values) => `指定できる値: ${values.join("、")}`,
  dashHint: '「-」で始まる質問には、前に -- を付けてください: gpt-oss ask -- "-5 + 3?"',
  seeHelp: (command) => `使い方を表示するには: ${command} --help`,
};

function didYouMean(names: readonly string[]): string {
  return names.length === 0 ? "" : `${names.join("、")} のことですか？`;
}

const values: HelpText["values"] = {
  margin: "0 から 1 までの数を指定してください。",
  positiveNumber: "1 以上の整数を指定してください。",
};

const setup: HelpText["setup"] = {
  description: "このマシン用に llama.cpp をビルドし、モデルを取得して、両方が動くことを確かめます",
  model:
    "gpt-oss-20b、gpt-oss-120b、demo、Hub の GGUF (hf:OWNER/REPO[:QUANT または FILE][@REVISION])、または .gguf ファイル",
  name: "--model hf:… やファイルに付ける名前",
  gpu: "ビルド対象のバックエンド",
  withRpc: "複数のマシン用にビルドします (レイヤーを配る llama-server と、受け持つ rpc-server)",
  jobs: "同時に動かすコンパイラーの数",
  llamaServer: "ビルドせず、この llama-server を使います (GPT_OSS_LLAMA_SERVER)",
  dryRun: "実行するコマンドとダウンロードをすべて表示するだけで、何もしません",
  platform: "--dry-run と一緒に使い、別のマシン用の計画を表示します。例: darwin-arm64",
  list: "インストールされているものを表示します",
  remove: "--list に表示されるビルドまたはモデルを削除します",
  yes: "すべての質問に「はい」と答えます",
};

const serve: HelpText["serve"] = {
  description: "ほかのプログラム用のサーバーを、Ctrl-C を押すまでフォアグラウンドで動かします",
  model: "gpt-oss-20b、gpt-oss-120b、demo、セットアップしたモデル、または .gguf ファイル (GPT_OSS_MODEL)",
  context: "1 つの会話のトークン数。省略するとメモリーの量で決まります (GPT_OSS_CONTEXT)",
  parallel: "同時に扱う会話の数。どの会話もコンテキスト全体を使えます",
  port: "省略すると空いているポート (GPT_OSS_PORT)",
  host: "ループバックではなく、このアドレスで待ち受けます。キーが必要です",
  apiKey: "クライアントが送るキー。省略するとランダムに作ります",
  corsOrigin: "このオリジンのページがブラウザーから呼び出せるようにします",
  logPrompts: "クライアントが送った内容も記録します。省略するとプロンプトは記録しません",
  raw: "生の harmony テキストで回答する llama-server を、そのまま公開します",
  rpc: "レイヤーをこれらの rpc-server に分担させます (GPT_OSS_RPC)",
  llamaServer: "この llama-server を使います (GPT_OSS_LLAMA_SERVER)",
  detach: "serve stop で止めるまで、バックグラウンドで動かします",
  status: {
    description: "動いているサーバーと、使っているプログラムを表示します",
    json: "JSON で出力します",
  },
  stop: { description: "サーバーをすべて停止します" },
  logs: { description: "サーバーのログを表示します", follow: "Ctrl-C を押すまで表示を続けます" },
};

const launch: HelpText["launch"] = {
  description: "コーディングエージェント (codex、claude、opencode) を、このマシンのモデルで動かします",
  model: "gpt-oss-20b、gpt-oss-120b、demo、セットアップしたモデル、または .gguf ファイル (GPT_OSS_MODEL)",
  context: "1 つの会話のトークン数。省略すると、クライアントの必要量とメモリーの量で決まります (GPT_OSS_CONTEXT)",
  rpc: "レイヤーをこれらの rpc-server に分担させます (GPT_OSS_RPC)",
  llamaServer: "この llama-server を使います (GPT_OSS_LLAMA_SERVER)",
  print: "何も起動せず、動いているサーバーの設定を表示します",
};

const doctor: HelpText["doctor"] = {
  description: "環境を調べ、問題とそれを直すコマンドを表示します",
  json: "JSON で出力します",
  report: "インストール済みのモデルに決まった質問をし、結果を Markdown で書き出します",
  model: "--report で使うモデル (GPT_OSS_MODEL)",
  llamaServer: "この llama-server を使います (GPT_OSS_LLAMA_SERVER)",
};

const sessions: HelpText["sessions"] = {
  description: "これまでの会話を一覧・閲覧・検索・移行します",
  json: "JSON で出力します",
  list: { description: "すべての会話を、最近使った順に表示します: ID、日付、やり取りの回数、モデル、タイトル" },
  show: { description: "会話の内容を表示します" },
  search: { description: "指定した言葉を含むメッセージを検索します。大文字と小文字、全角と半角は区別しません" },
  rename: { description: "会話のタイトルを変更します" },
  export: {
    description: "会話を、読むための Markdown か HTML、または別の場所で取り込める JSON で書き出します",
    format: "書き出す形式",
    output: "標準出力ではなく、新しいファイルに書き出します",
    json: "--format json と同じです",
  },
  toCases: { description: "会話のメッセージごとに、実験用のテストケースを JSON Lines で出力します" },
  import: { description: "JSON で書き出した会話を取り込みます。- は標準入力から読みます" },
  delete: { description: "会話を完全に削除します", yes: "確認せずに削除します" },
};

export const help: HelpText = {
  model,
  chat,
  ask,
  config,
  experiment,
  program,
  completion,
  values,
  setup,
  serve,
  launch,
  doctor,
  sessions,
  layout,
  errors,
};
