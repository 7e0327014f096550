import type * as english from "../english/server.ts";

export const setup: typeof english.setup = {
  description: "このマシン用に llama.cpp をビルドし、モデルを取得して、両方が動くことを確かめます",
  model: "gpt-oss-20b、gpt-oss-120b、または demo",
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

export const serve: typeof english.serve = {
  description: "ほかのプログラム用のサーバーを、Ctrl-C を押すまでフォアグラウンドで動かします",
  model: "gpt-oss-20b、gpt-oss-120b、demo、または .gguf ファイル (GPT_OSS_MODEL)",
  context: "1 つの会話のトークン数。省略するとメモリーの量で決まります (GPT_OSS_CONTEXT)",
  parallel: "同時に扱う会話の数。どの会話もコンテキスト全体を使えます",
  port: "省略すると空いているポート (GPT_OSS_PORT)",
  host: "ループバックではなく、このアドレスで待ち受けます。キーが必要です",
  apiKey: "クライアントが送るキー。省略するとランダムに作ります",
  raw: "チャンネルに分けず、生の harmony テキストで回答します",
  rpc: "レイヤーをこれらの rpc-server に分担させます (GPT_OSS_RPC)",
  llamaServer: "この llama-server を使います (GPT_OSS_LLAMA_SERVER)",
  detach: "serve stop で止めるまで、バックグラウンドで動かします",
  status: {
    description: "動いているサーバーと、使っているプログラムを表示します",
    json: "プログラム向けの JSON で出力します",
  },
  stop: { description: "サーバーをすべて停止します" },
  logs: { description: "サーバーのログを表示します", follow: "Ctrl-C を押すまで表示を続けます" },
};

export const doctor: typeof english.doctor = {
  description: "環境を調べ、問題とそれを直すコマンドを表示します",
  json: "プログラム向けの JSON で出力します",
  report: "インストール済みのモデルに決まった質問をし、結果を Markdown で書き出します",
  model: "--report で使うモデル (GPT_OSS_MODEL)",
  llamaServer: "この llama-server を使います (GPT_OSS_LLAMA_SERVER)",
};
