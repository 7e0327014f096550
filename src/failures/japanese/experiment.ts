import type { Translation } from "../catalogue.ts";
import type { experiment as english } from "../english/experiment.ts";

export const experiment: Translation<typeof english> = {
  badExperiment: (path, reason) => ({ message: `実験 ${path} は使えません: ${reason}` }),
  badCases: (path, reason) => ({ message: `${path} のケースは使えません: ${reason}` }),
  badLabels: (path, reason) => ({ message: `${path} のラベルは使えません: ${reason}` }),
  noExperimentFile: (path) => ({
    message: `${path} というファイルはありません。`,
    hint: "パスを確かめてください。",
  }),
  unknownExperiment: (name, names) => ({
    message: `${name} という実験はありません。`,
    hint: `${names} のどれか、または .yaml ファイルのパスを指定してください。`,
  }),
  untrustedProgram: (path) => ({
    message: `この実験はプログラム ${path} を実行しようとしています。`,
    hint: "内容を読んで信頼できるなら、--allow-javascript を付けてください。",
  }),
  noLlamaServer: (url) => ({
    message: `サーバー ${url} の応答は llama-server のものではありません。`,
    hint: "実験には llama-server が必要です。",
  }),
  nothingSelected: (only, variants, cases) => ({
    message: `${only} では、実行するものが残りません。`,
    hint: `バリアント: ${variants}。ケース: ${cases}。`,
  }),
  badSelection: (text, kinds) => ({
    message: `--only ${text} を解釈できません。`,
    hint: `KIND=VALUE の形で書いてください (KIND は ${kinds})。例: --only variant=short、--only 'case=a*'`,
  }),
  badRequirement: (text) => ({
    message: `--require ${text} を解釈できません。`,
    hint: "--require 'score>=0.8'、--require 'errors<=0'、--require 'no_regression=0.05' のように書いてください。",
  }),
  badMeasure: (text, reason) => ({ message: `--require ${text} は使えません: ${reason}` }),
  checksInCode: (name) => ({
    message: `実験 ${name} はコードで書かれているため、チェックがファイルにありません。`,
    hint: "コードでもう一度実行してください。回答済みのものは聞き直しません。",
  }),
  nothingInCommon: (before, after, armsBefore, armsAfter) => ({
    message: `実行 ${before} と ${after} に共通のアームがありません。`,
    hint: `アーム: ${armsBefore} と ${armsAfter}`,
  }),
  sameRun: (before, after) => ({
    message: `${before} と ${after} は同じ実行です。`,
    hint: "NAME~1 と NAME のように 2 つ指定してください。一覧は gpt-oss experiment list で表示します。",
  }),
  unknownArm: (arm, names) => ({
    message: `ほかと比べられるアーム ${arm} はありません。`,
    hint: `${names} のどれかを指定してください。`,
  }),
  damagedRun: (path, why) => ({
    message: `${path} の実行を読み込めません: ${why}`,
    hint: "このフォルダーを削除または移動してから、実験をもう一度実行してください。回答は cells.jsonl に保存されているため、再質問しません。",
  }),
  unknownRun: (name, folder, names) => ({
    message: `${folder} に ${name} という実行はありません。`,
    hint: `${names} のどれかを指定してください。`,
  }),
  noRuns: (name, folder, experiments) => ({
    message: `${folder} に ${name} という実行はありません。`,
    hint: `そこに実行がある実験: ${experiments || "まだありません"}`,
  }),
  runsNotKept: (folder, reason) => ({
    message: `実験の結果を ${folder} に保存できません: ${reason}`,
    hint: "--out で別のフォルダーを指定してください。得られた回答は保存されています。",
  }),
  severalModels: () => ({
    message: "この実験には複数のモデルがありますが、既存のサーバーには 1 つしかありません。",
    hint: "--model でサーバーのモデルを指定するか、--base-url を外してください。",
  }),
};
