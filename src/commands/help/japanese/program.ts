import type * as english from "../english/program.ts";

export const program: typeof english.program = {
  description: "OpenAI のオープンウェイトモデル gpt-oss を自分のマシンで動かします。",
  version: "バージョンを表示します",
  helpOption: "ヘルプを表示します",
  helpCommand: "コマンドのヘルプを表示します",
  dashHint: '「-」で始まる質問は、前に -- を付けてください: gpt-oss ask -- "-5 + 3?"',
  seeHelp: "(gpt-oss --help でコマンドとオプションの一覧を表示します)",
};

export const completion: typeof english.completion = {
  description: "zsh、bash、fish の補完スクリプトを出力します",
  ownDescription: "シェルの補完スクリプトを出力します",
  shell: "シェルの種類",
};

export const values: typeof english.values = {
  margin: "0 から 1 までの数を指定してください。",
  positiveNumber: "1 以上の整数を指定してください。",
};
