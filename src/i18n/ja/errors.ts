import type {
  asking as english,
  experiment as englishExperiment,
  schemaReasons as englishReasons,
  schemas as englishSchemas,
} from "../en/errors.ts";
import type { Translation, TranslatedReasons } from "../language.ts";
import { files, sessions, tools } from "./errors-files.ts";
import { reasons as reasonsElsewhere, setupReasons } from "./errors-reasons.ts";
import { server } from "./errors-server.ts";
import { download, setup } from "./errors-setup.ts";

export const asking: Translation<typeof english> = {
  noQuestion: () => ({
    message: "質問がありません。",
    hint: 'gpt-oss ask "…" のように指定するか、… | gpt-oss ask のようにパイプで渡してください。',
  }),
  twoOutputs: () => ({ message: "--json と --jsonl は同時に指定できません。" }),
  variableForm: (given) => ({ message: `--var に ${given} は指定できません。NAME=VALUE の形で指定してください。` }),
  noJson: (origin, problem) => ({ message: `${origin} は正しい JSON ではありません: ${problem}` }),
  noJsonSchema: (origin) => ({ message: `${origin} は JSON スキーマではありません。オブジェクトを指定してください。` }),
  promptWants: (prompt, names, first) => ({
    message: `プロンプト ${prompt} には次の値が必要です: ${names}`,
    hint: `--var ${first}=… で指定してください。`,
  }),
  promptLacksVariable: (prompt, variable, known) => ({
    message: `プロンプト ${prompt} に変数 ${variable} はありません。`,
    hint: `使える変数: ${known || "なし"}`,
  }),
  unknownPrompt: (name, names) => ({
    message: `プロンプト「${name}」はありません。`,
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
    message: `--memory に ${given} は指定できません。指定できる値: ${allowed}`,
  }),
  resumeProblem: () => ({
    message: "このサーバーはチャットテンプレートが異なるため、回答の続きを生成できません。",
    hint: "gpt-oss が起動するサーバーを使うか、/retry で再質問してください。",
  }),
  badSetting: (origin, given, reason) => ({
    message: `${origin} に ${given} は指定できません: ${reason}`,
  }),
  badSettings: (path, reason) => ({ message: `設定ファイル ${path} は使えません: ${reason}` }),
  unknownSetting: (path, line, name, nearest, names) => ({
    message: `設定ファイル ${path} は使えません: ${line} 行目: 設定「${name}」はありません。`,
    hint: `${nearest} のことですか？ 使える設定: ${names}`,
  }),
  noAttachment: (path) => ({
    message: `ファイルが見つかりません: ${path}`,
    hint: "@ をそのまま書くには \\@ と入力してください。",
  }),
  noTerminalToAsk: (question) => ({
    message: `端末がないため、確認できません: ${question}`,
    hint: "確認を省くには --yes を付けてください。",
  }),
  unreadableDocuments: (path) => ({ message: `${path} が見つからないか、読み取れません。` }),
  noTextFile: (path) => ({ message: `${path} はテキストファイルではありません。` }),
  noTextFiles: (path) => ({ message: `フォルダー ${path} にテキストファイルがありません。` }),
  unusablePath: (path, reason) => ({
    message: `${path} にアクセスできません (${reason})。`,
    hint: "所有者と空き容量を確認してください。別のフォルダーは GPT_OSS_CACHE、GPT_OSS_DATA、HF_HOME で指定できます。",
  }),
  noHome: (uid) => ({
    message: `ユーザー (ID ${uid}) にホームフォルダーがありません。`,
    hint: "書き込めるフォルダーを HOME に設定してください。",
  }),
  packageNotInstalled: (file) => ({
    message: `このバンドルには langchain-gpt-oss のコードはありますが、ファイル ${file} が含まれていません。`,
    hint: "バンドルと同じ場所に langchain-gpt-oss をインストールするか、起動中のサーバーを baseUrl で指定してください。",
  }),
  lockTakenOver: (what, pid) => ({
    message: `一時停止中に別のプロセスが引き継ぎました: ${what} (プロセス ${pid})`,
    hint: "そのプロセスが終わってから、もう一度実行してください。",
  }),
  interrupted: (what) => ({ message: `中断しました: ${what}` }),
};

export const experiment: Translation<typeof englishExperiment> = {
  badExperiment: (path, reason) => ({ message: `実験 ${path} は使えません: ${reason}` }),
  badCases: (path, reason) => ({ message: `${path} のケースは使えません: ${reason}` }),
  badLabels: (path, reason) => ({ message: `${path} のラベルは使えません: ${reason}` }),
  noExperimentFile: (path) => ({
    message: `ファイルが見つかりません: ${path}`,
    hint: "パスを確かめてください。",
  }),
  unknownExperiment: (name, names) => ({
    message: `実験「${name}」はありません。`,
    hint: `${names} のどれか、または .yaml ファイルのパスを指定してください。`,
  }),
  untrustedProgram: (path) => ({
    message: `この実験はスクリプト ${path} を使います。`,
    hint: "内容を読んで信頼できるなら、--allow-javascript を付けてください。",
  }),
  noLlamaServer: (url) => ({
    message: `サーバー ${url} の応答は llama-server のものではありません。`,
    hint: "実験には llama-server が必要です。",
  }),
  nothingSelected: (only, variants, cases) => ({
    message: `${only} に当てはまるものがありません。`,
    hint: `バリアント: ${variants}。ケース: ${cases}。`,
  }),
  badExperimentName: (name) => ({
    message: `実験の名前「${name}」は使えません。`,
    hint: "文字、数字、ドット、ハイフン、アンダースコアを使ってください。",
  }),
  experimentExists: (path) => ({
    message: `ファイル ${path} はすでにあります。`,
    hint: "別の名前を指定するか、ファイルを削除してください。",
  }),
  badPromptfooConfig: (path, why) => ({
    message: `${path} は promptfoo の設定ファイルとして読み込めません: ${why}`,
    hint: "prompts を含む promptfooconfig.yaml を指定してください。",
  }),
  nothingFailed: (name) => ({
    message: `${name} の最新の実行で失敗したテストケースがないか、まだ実行がありません。`,
    hint: "--only failed を付けずに実行してください。",
  }),
  badBaselineFile: (path, why) => ({
    message: `${path} の結果を読み込めません: ${why}`,
    hint: "--format json で書き出したファイル、または実行の results.json を指定してください。",
  }),
  badSelection: (text, kinds) => ({
    message: `--only ${text} を解釈できません。`,
    hint: `failed、または KIND=VALUE の形で書いてください (KIND は ${kinds})。例: --only variant=short、--only 'case=a*'`,
  }),
  badRequirement: (text) => ({
    message: `--require ${text} を解釈できません。`,
    hint: "--require 'score>=0.8'、--require 'errors<=0'、--require 'no_regression=0.05' のように書いてください。",
  }),
  badMeasure: (text, reason) => ({ message: `--require ${text} は使えません: ${reason}` }),
  checksInCode: (name) => ({
    message: `実験 ${name} はコードで書かれているため、チェックがファイルにありません。`,
    hint: "コードでもう一度実行してください。保存済みの回答は再利用します。",
  }),
  nothingInCommon: (before, after, variantsBefore, variantsAfter) => ({
    message: `実行 ${before} と ${after} に共通のバリアントがありません。`,
    hint: `バリアント: ${variantsBefore} と ${variantsAfter}`,
  }),
  sameRun: (before, after) => ({
    message: `${before} と ${after} は同じ実行です。`,
    hint: "NAME~1 と NAME のように 2 つ指定してください。一覧は gpt-oss experiment list で表示できます。",
  }),
  unknownVariant: (variant, names) => ({
    message: `バリアント「${variant}」はありません。`,
    hint: `基準と比較できるバリアント: ${names}`,
  }),
  damagedRun: (path, why) => ({
    message: `${path} の実行を読み込めません: ${why}`,
    hint: "このフォルダーを削除または移動してから、実験をもう一度実行してください。回答は cells.jsonl に保存されているため、再質問しません。",
  }),
  unknownRun: (name, folder, names) => ({
    message: `${folder} に実行「${name}」はありません。`,
    hint: `${names} のどれかを指定してください。`,
  }),
  noRuns: (name, folder, experiments) => ({
    message: `${folder} に実行「${name}」はありません。`,
    hint: `そこに実行がある実験: ${experiments || "まだありません"}`,
  }),
  runsNotKept: (folder, reason) => ({
    message: `実験の結果を ${folder} に保存できません: ${reason}`,
    hint: "--out で別のフォルダーを指定してください。得られた回答は保存されています。",
  }),
  severalModels: () => ({
    message: "この実験には複数のモデルがありますが、既存のサーバーには 1 つしかありません。",
    hint: "--model でサーバーのモデルを指定するか、--base-url の指定をやめてください。",
  }),
};

export const schemas: Translation<typeof englishSchemas> = {
  unusableSchema: (subject, pointer, reason) => ({
    message: `${subject}は使えません。${pointer} で、${reason}。`,
    hint: "スキーマを修正してください。モデルはまだ呼び出されていません。",
  }),
  outputCutByMaxTokens: () => ({
    message: "JSON が完成する前に、回答が max_tokens の上限で打ち切られました。",
    hint: "maxTokens で上限を増やしてください。",
  }),
  outputCutByContext: () => ({
    message: "回答の JSON が完成する前に、コンテキストがいっぱいになりました。",
    hint: "会話を短くするか、より大きな --context でサーバーを起動してください。",
  }),
};

export const schemaReasons: TranslatedReasons<typeof englishReasons> = {
  answerSchema: () => "回答のスキーマ",
  toolSchema: (tool) => `ツール「${tool}」のスキーマ`,
  checkSchema: () => "json チェックのスキーマ",
  schemaEmptyList: (keyword) => `「${keyword}」が空のリストです`,
  schemaWrongValue: (keyword) => `「${keyword}」の値が JSON Schema で許されていません`,
  schemaBadPattern: (keyword, pattern) => `「${keyword}」が正規表現ではありません (${pattern})`,
  schemaDangling: (keyword, target) => `「${keyword}」の参照先 ${target} がありません`,
  schemaCycle: (target) => `「$ref」の参照先 ${target} が自分自身に戻り、終わりがありません`,
  schemaNothing: (one, other) => `「${one}」と「${other}」を同時に満たす値がありません`,
  schemaImpossible: (keyword) => `「${keyword}」を満たす値がありません`,
  schemaUnsupported: (keyword) => `「${keyword}」には対応していません`,
  schemaNotSchema: () => "スキーマがオブジェクト、true、false のいずれでもありません",
  schemaNoObject: () => "「type」がオブジェクトを許していません",
  schemaTooLarge: () => "スキーマが大きすぎます",
};

export const errors = {
  ...asking,
  ...download,
  ...experiment,
  ...files,
  ...schemas,
  ...server,
  ...sessions,
  ...setup,
  ...tools,
};

export const reasons = { ...reasonsElsewhere, ...schemaReasons, ...setupReasons };
