import type { experiment as english, CliText } from "../en/cli.ts";

/** What `gpt-oss experiment` says on standard error, in Japanese. */
export const experiment: typeof english = {
  fast: (slots) => `fast モード: ${slots} スロット、プロンプトキャッシュあり`,
  exact: "exact モード: 1 スロット、キャッシュなし",
  running: (run, models, build, how) => `${run}: モデル ${models.join("、")}、llama.cpp ${build} (${how})`,
  cells: ({ cells, variants, cases, repeats, known, todo }) =>
    `結果 ${whole(cells)} 件 (バリアント ${whole(variants)} × ケース ${whole(cases)} × 繰り返し ${whole(repeats)}): 回答済み ${whole(known)} 件、未実行 ${whole(todo)} 件`,
  sameQuestions: (repeats, fast) =>
    `温度 0 で繰り返しが ${repeats} 回のため、同じ質問を ${repeats} 回送ります。${
      fast ? "回答の違いは計算の丸め誤差によるものだけです" : "回答はすべて同じになります"
    }。repeats を 1 にするか、温度を 0 より大きくしてください。`,
  damagedLines: (lines) => `cells.jsonl の壊れた ${whole(lines)} 行を読み飛ばしました。該当する質問は再実行します。`,
  promptEstimate: (tokens, tokensWithoutCache) =>
    `処理するプロンプトは約 ${whole(tokens)} トークンです (プロンプトキャッシュがない場合は ${whole(tokensWithoutCache)})`,
  timeUnknown: (estimate) => `${estimate}。所要時間は最初の回答のあとで分かります。`,
  timeEstimate: (estimate, generated, time) =>
    `${estimate}。生成は約 ${whole(generated)} トークン、所要時間は約 ${time}です。`,
  waiting: (pid) => `プロセス ${pid} がこの実験を実行中のため、終わるのを待っています。`,
  interruptedAtOnce: "中断しました。同じコマンドで再開できます。",
  interrupted: (pass, done, total) =>
    `中断しました (${pass === "judge" ? "判定" : "回答"} ${whole(total)} 件中 ${whole(done)} 件まで完了)。回答は保存されています。同じコマンドで再開できます。`,
  progress: (pass, done, total) => `${pass === "cell" ? "回答" : "判定"} ${whole(done)}/${whole(total)} 件`,
  failedCells: (errors) => `、失敗 ${whole(errors)} 件`,
  rate: (perSecond) => `、毎秒 ${perSecond} 件`,
  timeSpent: (time) => `、所要時間 ${time}`,
  timeLeft: (time) => `、残り ${time}`,
  timeSoFar: (time) => `、${time}経過`,
  seconds: (seconds) => `${seconds} 秒`,
  minutes: (minutes, seconds) => `${minutes} 分 ${seconds} 秒`,
  hours: (hours, minutes) => `${hours} 時間 ${minutes} 分`,

  foreignServer: (url, file) => `${file} の設定により、質問は ${url} に送信します。`,
  report: (path) => `レポート: ${path}`,
  requirementNotMet: (text, why) => `要件「${text}」を満たしていません: ${why}`,
  cellsFailed: (failed, cells, error) =>
    `${whole(cells)} 件中 ${whole(failed)} 件が失敗しました。最初のエラー: ${error}`,
  skippedRun: (path, why) => `読み飛ばしました: ${path} (${why})`,
  listedRun: (run, cells, mode, path) => `実行 ${run}: ${whole(cells)} 件、${mode} モード、${path}`,
  otherQuestions: (cases) => `次のケースは質問の内容が変わったため、以前の値で判定しました: ${cases}`,
  example: {
    variants:
      "比較するもの。ここではプロンプトを直接書いています。Markdown ファイルや、プログラム (module: agent.mjs) も指定できます。\n最初のバリアントが基準になります。",
    cases:
      "テストケース。6 ケース未満では差を示せないため、多めに用意してください。\nファイルでも指定できます: cases: cases.csv",
    settings: "effort: [low, high] のようにリストにすると、値ごとのバリアントができます。",
    repeats: "テストケースごとに質問する回数。毎回異なるシードを使います。",
    checks: "良い回答の条件。テストケースごとのチェックも指定できます。",
    requirements: "終了ステータスを 0 にする条件。no_regression や score >= 0.8 など。",
  },
  notImported: (place) => `変換できない項目: ${place}`,
  imported: (path, leftOut) =>
    `${path} を作成しました。${leftOut === 0 ? "すべて変換しました。" : `変換できない項目が ${leftOut} 件あります。`}実行するコマンド: npx gpt-oss experiment run ${path}`,
  importIncomplete: (why) => `この実験はまだ実行できません: ${why}`,
  exampleWritten: (path, name) =>
    `${path} を作成しました。実行するコマンド: npx gpt-oss experiment run ${name} --model demo`,
  changedCases: (cases) => `二つの実行で内容が異なるケースを除外しました: ${cases}`,
};

function whole(number: number): string {
  return number.toLocaleString("ja-JP");
}

/** What the commands other than the chat say, in Japanese. */
export const cli: CliText = {
  language: "ja",
  comma: "、",

  doctor: {
    platform: "環境",
    model: (name) => `モデル ${name}`,
    inUse: "使用モデル",
    servers: "サーバー",
    disk: "ディスク",
    configuration: "設定",
    memory: (bytes) => `メモリー ${bytes}`,
    machine: (system, memory) => `${system}、${memory}`,
    machineAndBackend: (machine, backend, reason) => `${machine}、${backend} を使用 (${reason})`,
    none: "なし",
    noServer: "llama-server がありません。",
    buildOne: "次のコマンドでビルドできます: npx gpt-oss setup",
    backendUnknown: "バックエンド不明",
    origins: { named: "設定で指定", built: "setup でビルド", PATH: "PATH で検出" },
    server: (version, backend, origin, path) => `${version}、${backend} (${origin}): ${path}`,
    builtForCpu: (backend) => `CPU 用にビルドされていますが、このマシンでは ${backend} が使えます。`,
    buildFor: (backend) => `次のコマンドでビルドできます: npx gpt-oss setup --gpu ${backend}`,
    soFar: (bytes) => `${bytes} まで取得済み`,
    partlyDownloaded: "ダウンロードの途中です。",
    goOn: (model) => `次のコマンドで続けられます: npx gpt-oss setup --model ${model}`,
    models: "モデル",
    ownFile: (bytes, path) => `${bytes}、手元のファイル ${path}`,
    shipped: (bytes) => `${bytes}、パッケージに付属`,
    verified: (bytes) => `${bytes}、SHA-256 確認済み`,
    notChecked: (bytes) => `${bytes}、SHA-256 未確認`,
    filesNotChecked: "ファイルがまだ検査されていません。",
    modelInUse: (model, context) => `${model}、コンテキスト ${context} トークン`,
    shape: {
      comma: "、",
      layers: (count) => `${count} 層`,
      experts: (count) => `エキスパート ${count} 個`,
      window: (tokens, layers) => `${layers} 層のウィンドウは ${tokens} トークン`,
      trainedContext: (tokens) => `学習時のコンテキスト ${tokens} トークン`,
    },
    contextLimited: (asked) => `モデルの上限です。指定は ${asked} トークンです`,
    handedOn: (names) => `環境変数: ${names}`,
    notHandedOn: (names) => `設定されていますが、llama-server には渡しません: ${names}`,
    modelByItself: (model, context) => `${model}、コンテキスト ${context} トークン (モデルとメモリー容量から自動設定)`,
    memoryOfModel: (own, file) => `メモリー: 約 ${own}、ほかにモデルファイルの ${file}`,
    layersAtSetup: (offloaded, total) => `セットアップ時は GPU に ${total} レイヤー中 ${offloaded}`,
    noneRunning: "起動していません (チャットを始めると起動します)",
    crashed: (model) => `${model} のサーバーが異常終了しました。`,
    lookAtLog: "次のコマンドでログを確かめてください: npx gpt-oss serve logs",
    free: (bytes, folder) => `空き ${bytes} (${folder})`,
    littleRoom: "ディスクの空き容量が少なくなっています。",
    seeWhatToRemove: "次のコマンドで削除できるものを確かめてください: npx gpt-oss setup --list",
    setting: (name, value, origin) => `${name} = ${value} (${origin ?? "既定値"})`,
    allDefaults: "すべて既定値",
    asking: (model) => `${model} に質問しています。大きなモデルでは数分かかります。`,
    reported: (expected, all, path) => `${all} 件中 ${expected} 件の回答が期待どおりでした。レポート: ${path}`,
  },

  serve: {
    noneRunning: "動いているサーバーはありません。",
    states: {
      loading: "読み込み中",
      ready: "稼働中",
      frozen: "シグナルで一時停止中",
      restarting: "再起動中",
      failed: "異常終了",
      stopped: "停止",
    },
    at: (url, pid) => ` ${url}、pid ${pid}`,
    slots: (slots, tokens) => `${slots} スロット (各 ${tokens} トークン)`,
    layers: (offloaded, total) => `GPU に ${total} レイヤー中 ${offloaded}`,
    usedBy: (programs, pids) => `${programs} 個のプログラムが使用中 (pid ${pids})`,
    kept: "serve stop まで常駐",
    restarted: (times) => `再起動 ${times} 回`,
    stopped: "停止しました。",
    stoppedServers: (servers) => `サーバーを ${servers} 個停止しました。`,
    loading: (model, percent) => `${model} を読み込み中: ${percent}%`,
    contextLimited: (asked, given) =>
      `--context の ${asked} トークンはモデルの上限を超えています。${given} トークンで起動します。`,
    ready: (slots, tokens, raw) =>
      `準備ができました (同時に ${slots} 個の会話、各 ${tokens} トークン、${raw ? "生の harmony テキスト" : "Chat Completions、Responses、Messages"})。次の設定で使えます:`,
    stays: "次のコマンドで止めるまで動き続けます: npx gpt-oss serve stop",
    gateway: (url, pid) => `ゲートウェイ ${url}、pid ${pid}`,
    clients: (names) => (names.length === 0 ? "クライアントなし" : `クライアント ${names.join("、")}`),
    requests: (requests, active, failed) =>
      `リクエスト ${requests} 件完了${active === 0 ? "" : `、${active} 件処理中`}${failed === 0 ? "" : `、${failed} 件失敗`}`,
    tokensPerSecond: (rate) => `毎秒 ${rate} トークン`,
    fromCache: (percent) => `プロンプトの ${percent} % はキャッシュから`,
  },

  launch: {
    firstPrompt: (client, tokens, perSecond, minutes) =>
      `${client} の最初のプロンプトは約 ${tokens} トークンです。このマシンが読む速さは毎秒 ${perSecond} トークンなので、最初の回答が始まるまで約 ${minutes} 分かかります。`,
    noServer:
      "サーバーが動いていないため、アドレスとキーは例です。次のコマンドで起動できます: npx gpt-oss serve --detach",
  },

  sessions: {
    none: "会話はまだありません。次のコマンドで始められます: gpt-oss chat",
    nothingSaid: (words) => `${words} を含むメッセージは見つかりませんでした。`,
    renamed: (id, title) => `${id} のタイトルを変更しました: ${title}`,
    written: (path) => `書き出しました: ${path}`,
    standardInput: "標準入力",
    imported: (id, title, turns) => `${id} として取り込みました: ${title} (${turns} 回のやり取り)`,
    untitled: "無題",
    deleteQuestion: (id, title) => `${id} (${title}) を完全に削除しますか？`,
    deleted: (id) => `${id} を削除しました。`,
    turns: (turns) => `${turns} 回`,
    undated: "日時なし",
    speakers: { human: "あなた", ai: "アシスタント", system: "システム", tool: "ツール" },
    interrupted: "[中断]",
    whichOne: (sessions) => `再開する会話の番号 (1〜${sessions}):`,
  },

  experiment,

  config: {
    keySet: "(設定済み)",
    order: (file) => `優先順位: フラグ、環境変数、.env、${file}`,
  },
};
