import type { Translation } from "../catalogue.ts";
import type { sessions as english } from "../english/sessions.ts";

export const sessions: Translation<typeof english> = {
  severalSessionsNamed: () => ({
    message: "--continue、--resume、--fork は、どれも会話を指定するため、1 つしか使えません。",
  }),
  noSessionToContinue: () => ({
    message: "続ける会話がまだありません。",
    hint: "次のコマンドで始められます: gpt-oss chat",
  }),
  noSessionToResume: () => ({
    message: "再開できる会話がまだありません。",
    hint: "次のコマンドで始められます: gpt-oss chat",
  }),
  noTerminalToPick: () => ({
    message: "会話を選ぶための端末がありません。",
    hint: "gpt-oss chat --resume ID または TITLE で指定してください (一覧: gpt-oss sessions list)。",
  }),
  unknownSession: (reference) => ({
    message: `${reference} という会話はありません。`,
    hint: "gpt-oss sessions list で一覧を表示します。",
  }),
  severalSessions: (reference, count, ids) => ({
    message: `${reference} に当てはまる会話が ${count} 件あります。`,
    hint: `ID で指定してください: ${ids}`,
  }),
  nothingToSearch: () => ({ message: "検索する言葉がありません。" }),
  emptyTitle: () => ({ message: "新しいタイトルが空です。" }),
  noExportedSession: (origin, reason) => ({
    message: `${origin} は書き出された会話ではありません: ${reason}`,
    hint: "次のコマンドで書き出せます: gpt-oss sessions export ID --format json",
  }),
  sessionOpenElsewhere: (id, pid) => ({
    message: `会話 ${id} は別のプロセス (pid ${pid}) で開かれています。`,
    hint: `そのプロセスを終了するか、写しで続けてください: gpt-oss chat --fork ${id}`,
  }),
  unknownExportFormat: (ending, known) => ({
    message: `${ending} の形式では書き出せません。`,
    hint: `ファイル名の末尾を次のどれかにしてください: ${known}`,
  }),
  sessionInUse: (id, pid) => ({
    message: `セッション ${id} は別のプロセス (pid ${pid}) で開かれています。`,
    hint: "そのチャットを先に終了してください。",
  }),
  sessionTakenOver: (id) => ({
    message: `会話 ${id} は、別のプロセスに引き継がれました。`,
    hint: `写しで続けられます: gpt-oss chat --fork ${id}`,
  }),
  diskFullForSessions: (path) => ({
    message: `ディスクがいっぱいのため、${path} にこれ以上保存できません。`,
    hint: "空きを作るか、保存せずに会話してください: gpt-oss chat --no-save",
  }),
  unusableStorage: (path, reason) => ({
    message: `${path} を使えません: ${reason}`,
    hint: "GPT_OSS_DATA で別のフォルダーを指定するか、保存せずに会話してください: gpt-oss chat --no-save",
  }),
  conversationFull: (size) => ({
    message: `会話がいっぱいです。使える ${size} トークンを超えています。`,
    hint: "新しい会話を始めるか、--memory summary で古い部分を要約させてください。",
  }),
  messageTooLong: (tokens, size, context, room) => ({
    message: `このメッセージは前後を含めて ${tokens} トークンですが、入るのは ${size} トークンまでです (サーバーのコンテキスト ${context} から回答用の ${room} を引いた数)。`,
    hint: "一部だけを送るか、--cut-long で中ほどを省くか、--context を大きくして起動してください。",
  }),
};
