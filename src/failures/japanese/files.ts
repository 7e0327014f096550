import type { Translation } from "../catalogue.ts";
import type { files as english } from "../english/files.ts";

export const files: Translation<typeof english> = {
  fileNotFound: (path) => ({ message: `ファイルが見つかりません: ${path}` }),
  fileIsFolder: (path) => ({ message: `${path} はファイルではなくフォルダーです。` }),
  fileNotRegular: (path, kind) => ({
    message: `${path} は通常のファイルではなく、${kind}です。`,
    hint: "内容をファイルに保存してから指定してください。",
  }),
  fileTooLarge: (path, size, limit) => ({ message: `${path} は大きすぎます (${size})。上限は ${limit} です。` }),
  fileNotText: (path, kind) => ({ message: `${path} はテキストファイルではなく、${kind}です。` }),
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
