import type * as english from "../english/chat.ts";

export const model: typeof english.model = {
  model: "gpt-oss-20b、gpt-oss-120b、demo、または .gguf ファイル (GPT_OSS_MODEL)",
  baseUrl: "サーバーを起動せず、このアドレスのサーバーを使います (OPENAI_BASE_URL)",
  effort: "推論の強さ (GPT_OSS_EFFORT)",
  context: "起動するサーバーのコンテキストの大きさ (GPT_OSS_CONTEXT)",
  maxTokens: "1 つの回答のトークン数の上限 (GPT_OSS_MAX_TOKENS)",
  port: "起動するサーバーのポート。省略すると空いているポート (GPT_OSS_PORT)",
  rpc: "モデルのレイヤーをこれらの rpc-server に分担させます (GPT_OSS_RPC)",
  llamaServer: "この llama-server を使います (GPT_OSS_LLAMA_SERVER)",
  lang: "画面の言語。省略するとロケールに従います (GPT_OSS_LANG)",
  plain: "Markdown を整形せずに表示します (GPT_OSS_PLAIN)",
  showThinking: "analysis チャンネルを標準エラー出力に表示します (GPT_OSS_THINK=show)",
};

export const chat: typeof english.chat = {
  description: "モデルと会話します。llama-server がなければ、最初にビルドします",
  continue: "直前の会話を続けます",
  resume: "指定した会話を再開します。省略すると一覧から選びます",
  fork: "指定した会話の写しで続けます",
  noSave: "この会話を保存しません",
  memory: "コンテキストがいっぱいになったときの扱い。省略すると summary",
  cutLong: "長すぎるメッセージを拒否せず、中ほどを省いて送ります",
  tools: "モデルに許可するツール。例: calculator,clock,files:PATH (docs/agent.md)",
};

export const ask: typeof english.ask = {
  description: "質問を 1 つだけ送ります。パイプからの入力は質問に加わり、標準出力には回答だけを書きます",
  system: "システムメッセージ",
  prompt: "prompts/ のプロンプト名、または Markdown ファイル",
  variable: "プロンプトの変数。何度でも指定できます",
  schema: "回答が従う JSON スキーマ",
  json: "JSON オブジェクトを 1 つ出力します: final、analysis、commentary、toolCalls、usage、timings など",
  jsonl: "届いた順に、1 行に 1 つの JSON オブジェクトを出力します",
  noSave: "この会話を保存しません",
};

export const config: typeof english.config = {
  description: "各設定の値と、それがどこで指定されたかを表示します",
  json: "プログラム向けの JSON で出力します",
};
