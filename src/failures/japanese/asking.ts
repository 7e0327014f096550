import type { Translation } from "../catalogue.ts";
import type { asking as english } from "../english/asking.ts";

export const asking: Translation<typeof english> = {
  noQuestion: () => ({
    message: "質問がありません。",
    hint: 'gpt-oss ask "…" のように指定するか、… | gpt-oss ask のようにパイプで渡してください。',
  }),
  twoOutputs: () => ({ message: "--json と --jsonl は同時に指定できません。" }),
  variableForm: (given) => ({ message: `--var に ${given} は指定できません。NAME=VALUE の形にしてください。` }),
  noJson: (origin, problem) => ({ message: `${origin} は JSON ではありません: ${problem}` }),
  noJsonSchema: (origin) => ({ message: `${origin} は JSON スキーマではありません。オブジェクトにしてください。` }),
  promptWants: (prompt, names, first) => ({
    message: `プロンプト ${prompt} には次の値が必要です: ${names}`,
    hint: `--var ${first}=… で指定してください。`,
  }),
  promptLacksVariable: (prompt, variable, known) => ({
    message: `プロンプト ${prompt} に変数 ${variable} はありません。`,
    hint: `使える変数: ${known || "なし"}`,
  }),
  unknownPrompt: (name, names) => ({
    message: `${name} というプロンプトはありません。`,
    hint: `${names} のどれか、または Markdown ファイルのパスを指定してください。`,
  }),
  badPrompt: (path, reason) => ({ message: `プロンプト ${path} は使えません: ${reason}` }),
  answerCutInJson: () => ({
    message: "JSON が完成する前に回答が途切れました。",
    hint: "--max-tokens でトークン数を増やしてください。",
  }),
  answerNotJson: () => ({
    message: "回答が JSON ではありません。",
    hint: "もう一度質問するか、response_format に対応したサーバーを使ってください。",
  }),
  answerAgainstSchema: (problem) => ({
    message: `回答がスキーマに合っていません: ${problem}`,
    hint: "もう一度質問するか、response_format に対応したサーバーを使ってください。",
  }),
  badMemoryStrategy: (given, allowed) => ({
    message: `--memory に ${given} は指定できません。指定できるもの: ${allowed}`,
  }),
  cannotContinue: () => ({
    message: "このサーバーはチャットテンプレートが異なるため、回答の続きを生成できません。",
    hint: "gpt-oss が起動するサーバーを使うか、/retry でもう一度聞いてください。",
  }),
  badSetting: (origin, given, reason) => ({
    message: `${origin} に ${given} は指定できません: ${reason}`,
    hint: "指定できる値は gpt-oss --help で確認できます。",
  }),
  badSettings: (path, reason) => ({ message: `設定ファイル ${path} は使えません: ${reason}` }),
  unknownSetting: (path, line, name, nearest, names) => ({
    message: `設定ファイル ${path} は使えません: ${line} 行目: ${name} という設定はありません。`,
    hint: `${nearest} のことですか？ 使える設定: ${names}`,
  }),
  noAttachment: (path) => ({
    message: `${path} というファイルはありません。@ をそのまま書くには、前に \\ を付けてください。`,
  }),
  noTerminalToAsk: (question) => ({
    message: `${question} 質問に答える端末がありません。`,
    hint: "--yes を付けると、すべて「はい」と答えます。",
  }),
  unreadableDocuments: (path) => ({ message: `読めるファイルまたはフォルダー ${path} がありません。` }),
  noTextFile: (path) => ({ message: `${path} はテキストファイルではありません。` }),
  noTextFiles: (path) => ({ message: `フォルダー ${path} にテキストファイルがありません。` }),
  unusablePath: (path, reason) => ({
    message: `${path} を使えません (${reason})。`,
    hint: "所有者と空き容量を確認してください。別のフォルダーは GPT_OSS_CACHE、GPT_OSS_DATA、HF_HOME で指定できます。",
  }),
  noHome: (uid) => ({
    message: `uid ${uid} のアカウントにはホームフォルダーがありません。`,
    hint: "書き込めるフォルダーを HOME に設定してください。",
  }),
  lockTakenOver: (what, pid) => ({
    message: `停止している間に別のプロセスが引き継ぎました: ${what} (プロセス ${pid})`,
    hint: "そのプロセスが終わってから、もう一度実行してください。",
  }),
  interrupted: (what) => ({ message: `中断しました: ${what}` }),
};
