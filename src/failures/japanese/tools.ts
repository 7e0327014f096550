import type { Translation } from "../catalogue.ts";
import type { tools as english } from "../english/tools.ts";

export const tools: Translation<typeof english> = {
  badTools: (reason) => ({
    message: reason,
    hint: "使えるツール: calculator, clock, files:PATH, read:PATH, notes, command:PATH, fetch, mcp:FILE (カンマで区切ります)",
  }),
  toolNamedTwice: (tool) => ({
    message: `ツール ${tool} が 2 回指定されています。`,
    hint: "フォルダーは 1 つだけ指定してください。",
  }),
  noFolder: (path) => ({ message: `${path} はフォルダーではありません。` }),
  unreadableFolder: (path) => ({ message: `読めるフォルダー ${path} がありません。` }),
  agentStopped: (reason) => ({
    message: `エージェントを止めました: ${reason}`,
    hint: "ここまでの内容は保存されています。小さく分けて聞き直すか、上限を上げてください。",
  }),
  toolNotOffered: (tool, offered) => ({
    message: `ツール「${tool}」は有効ではありません。`,
    hint: `有効なツール: ${offered}`,
  }),
  noToolOffered: (tool) => ({ message: `ツール「${tool}」は有効ではなく、ほかに有効なツールもありません。` }),
  turnTooLong: (tokens, room) => ({
    message: `ツールの呼び出しを含めて、この質問は ${tokens} トークンになりました。使えるのは ${room} トークンまでです。`,
    hint: "小さく分けて聞くか、ツールを減らすか、--context を大きくして起動してください。",
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
