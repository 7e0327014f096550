import type { sessions as english } from "../english/sessions.ts";

export const sessions: typeof english = {
  description: "これまでの会話の一覧、閲覧、検索、移行を行います",
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
  import: { description: "JSON で書き出した会話を取り込みます。- は標準入力から読みます" },
  delete: { description: "会話を完全に削除します", yes: "確認せずに削除します" },
};
