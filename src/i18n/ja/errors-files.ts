import type { files as english, sessions as englishSessions, tools as englishTools } from "../en/errors-files.ts";
import type { Translation } from "../language.ts";

export const files: Translation<typeof english> = {
  fileNotFound: (path) => ({ message: `ファイルが見つかりません: ${path}` }),
  fileIsFolder: (path) => ({ message: `${path} はファイルではなくフォルダーです。` }),
  fileNotRegular: (path, kind) => ({
    message: `${path} は通常のファイルではなく、${kind}です。`,
    hint: "内容をファイルに保存してから指定してください。",
  }),
  fileTooLarge: (path, size, limit) => ({ message: `${path} は大きすぎます (${size})。上限は ${limit} です。` }),
  fileNotText: (path, kind) => ({ message: `${path} は${kind}です。読み込めるのはテキストファイルだけです。` }),
  fileNotAllowed: (path) => ({ message: `${path} を読む権限がありません。` }),
  fileUnreadable: (path, reason) => ({ message: `${path} を読めません: ${reason}` }),
  fileExists: (path) => ({ message: `${path} はすでにあります。`, hint: "別のファイル名を指定してください。" }),
  diskFullForFile: (path) => ({
    message: `ディスクに空きがないため、${path} を書き込めませんでした。`,
    hint: "空き容量を増やすか、別のディスクのフォルダーを指定してください。",
  }),
  fileNotWritten: (path, reason) => ({
    message: `${path} を書き込めません: ${reason}`,
    hint: "書き込めるフォルダーの新しいファイルを指定してください。",
  }),
  currentFolderGone: () => ({
    message: "現在のフォルダーは削除されています。",
    hint: "別のフォルダーに移動してから実行してください。",
  }),
  outputFailed: (reason) => ({ message: `書き込みエラー: ${reason}` }),
};

export const sessions: Translation<typeof englishSessions> = {
  severalSessionsNamed: () => ({
    message: "--continue、--resume、--fork は同時に指定できません。1 つだけ指定してください。",
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
    message: "端末がないため、会話を選べません。",
    hint: "gpt-oss chat --resume ID または TITLE で指定してください (一覧: gpt-oss sessions list)。",
  }),
  unknownSession: (reference) => ({
    message: `会話 ${reference} が見つかりません。`,
    hint: "gpt-oss sessions list で一覧を表示できます。",
  }),
  severalSessions: (reference, count, ids) => ({
    message: `${reference} に当てはまる会話が ${count} 件あります。`,
    hint: `ID で指定してください: ${ids}`,
  }),
  nothingToSearch: () => ({ message: "検索する言葉を指定してください。" }),
  emptyTitle: () => ({ message: "新しいタイトルが空です。タイトルを指定してください。" }),
  historyCannotUndo: () => ({
    message: "この履歴からは最後のやり取りを取り消せません。",
    hint: "SessionChatMessageHistory を使うか、履歴に undo() を実装してください。",
  }),
  noExportedSession: (origin, reason) => ({
    message: `${origin} は書き出された会話ではありません: ${reason}`,
    hint: "次のコマンドで書き出せます: gpt-oss sessions export ID --format json",
  }),
  sessionOpenElsewhere: (id, pid) => ({
    message: `会話 ${id} は別のプロセス (pid ${pid}) で開かれています。`,
    hint: `そのプロセスを終了させるか、コピーで続けてください: gpt-oss chat --fork ${id}`,
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
    hint: `コピーで続けられます: gpt-oss chat --fork ${id}`,
  }),
  diskFullForSessions: (path) => ({
    message: `ディスクの空きがないため、${path} にこれ以上保存できません。`,
    hint: "空き容量を増やすか、保存せずに会話してください: gpt-oss chat --no-save",
  }),
  unusableStorage: (path, reason) => ({
    message: `${path} にアクセスできません: ${reason}`,
    hint: "GPT_OSS_DATA で別のフォルダーを指定するか、保存せずに会話してください: gpt-oss chat --no-save",
  }),
  conversationFull: (size) => ({
    message: `会話が上限の ${size} トークンを超えました。`,
    hint: "新しい会話を始めるか、--memory summary で古い部分を要約させてください。",
  }),
  messageTooLong: (tokens, size, context, room) => ({
    message: `このメッセージは書式を含めて ${tokens} トークンありますが、送信できるのは ${size} トークンまでです (サーバーのコンテキスト ${context} から回答用の ${room} を引いた数)。`,
    hint: "一部だけを送るか、--cut-long で中ほどを省くか、--context を大きくして起動してください。",
  }),
};

export const tools: Translation<typeof englishTools> = {
  badTools: (reason) => ({
    message: reason,
    hint: "使えるツール: calculator, clock, files:PATH, read:PATH, notes, browser:PATH, python, code:PATH, command:PATH, fetch, mcp:FILE (カンマで区切ります)",
  }),
  toolNamedTwice: (tool) => ({
    message: `ツール ${tool} が 2 回指定されています。`,
    hint: "フォルダーは 1 つだけ指定してください。",
  }),
  noPython: () => ({
    message: "ここで実行できる Python 3 が見つかりません。",
    hint: "python3 をインストールし、PATH に含まれていることを確認してください。",
  }),
  noFolder: (path) => ({ message: `${path} はフォルダーではありません。` }),
  unreadableFolder: (path) => ({ message: `フォルダー ${path} が見つからないか、読み取れません。` }),
  agentStopped: (reason) => ({
    message: `エージェントを止めました: ${reason}`,
    hint: "ここまでの内容は保存されています。小さく分けて再質問するか、上限を上げてください。",
  }),
  toolNotOffered: (tool, offered) => ({
    message: `ツール「${tool}」は有効ではありません。`,
    hint: `有効なツール: ${offered}`,
  }),
  noToolOffered: (tool) => ({ message: `ツール「${tool}」は有効ではなく、ほかに有効なツールもありません。` }),
  turnTooLong: (tokens, room) => ({
    message: `この質問はツールの呼び出しを含めて ${tokens} トークンありますが、送信できるのは ${room} トークンまでです。`,
    hint: "小さく分けて質問するか、ツールを減らすか、--context を大きくして起動してください。",
  }),
  badMcpServer: (name, place, reason) => ({ message: `MCP サーバー「${name}」(${place}) は使えません: ${reason}` }),
  noMcpPackage: () => ({
    message: "MCP サーバーには、インストールされていないパッケージが必要です。",
    hint: "次のコマンドでインストールできます: npm install @langchain/mcp-adapters",
  }),
  badMcpFile: (path, reason) => ({
    message: `MCP ファイル ${path} は使えません: ${reason}`,
    hint: '次の形にしてください: {"mcpServers": {"files": {"command": "npx", "args": ["…"]}}}',
  }),
};
