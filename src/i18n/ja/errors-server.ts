import type { Translation } from "../language.ts";
import type { server as english } from "../en/errors-server.ts";

export const server: Translation<typeof english> = {
  noServer: () => ({
    message: "llama-server がまだありません。",
    hint: "次のコマンドでビルドできます: npx gpt-oss setup --model demo",
  }),
  noRpcServer: () => ({
    message: "rpc-server を使える llama-server がまだありません。",
    hint: "次のコマンドでビルドできます: npx gpt-oss setup --model demo --with-rpc",
  }),
  notStarted: (program, model, reason) => ({
    message: `${model} のために ${program} を起動できませんでした: ${reason}`,
    hint: "npx gpt-oss setup を実行するか、--llama-server PATH で別のサーバーを指定してください。",
  }),
  notLoaded: (model, reason, logFile) => ({
    message: `llama-server が ${model} を読み込めませんでした: ${reason}`,
    hint: `ログ: ${logFile}`,
  }),
  endedAgain: (model, times, reason, logFile) => ({
    message: `${model} の llama-server が ${times} 回続けて終了しました: ${reason}`,
    hint: `ログ: ${logFile}`,
  }),
  unusableRuntimeFolder: (folder, reason) => ({
    message: `${folder} にサーバーのソケットを作成できません: ${reason}`,
    hint: "自分だけが書き込めるフォルダーを GPT_OSS_RUNTIME で指定してください。",
  }),
  noMemoryLeft: (model, size, others) => ({
    message: `${model} には約 ${size} のメモリーが必要ですが、使用中のサーバーがあるため足りません: ${others}`,
    hint: "使っているプログラムを終了させるか、次のコマンドで止めてください: npx gpt-oss serve stop",
  }),
  otherVersionInUse: (version, leases, pid) => ({
    message: `gpt-oss ${version} のサーバーが使用中です (${leases} 個のプログラム、スーパーバイザー ${pid})。このバージョンとは共有できません。`,
    hint: "使っているプログラムを終了するか、そのバージョンの gpt-oss serve stop で止めてください。",
  }),
  noSupervisor: (reason, logFile) => ({
    message: `llama-server のスーパーバイザーが起動しませんでした: ${reason}`,
    hint: `ログ: ${logFile}`,
  }),
  silentSupervisor: (socket) => ({
    message: `llama-server のスーパーバイザー (${socket}) が応答しません。`,
    hint: "一時停止しているか、過負荷の可能性があります。終了させると、次のコマンドが新しく起動します。",
  }),
  serverGivenUp: () => ({ message: "サーバーの使用を終了しました。新しく起動してください。" }),
  serverUnused: () => ({ message: "使われていないため、サーバーを停止しました。" }),
  notBroughtBack: (reason) => ({ message: `サーバーを再起動できません: ${reason}` }),
  serverError: (reason) => ({ message: reason }),
  noProbeAnswer: (reason, logFile) => ({
    message: `サーバーは起動しましたが、応答しませんでした: ${reason}`,
    hint: `ログ: ${logFile}`,
  }),
  noServerLog: () => ({
    message: "サーバーのログはまだありません。",
    hint: "次のコマンドで起動できます: npx gpt-oss serve",
  }),
  hostWantsKey: (host) => ({
    message: `--host ${host} は他のマシンからの接続を許すため、API キーが必要です。`,
    hint: "GPT_OSS_API_KEY に設定してください。例: openssl rand -hex 24 の出力",
  }),
  badApiKey: () => ({
    message: "API キーに使えるのは ASCII の文字だけです。コンマと、前後の空白は使えません。",
    hint: "次のコマンドで作れます: openssl rand -hex 24",
  }),
  portTaken: (host, port) => ({
    message: `${host} のポート ${port} は使用中です。`,
    hint: "--port で別のポートを指定してください。省略すると、空いているポートを使います。",
  }),
  cannotListen: (host, port, reason) => ({
    message: `${host} のポート ${port} で待ち受けできません: ${reason}`,
    hint: "--host と --port で別のアドレスを指定してください。",
  }),
  gatewayEnded: (logFile) => ({
    message: "サーバーは準備ができる前に終了しました。",
    hint: `ログ: ${logFile}`,
  }),
  notWithRaw: (flag) => ({
    message: `${flag} は --raw と一緒には使えません。`,
    hint: "どちらか一方を外してください。",
  }),
  unknownClient: (name, names) => ({
    message: `クライアント「${name}」はありません。`,
    hint: `次のいずれかを指定してください: ${names}`,
  }),
  clientMissing: (title, npmPackage) => ({
    message: `${title} がインストールされていません。`,
    hint: `次のコマンドでインストールできます: npm install --global ${npmPackage}`,
  }),
  clientNotStarted: (program, reason) => ({
    message: `${program} を起動できませんでした: ${reason}`,
    hint: "単独で動くかどうか確かめてください。",
  }),
  contextTooSmall: (title, needed, model, context) => ({
    message: `${title} には ${needed} トークン以上のコンテキストが必要です。ここでの ${model} は ${context} トークンです。`,
    hint: "--model で別のモデルを選ぶか、--context を大きくしてください。",
  }),
  modelNotInstalled: (model) => ({
    message: `${model} はインストールされていません。`,
    hint: `次のコマンドでインストールできます: npx gpt-oss setup --model ${model}`,
  }),
  unknownModel: (name, names) => ({
    message: `モデル「${name}」はありません。`,
    hint: `${names} のどれか、または .gguf ファイルのパスを指定してください。`,
  }),
  namedFileMissing: (name, path) => ({
    message: `${name} のファイルが見つかりません: ${path}`,
    hint: `ファイルを元に戻すか、新しい場所をセットアップしてください: gpt-oss setup --model FILE --name ${name}`,
  }),
  noModelFile: (path, names) => ({
    message: `ファイルが見つかりません: ${path}`,
    hint: `パスを確かめるか、${names} のどれかを指定してください。`,
  }),
  notGguf: (path) => ({
    message: `${path} は GGUF モデルではありません。`,
    hint: "llama.cpp で読み込める .gguf ファイルを指定してください。",
  }),
  bigEndianGguf: (path) => ({
    message: `${path} はビッグエンディアン用の GGUF ファイルです。`,
    hint: "このモデルのリトルエンディアン用のファイルを使ってください。",
  }),
  otherGgufVersion: (path, version) => ({
    message: `${path} の GGUF のバージョンは ${version} です。対応しているのはバージョン 2 と 3 です。`,
    hint: "このモデルの新しいファイルを入手するか、最新の llama.cpp で変換し直してください。",
  }),
  damagedGguf: (path, what) => ({
    message: `${path} のヘッダーが壊れています: ${what}`,
    hint: "ファイルをダウンロードし直すか、コピーし直してください。",
  }),
  cutGgufHeader: (path, bytes) => ({
    message: `${path} は不完全です。${bytes} バイトまでしかなく、ヘッダーの途中で終わっています。`,
    hint: "ファイルをダウンロードし直すか、コピーし直してください。",
  }),
  cutGguf: (path, bytes, whole) => ({
    message: `${path} は不完全です。${whole} バイトのうち ${bytes} バイトしかありません。`,
    hint: "ファイルをダウンロードし直すか、コピーし直してください。",
  }),
  ggufPartMissing: (path, part, parts) => ({
    message: `モデルの ${parts} 個のファイルのうち ${part} 番目がありません: ${path}`,
    hint: "モデルのファイルをすべて同じフォルダーに置いてください。",
  }),
  notFirstGgufPart: (path, part, parts) => ({
    message: `${path} は、${parts} 個に分かれたモデルの ${part} 番目のファイルです。`,
    hint: "名前が -00001-of-XXXXX.gguf で終わる最初のファイルを指定してください。",
  }),
  unreachable: (url, reason) => ({
    message: `サーバー ${url} が応答しません${reason === "" ? "" : ` (${reason})`}。`,
    hint: "サーバーが動いているか、OPENAI_BASE_URL が正しいかを確かめてください。",
  }),
  keyRefused: (url, status, said) => ({
    message: `サーバー ${url} が API キーを拒否しました (HTTP ${status}${said === "" ? "" : `: ${said}`})。`,
    hint: "サーバーのキーを OPENAI_API_KEY に設定してください。",
  }),
  stillLoading: (url, said) => ({
    message: `サーバー ${url} はモデルを読み込み中か、混み合っています (HTTP 503${said === "" ? "" : `: ${said}`})。`,
    hint: "しばらくしてからもう一度お試しください。",
  }),
  wrongAddress: (url, said) => ({
    message: `${url} では Chat Completions API を利用できません: ${said}`,
    hint: "アドレスを確かめてください。多くのサーバーでは、http://127.0.0.1:8080/v1 のように /v1 で終わります。",
  }),
  serverFailed: (url, reason) => ({ message: `サーバー ${url} でエラーが起きました: ${reason}` }),
  brokenOff: (url) => ({ message: `${url} との接続が、回答の途中で切れました。` }),
  noAnswer: (url, reason) => ({ message: `${url} から予期しない応答がありました: ${reason}` }),
  countsOtherwise: (url) => ({ message: `サーバー ${url} は llama-server のようにトークンを数えられません。` }),
  notWantedForm: (times, problem) => ({
    message: `${times} 回試しましたが、指定した形の回答が得られませんでした: ${problem}`,
  }),
  answerStopped: (stop, problem) => ({
    message: `指定した形になる前に、停止文字列 ${JSON.stringify(stop)} で回答が終わりました: ${problem}`,
    hint: "出力に現れうる文字列を stop に指定しないでください。",
  }),
  strayToolResult: (id, name) => ({
    message: `${name === "" ? "" : `ツール「${name}」の`}結果 ${id === "" ? "(ID なし)" : `「${id}」`} に対応する呼び出しが、それより前にありません。`,
    hint: "ToolMessage は、対応する呼び出しを含むメッセージの後に、その呼び出しの ID を付けて置いてください。",
  }),
  toolChoiceNotOffered: (choice, names) => ({
    message: `tool_choice に「${choice}」が指定されていますが、そのツールは渡されていません。`,
    hint: names === "" ? "呼び出しを強制する前に、ツールを渡してください。" : `指定できるツール: ${names}`,
  }),
  fieldNotSupported: (name) => ({
    message: `ChatGptOss はフィールド「${name}」に対応していません。`,
    hint: "このフィールドを削除してください。ローカルのサーバーでは効果がありません。",
  }),
  addressMissing: () => ({
    message: "ChatGptOss にはサーバーのアドレスが必要です。",
    hint: "baseUrl に指定するか (例: http://127.0.0.1:8080/v1)、サーバーを起動する createChatModel を使ってください。",
  }),
  unknownEffort: (given, names) => ({
    message: `「${given}」は推論の深さ (effort) として指定できません。`,
    hint: `指定できる値: ${names}`,
  }),
  conversationTooLong: (tokens, context) => ({
    message:
      tokens === null || context === null
        ? "入力がサーバーのコンテキストに収まりません。"
        : `入力は ${tokens} トークンありますが、サーバーのコンテキストは ${context} トークンです。`,
    hint: "入力を短くするか、新しい会話を始めるか、--context を大きくしてサーバーを起動してください。",
  }),
};
