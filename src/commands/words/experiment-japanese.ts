import type { experiment as english } from "./experiment-english.ts";

/** What `gpt-oss experiment` says on standard error, in Japanese. */
export const experiment: typeof english = {
  fast: (slots) => `fast モード: ${slots} スロット、プロンプトキャッシュあり`,
  exact: "exact モード: 1 スロット、キャッシュなし",
  running: (run, models, build, how) => `${run}: モデル ${models.join("、")}、llama.cpp ${build} (${how})`,
  cells: ({ cells, arms, cases, repeats, known, todo }) =>
    `結果 ${whole(cells)} 件 (アーム ${whole(arms)} × ケース ${whole(cases)} × 繰り返し ${whole(repeats)}): 回答済み ${whole(known)} 件、質問するもの ${whole(todo)} 件`,
  sameQuestions: (repeats, fast) =>
    `温度 0 で繰り返しが ${repeats} 回のため、同じ質問を ${repeats} 回送ります。${
      fast ? "回答の違いは計算の丸め誤差によるものだけです" : "回答はすべて同じになります"
    }。repeats を 1 にするか、温度を 0 より大きくしてください。`,
  damagedLines: (lines) =>
    `cells.jsonl の壊れた ${whole(lines)} 行を読み飛ばしました。該当する質問はもう一度送ります。`,
  promptEstimate: (tokens, tokensWithoutCache) =>
    `評価するプロンプトは約 ${whole(tokens)} トークンです (順序の工夫とキャッシュがない場合は ${whole(tokensWithoutCache)})`,
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
  changedCases: (cases) => `二つの実行で内容が異なるケースを除外しました: ${cases}`,
};

function whole(number: number): string {
  return number.toLocaleString("ja-JP");
}
