import type { experiment as english } from "../english/experiment.ts";

export const experiment: typeof english = {
  description: "プロンプトの実験を行い、結果を調べます",
  runArgument: "NAME (最新の実行)、NAME~1 (その 1 つ前)、NAME/RUN、または実行のフォルダー",
  format: "標準出力に書く形式",
  out: "すべての実行を置くフォルダー",
  allowJavascript: "実験のチェックが指定するモジュールの実行を許可します",
  run: {
    description: "実験を、名前または YAML ファイルのパスで指定して実行します。もう一度実行すると続きから始まります",
    limit: "先頭からこの数のケースだけを実行します",
    only: "指定したバリアント、ケース、推論の強さ、モデル、温度だけを実行します。何度でも指定できます",
    repeats: "セルごとに質問する回数",
    exact: "スロットを 1 つにし、キャッシュを使いません。同じシードなら同じ回答になります",
    dryRun: "質問の計画を表示するだけで、質問しません",
    fresh: "保存済みの回答を使わず、すべて質問し直します",
    model: "実験で指定されたモデルの代わりに使います",
    baseUrl: "llama-server を起動せず、このアドレスのものを使います (OPENAI_BASE_URL)",
    llamaServer: "このプログラムを llama-server として使います (GPT_OSS_LLAMA_SERVER)",
    slots: "同時に質問するセルの数",
    require: "満たさなければ終了コード 1 で終了します。例: 'score>=0.8'、'no_regression=0.05'。何度でも指定できます",
    noRegression:
      "基準よりスコアの低いバリアントがあるとき、またはケースが少なすぎて判断できないときに、終了コード 1 で終了します。=0.05 を付けると、それより大きなスコアの低下がないと確かめられないときに、終了コード 1 で終了します",
  },
  report: { description: "実行の結果を、指定した形式で表示します" },
  rescore: { description: "実験の現在のチェックで、すでにある回答を採点し直します" },
  compare: { description: "2 つの実行をケースごとに比べ、後の実行で何が変わったかを表示します" },
  diff: {
    description: "回答を基準の回答と並べ、変わった部分に印を付けて表示します",
    arm: "このアームだけを表示します",
    all: "回答が異なるケースだけでなく、すべてのケースを表示します",
  },
  list: { description: "実行できる実験と、これまでの実行を表示します" },
  schema: { description: "実験の YAML ファイルの JSON スキーマを、エディター用に出力します" },
};
